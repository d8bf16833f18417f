// Puts one change of the truth after the other on the schedule, never more than the next.
#include "simulator/replay.h"

#include <algorithm>
#include <string_view>

#include "simulator/answer_checker.h"

namespace coppice {

namespace {

using std::chrono::seconds;

/// Within this after its start a fleet has come up.
constexpr Duration start_bound = std::chrono::minutes{2};
constexpr Duration look_period = std::chrono::seconds{1};
constexpr std::string_view question_text = "count()";
/// In the middle of what an outage does to the tree.
constexpr Duration question_delay = std::chrono::seconds{5};

struct Change {
    seconds time{};
    HostIndex host = 0;
    bool is_up = false;
};

FleetOptions with_roster(FleetOptions options, const Outages& outages) {
    options.roster.clear();
    for (const TracedHost& host : outages.hosts)
        options.roster.push_back({.name = host.name, .labels = host.labels});
    return options;
}

class Replay {
public:
    Replay(const Outages& outages, const ReplayOptions& options)
        : outages_{outages},
          options_{options},
          bound_{outage_bound(Timing{.interval = options.fleet.interval})},
          fleet_{with_roster(options.fleet, outages)},
          watch_{fleet_, bound_},
          bursts_{fleet_, outages, bound_},
          timelines_{fleet_, outages},
          meter_{fleet_} {
        fleet_.add_witness(watch_);
        fleet_.world().add_witness(bursts_);
        fleet_.world().add_witness(timelines_);
        fleet_.add_witness(meter_);
    }

    ReplayReport run() {
        list_changes();
        if (options_.on_made) options_.on_made(fleet_);
        come_up();
        if (options_.on_started) options_.on_started(fleet_);
        meter_.begin_loads();
        start_ = fleet_.world().now();
        expect_change();
        fleet_.world().run_to(start_ + outages_.span + bound_.known);
        look_at_answer();
        return report();
    }

private:
    void list_changes() {
        HostIndex index = Fleet::manager_index;
        for (const TracedHost& host : outages_.hosts) {
            ++index;
            if (host.absent_until > seconds{}) absent_.insert(index);
            add_change(host.absent_until, index, true);
            for (const Outage& outage : host.outages) {
                add_change(outage.begin, index, false);
                add_change(outage.end, index, true);
            }
        }
        std::sort(changes_.begin(), changes_.end(), [](const Change& left, const Change& right) {
            return std::tie(left.time, left.host) < std::tie(right.time, right.host);
        });
    }

    void add_change(seconds time, HostIndex host, bool is_up) {
        const bool is_start = is_up && time == seconds{};
        if (!is_start) changes_.push_back({time, host, is_up});
    }

    void come_up() {
        VirtualWorld& world = fleet_.world();
        fleet_.start(std::chrono::milliseconds{50}, absent_);
        const std::size_t expected = outages_.hosts.size() - absent_.size();
        const Instant end = world.now() + start_bound;
        do world.run_for(look_period);
        while (world.now() < end && (watch_.up() < expected || watch_.unreachable() > 0));
        if (watch_.unreachable() > 0)
            broken_.push_back(std::to_string(watch_.unreachable()) +
                              " hosts were not in the tree 2 minutes after the start");
    }

    void expect_change() {
        if (next_ == changes_.size()) return;
        fleet_.world().schedule().at(start_ + changes_[next_].time, [this] { change(); });
    }

    void change() {
        const seconds time = changes_[next_].time;
        bool is_failure = false;
        for (; next_ < changes_.size() && changes_[next_].time == time; ++next_) {
            const Change& change = changes_[next_];
            if (change.is_up) {
                watch_.on_power_on(change.host);
                fleet_.power_on(change.host);
            } else {
                watch_.on_power_off(change.host);
                fleet_.power_off(change.host);
                is_failure = true;
            }
        }
        if (is_failure) ask_soon();
        expect_change();
    }

    void ask_soon() {
        const Instant now = fleet_.world().now();
        if (options_.question_gap == Duration{} || now < next_question_) return;
        next_question_ = now + options_.question_gap;
        fleet_.world().schedule().after(question_delay, [this] {
            look_at_answer();
            question_ = fleet_.command(QueryCommand{.question = std::string{question_text}});
        });
    }

    void look_at_answer() {
        if (!question_.has_value()) return;
        const std::optional<Answer> answer = fleet_.answer(*question_);
        question_.reset();
        const auto* answered = answer.has_value() ? std::get_if<QueryAnswered>(&*answer) : nullptr;
        if (answered == nullptr) return;
        ++answers_;
        const Sentences wrong =
            check_answer(question_text, *answered, [](HostId) { return HostTruth{}; });
        double_counted_ += wrong.empty() ? 0 : 1;
        broken_.insert(broken_.end(), wrong.begin(), wrong.end());
    }

    ReplayReport report() {
        const VirtualWorld& world = fleet_.world();
        ReplayReport report{.hosts = outages_.hosts.size(),
                            .late_starts = absent_.size(),
                            .simulated = world.now().time_since_epoch(),
                            .events = fleet_.world().schedule().events_run(),
                            .hash = world.trace().hash(),
                            .trace_start = start_,
                            .bound = bound_,
                            .findings = watch_.findings(),
                            .bursts = bursts_.findings(start_),
                            .availability = timelines_.errors(start_),
                            .meter = meter_.readings(),
                            .answers = answers_,
                            .double_counted = double_counted_,
                            .broken = broken_};
        const std::vector<std::string>& faults = world.trace().faults();
        report.broken.insert(report.broken.end(), faults.begin(), faults.end());
        return report;
    }

    const Outages& outages_;
    const ReplayOptions& options_;
    OutageBound bound_;
    Fleet fleet_;
    OutageWatch watch_;
    BurstWatch bursts_;
    TimelineWatch timelines_;
    Meter meter_;
    std::vector<Change> changes_;
    std::size_t next_ = 0;
    std::set<HostIndex> absent_;
    Instant start_{};
    Instant next_question_{};
    std::optional<RequestId> question_;
    std::uint64_t answers_ = 0;
    std::uint64_t double_counted_ = 0;
    Sentences broken_;
};

}  // namespace

ReplayReport run_replay(const Outages& outages, const ReplayOptions& options) {
    return Replay{outages, options}.run();
}

}  // namespace coppice
