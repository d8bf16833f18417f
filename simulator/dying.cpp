#include "simulator/dying.h"

#include <algorithm>
#include <set>

#include "simulator/measuring.h"
#include "simulator/number_text.h"

namespace coppice {

namespace {

using std::chrono::seconds;

/// A manager takes in some 40,000 hosts a second.
constexpr Duration spread_per_host = std::chrono::microseconds{25};
constexpr Duration look_period = seconds{1};
/// Longer than any death or any mending takes; whatever takes longer is reported.
constexpr int patience_intervals = 120;
/// Between the last news and the next deaths.
constexpr int calm_intervals = 5;
constexpr std::uint64_t hosts_per_death = 200;

/// Sees when the manager calls hosts lost.
class LossWatch final : public Witness {
public:
    explicit LossWatch(const Fleet& fleet) : fleet_{fleet}, lost_at_(fleet.world().size()) {}

    void on_commit(HostIndex host, std::span<const Write> writes) override {
        if (host != Fleet::manager_index) return;
        for (const Write& write : writes) {
            const auto* put = std::get_if<Put>(&write);
            const auto* record = put == nullptr ? nullptr : std::get_if<HostRecord>(&put->record);
            if (record != nullptr) take(*record);
        }
    }
    [[nodiscard]] std::optional<Instant> lost_at(HostIndex host) const { return lost_at_[host]; }
    [[nodiscard]] std::uint64_t false_lost() const { return false_lost_; }

private:
    void take(const HostRecord& record) {
        const HostIndex host = *fleet_.find(record.name);
        if (record.state != HostState::lost) return lost_at_[host].reset();
        if (lost_at_[host]) return;
        lost_at_[host] = fleet_.world().now();
        if (fleet_.world().host(host).phase() == VirtualHost::Phase::running) ++false_lost_;
    }

    const Fleet& fleet_;
    std::vector<std::optional<Instant>> lost_at_;
    std::uint64_t false_lost_ = 0;
};

enum class Death : std::uint8_t { killed, silent };

class Dying {
public:
    Dying(const DyingOptions& options, const FleetHooks& hooks)
        : options_{options},
          hooks_{hooks},
          fleet_{options.fleet},
          watch_{fleet_},
          random_{scramble(options.fleet.seed + 31)} {
        fleet_.world().add_witness(watch_);
        fleet_.world().trace().set_sink(hooks.sink);
        if (hooks.on_made) hooks.on_made(fleet_);
    }

    DyingReport run() {
        const Duration spread = spread_per_host * options_.fleet.hosts;
        fleet_.start(spread);
        fleet_.world().run_for(spread);
        if (rests("The fleet did not come up")) {
            if (hooks_.on_started) hooks_.on_started(fleet_);
            kill_share();
            report_.killed = die(Death::killed);
            report_.silent = die(Death::silent);
        }
        add_life(report_, fleet_);
        report_.false_lost = watch_.false_lost();
        return std::move(report_);
    }

private:
    [[nodiscard]] bool is_running(HostIndex host) const {
        return fleet_.world().host(host).phase() == VirtualHost::Phase::running;
    }
    [[nodiscard]] bool is_whole() const {
        for (HostIndex host = 1; host < fleet_.world().size(); ++host)
            if (is_running(host) && !fleet_.glance(host).is_attached) return false;
        return fleet_.is_all_live();
    }

    /// Everybody who runs is attached and called live, and nobody else is called so.
    [[nodiscard]] bool rests(const std::string& otherwise) {
        const Duration interval = options_.fleet.interval;
        const Instant end = fleet_.world().now() + interval * patience_intervals;
        while (!is_whole()) {
            if (fleet_.world().now() >= end) {
                report_.broken.push_back(otherwise + " within " +
                                         time_text(interval * patience_intervals) + ".");
                return false;
            }
            fleet_.world().run_for(look_period);
        }
        fleet_.world().run_for(interval * calm_intervals);
        return true;
    }

    /// So many hosts that run, in a random order.
    [[nodiscard]] std::vector<HostIndex> pick(std::uint64_t count) {
        std::vector<HostIndex> hosts;
        for (HostIndex host = 1; host < fleet_.world().size(); ++host)
            if (is_running(host)) hosts.push_back(host);
        count = std::min<std::uint64_t>(count, hosts.size());
        for (std::size_t i = 0; i < count; ++i)
            std::swap(hosts[i], hosts[i + random_.below(hosts.size() - i)]);
        hosts.resize(count);
        return hosts;
    }

    /// Without those whose parent is among them, too.
    [[nodiscard]] std::vector<HostIndex> unrelated(std::vector<HostIndex> hosts) const {
        std::set<HostId> ids;
        for (const HostIndex host : hosts) ids.insert(fleet_.glance(host).host);
        std::erase_if(hosts,
                      [&](HostIndex host) { return ids.contains(fleet_.glance(host).parent); });
        return hosts;
    }

    void end(HostIndex host, Death death) {
        if (death == Death::silent) fleet_.world().network().unplug(host);
        fleet_.world().host(host).crash();
    }

    void kill_share() {
        const auto hosts = static_cast<double>(options_.fleet.hosts);
        const std::vector<HostIndex> dead = pick(static_cast<std::uint64_t>(options_.dead * hosts));
        report_.dead = dead.size();
        if (dead.empty()) return;
        const Instant begin = fleet_.world().now();
        for (const HostIndex host : dead) end(host, Death::silent);
        static_cast<void>(rests("The fleet did not get over its dead"));
        Instant last = begin;
        for (const HostIndex host : dead)
            if (const auto lost = watch_.lost_at(host)) last = std::max(last, *lost);
        report_.dead_known = last - begin;
        report_.dead_mended =
            fleet_.world().now() - options_.fleet.interval * calm_intervals - begin;
    }

    std::vector<Duration> die(Death death) {
        std::vector<Duration> times;
        while (times.size() < options_.deaths && report_.broken.empty()) {
            const std::uint64_t live = options_.fleet.hosts - report_.dead;
            const std::uint64_t count = std::clamp<std::uint64_t>(live / hosts_per_death, 1,
                                                                  options_.deaths - times.size());
            const std::vector<HostIndex> hosts = unrelated(pick(count));
            if (hosts.empty()) break;
            die_together(hosts, death, times);
        }
        std::sort(times.begin(), times.end());
        return times;
    }

    void die_together(const std::vector<HostIndex>& hosts, Death death,
                      std::vector<Duration>& times) {
        const Instant begin = fleet_.world().now();
        std::vector<Instant> died;
        for (const HostIndex host : hosts) {
            const Duration after = random_.between(Duration{}, options_.fleet.interval);
            died.push_back(begin + after);
            fleet_.world().schedule().after(after, [this, host, death] {
                if (fleet_.glance(host).role != Role::leaf) ++report_.interior;
                end(host, death);
            });
        }
        fleet_.world().run_for(options_.fleet.interval);
        if (!rests("The manager did not hear of every death")) return;
        for (std::size_t i = 0; i < hosts.size(); ++i) {
            times.push_back(*watch_.lost_at(hosts[i]) - died[i]);
            fleet_.world().network().plug(hosts[i]);
            fleet_.world().host(hosts[i]).start();
        }
        static_cast<void>(rests("Whoever died did not come back"));
    }

    const DyingOptions& options_;
    const FleetHooks& hooks_;
    Fleet fleet_;
    LossWatch watch_;
    Random random_;
    DyingReport report_;
};

}  // namespace

DyingReport run_deaths(const DyingOptions& options, const FleetHooks& hooks) {
    return Dying{options, hooks}.run();
}

}  // namespace coppice
