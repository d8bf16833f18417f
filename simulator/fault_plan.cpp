// Draws faults and lets them happen.
#include "simulator/fault_plan.h"

#include <array>

namespace coppice {

namespace {

constexpr Duration length_min = std::chrono::milliseconds{50};
/// Above this TCP is silent for longer than detection takes once in a few runs.
constexpr double tcp_loss = 0.03;
constexpr std::uint64_t interior_percent = 40;
constexpr Duration flap_min = std::chrono::seconds{1};
constexpr Duration flap_max = std::chrono::seconds{8};
constexpr Duration per_input_max = std::chrono::milliseconds{100};
constexpr Duration apply_delay_max = std::chrono::seconds{5};
/// That campaigns push.
constexpr std::array<const char*, 2> topics{"motd", "hosts"};

}  // namespace

void FaultPlan::start(Instant end) {
    if (!options_.kinds.empty()) next(end);
}

void FaultPlan::next(Instant end) {
    const Duration wait = random_.between(Duration{}, options_.gap * 2);
    if (fleet_.world().now() + wait >= end) return;
    fleet_.world().schedule().after(wait, [this, end] {
        happen();
        next(end);
    });
}

const std::map<std::string, FaultKind>& fault_names() {
    static const std::map<std::string, FaultKind> names{
        {"crash", FaultKind::crash},         {"power", FaultKind::power},
        {"pause", FaultKind::pause},         {"overload", FaultKind::overload},
        {"partition", FaultKind::partition}, {"flap", FaultKind::flap},
        {"group", FaultKind::group},         {"disk", FaultKind::disk},
        {"manager", FaultKind::manager},     {"loss", FaultKind::loss},
        {"drain", FaultKind::drain},         {"writer", FaultKind::writer}};
    return names;
}

void FaultPlan::happen() {
    ++faults_;
    switch (options_.kinds[random_.below(options_.kinds.size())]) {
        case FaultKind::crash:
            return crash();
        case FaultKind::power:
            return cut_power(pick_host());
        case FaultKind::pause:
            return pause();
        case FaultKind::overload:
            return overload();
        case FaultKind::partition:
            return partition();
        case FaultKind::flap:
            return flap();
        case FaultKind::group:
            return cut_power_of_group();
        case FaultKind::disk:
            return fill_disk();
        case FaultKind::manager:
            return disturb_manager();
        case FaultKind::loss:
            return lose_frames();
        case FaultKind::drain:
            return drain();
        case FaultKind::writer:
            return spoil_writer();
    }
}

HostIndex FaultPlan::pick_host() {
    const std::size_t count = fleet_.world().size();
    if (random_.below(100) < interior_percent) {
        std::vector<HostIndex> interior;
        for (HostIndex host = 1; host < count; ++host) {
            const Agent* agent = fleet_.agent(host);
            if (agent != nullptr && agent->view().role != Role::leaf) interior.push_back(host);
        }
        if (!interior.empty()) return interior[random_.below(interior.size())];
    }
    return 1 + random_.below(count - 1);
}

void FaultPlan::end_later(Schedule::Action action) {
    fleet_.world().schedule().after(random_.between(length_min, options_.length_max),
                                    [this, end = std::move(action)] {
                                        if (!has_given_up_) end();
                                    });
}

void FaultPlan::crash() {
    const HostIndex host = pick_host();
    if (random_.below(4) == 0)
        fleet_.stop(host);
    else
        fleet_.crash(host);
    end_later([this, host] {
        if (fleet_.world().host(host).phase() == VirtualHost::Phase::down) fleet_.start_host(host);
    });
}

void FaultPlan::pause() {
    const HostIndex host = pick_host();
    fleet_.pause(host);
    end_later([this, host] { fleet_.resume(host); });
}

void FaultPlan::cut_power(HostIndex host) {
    fleet_.power_off(host);
    end_later([this, host] {
        if (fleet_.world().host(host).phase() == VirtualHost::Phase::down)
            fleet_.power_on(host);
        else
            fleet_.plug(host);
    });
}

void FaultPlan::cut_power_of_group() {
    const HostIndex first = pick_host();
    const Labels labels = fleet_.labels(first);
    const auto group = labels.contains("rack") ? labels.find("rack") : labels.find("zone");
    for (HostIndex host = 1; host < fleet_.world().size(); ++host) {
        const Labels others = fleet_.labels(host);
        const auto other = group == labels.end() ? others.end() : others.find(group->first);
        if (host == first || (other != others.end() && other->second == group->second))
            cut_power(host);
    }
}

void FaultPlan::overload() {
    const HostIndex host = pick_host();
    fleet_.overload(host, random_.between(Duration{}, per_input_max));
    end_later([this, host] { fleet_.overload(host, Duration{}); });
}

void FaultPlan::fill_disk() {
    const HostIndex host = pick_host();
    fleet_.set_disk_full(host, true);
    end_later([this, host] { fleet_.set_disk_full(host, false); });
}

void FaultPlan::flap() {
    const Instant end =
        fleet_.world().now() + random_.between(flap_max, options_.length_max + flap_max);
    // One after the other: compilers differ in the order in which they call arguments.
    const HostIndex host = pick_host();
    const bool is_cable = random_.below(2) == 0;
    come_and_go(host, is_cable, end);
}

void FaultPlan::come_and_go(HostIndex host, bool is_cable, Instant end) {
    if (has_given_up_) return;
    const bool is_down = fleet_.world().host(host).phase() == VirtualHost::Phase::down;
    const bool is_back = is_cable ? fleet_.is_unplugged(host) : is_down;
    if (is_cable)
        is_back ? fleet_.plug(host) : fleet_.unplug(host);
    else
        is_back ? fleet_.start_host(host) : fleet_.crash(host);
    if (is_back && fleet_.world().now() >= end) return;
    fleet_.world().schedule().after(
        random_.between(flap_min, flap_max),
        [this, host, is_cable, end] { come_and_go(host, is_cable, end); });
}

void FaultPlan::partition() {
    const HostIndex host = pick_host();
    if (random_.below(2) == 0) {
        fleet_.unplug(host);
        return end_later([this, host] { fleet_.plug(host); });
    }
    const HostIndex other = random_.below(fleet_.world().size());  // may be the manager
    if (other == host) return;
    const bool is_both_ways = random_.below(2) == 0;
    fleet_.cut(host, other);
    if (is_both_ways) fleet_.cut(other, host);
    end_later([this, host, other] {
        fleet_.heal(host, other);
        fleet_.heal(other, host);
    });
}

void FaultPlan::disturb_manager() {
    const HostIndex manager = Fleet::manager_index;
    if (random_.below(3) == 0) {
        fleet_.pause(manager);
        return end_later([this] { fleet_.resume(Fleet::manager_index); });
    }
    fleet_.crash(manager);
    end_later([this] {
        if (fleet_.world().host(Fleet::manager_index).phase() == VirtualHost::Phase::down)
            fleet_.start_host(Fleet::manager_index);
    });
}

void FaultPlan::lose_frames() {
    fleet_.set_loss(tcp_loss, random_.below(2) == 0 ? 0.02 : 0);
    end_later([this] {
        const NetworkOptions& usual = fleet_.options().network;
        fleet_.set_loss(usual.loss, usual.frame_loss);
    });
}

void FaultPlan::drain() {
    const HostIndex host = pick_host();
    set_drained(host, true);
    end_later([this, host] { set_drained(host, false); });
}

void FaultPlan::set_drained(HostIndex host, bool is_drained) {
    if (is_drained) drained_.insert(host);
    fleet_.command(DrainCommand{.host = fleet_.world().host(host).name(),
                                .is_drained = is_drained,
                                .reason = "a fault plan"});
}

void FaultPlan::spoil_writer() {
    const HostIndex host = pick_host();
    VirtualHost& spoiled = fleet_.world().host(host);
    spoiled_.insert(host);
    if (random_.below(2) == 0)
        spoiled.delay_applies(random_.between(Duration{}, apply_delay_max));
    else
        spoiled.refuse(topics[random_.below(topics.size())], "its disk is full");
    end_later([this, host] { mend_writer(host); });
}

void FaultPlan::mend_writer(HostIndex host) {
    VirtualHost& mended = fleet_.world().host(host);
    mended.delay_applies({});
    for (const char* topic : topics) mended.refuse(topic, {});
}

void FaultPlan::give_up() {
    has_given_up_ = true;
    for (const HostIndex host : spoiled_) mend_writer(host);
}

void FaultPlan::lift_drains() {
    for (const HostIndex host : drained_) set_drained(host, false);
}

}  // namespace coppice
