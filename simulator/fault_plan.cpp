// Draws faults and lets them happen.
#include "simulator/fault_plan.h"

namespace coppice {

namespace {

constexpr Duration length_min = std::chrono::milliseconds{50};
/// Above this TCP is silent for longer than detection takes once in a few runs.
constexpr double tcp_loss = 0.03;
constexpr std::uint64_t interior_percent = 40;

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

void FaultPlan::happen() {
    ++faults_;
    switch (options_.kinds[random_.below(options_.kinds.size())]) {
        case FaultKind::crash:
            return crash();
        case FaultKind::pause:
            return pause();
        case FaultKind::partition:
            return partition();
        case FaultKind::manager:
            return disturb_manager();
        case FaultKind::loss:
            return lose_frames();
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

}  // namespace coppice
