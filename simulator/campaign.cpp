// The stations of one campaign.
#include "simulator/campaign.h"

#include <algorithm>
#include <array>

#include "common/selector.h"
#include "simulator/narrator.h"
#include "simulator/random_planner.h"
#include "simulator/random_question.h"

namespace coppice {

namespace {

constexpr Duration start_bound = std::chrono::seconds{60};
/// Quiet time before, and length of, the proof that an idle fleet writes nothing.
constexpr int idle_intervals = 20;
/// Time in which the root is told of every subtree: a report that is lost is repeated by the second
/// heartbeat after it.
constexpr int told_intervals = 5;
constexpr Duration narrate_period = std::chrono::milliseconds{10};
constexpr Duration look_at_pushes = std::chrono::milliseconds{100};
constexpr Duration deadline_max = std::chrono::seconds{5};
constexpr std::uint64_t wait_max_ms = 5000;
/// From the end of a cool-down until roles that others held meanwhile are moved.
constexpr UnixMillis relief_max = std::chrono::seconds{10};
/// From the end of all faults until windows of series, some seconds apart, miss nobody.
constexpr Duration windows_bound = std::chrono::seconds{30};

class Campaign {
public:
    Campaign(const CampaignOptions& options, const FleetHooks& hooks)
        : options_{options},
          hooks_{hooks},
          fleet_{options.fleet},
          narrator_{fleet_},
          plan_{fleet_, with_seed(options.faults, scramble(options.fleet.seed + 11))},
          random_{scramble(options.fleet.seed + 12)},
          planner_{fleet_, scramble(options.fleet.seed + 13)},
          talk_random_{scramble(options.fleet.seed + 14)},
          reducer_random_{scramble(options.fleet.seed + 15)} {
        if (options.is_checking) observer_.emplace(fleet_, options.sweep_steps);
        fleet_.world().trace().set_sink(hooks.sink);
        if (hooks.sink) narrate();
        if (hooks.on_made) hooks.on_made(fleet_);
    }

    CampaignReport run() {
        fleet_.start(spread());
        if (!observer_) return run_unchecked();
        const bool is_started = fleet_.settle(start_bound);
        if (!is_started) observer_->report("start", check_settled(fleet_.snapshot()));
        if (is_started && hooks_.on_started) hooks_.on_started(fleet_);
        if (is_started) suffer();
        if (is_started) recover();
        observer_->report("world", fleet_.world().trace().faults());
        return report();
    }

private:
    static FaultPlanOptions with_seed(FaultPlanOptions faults, std::uint64_t seed) {
        faults.seed = seed;
        return faults;
    }

    /// Many hosts take their time: a manager takes in some 40,000 a second.
    [[nodiscard]] Duration spread() const {
        return std::max<Duration>(std::chrono::milliseconds{50},
                                  std::chrono::microseconds{25} * options_.fleet.hosts);
    }

    /// For fleets so large that the checkers would not fit beside them: comes up and suffers.
    CampaignReport run_unchecked() {
        fleet_.world().run_for(spread());
        const Instant end = fleet_.world().now() + start_bound;
        while (!fleet_.is_all_live() && fleet_.world().now() < end)
            fleet_.world().run_for(std::chrono::seconds{1});
        if (hooks_.on_started) hooks_.on_started(fleet_);
        suffer();
        CampaignReport unchecked = report();
        if (const Manager* manager = fleet_.manager())
            unchecked.lost = manager->status().hosts.lost;
        return unchecked;
    }

    void narrate() {
        for (const std::string& line : narrator_.news()) hooks_.sink(line);
        fleet_.world().schedule().after(narrate_period, [this] { narrate(); });
    }

    void suffer() {
        const Instant end = fleet_.world().now() + options_.duration;
        for (const SeriesRecord& series : options_.series) fleet_.command(AddSeriesCommand{series});
        plan_.start(end);
        if (options_.work_gap > Duration{}) work_until(end);
        if (options_.reshape_gap > Duration{}) planner_.work_until(end, options_.reshape_gap);
        fleet_.world().run_to(end);
    }

    void work_until(Instant end) {
        const Duration wait = random_.between(Duration{}, options_.work_gap);
        if (fleet_.world().now() + wait >= end) return;
        fleet_.world().schedule().after(wait, [this, end] {
            work();
            if (observer_) talk();
            work_until(end);
        });
    }

    void work() {
        switch (random_.below(8)) {
            case 0:
            case 1:
            case 2:
                return ask();
            case 3:
                return change_rules();
            case 4:
                return stop_some();
            default:
                return push();
        }
    }

    /// Ends a rule, takes a former value back, or lets a host come back with another label.
    void change_rules() {
        const Manager* manager = fleet_.manager();
        if (manager == nullptr) return;
        const std::vector<RuleView> rules = manager->rules({});
        const std::uint64_t what = random_.below(3);
        if (what == 0 || rules.empty()) return relabel();
        const RuleView& rule = rules[random_.below(rules.size())];
        if (rule.topic == stop_topic) return;
        if (what == 1)
            fleet_.command(RemoveRuleCommand{rule.rule});
        else
            fleet_.command(RevertCommand{.topic = rule.topic});
    }

    void relabel() {
        // One after the other: the order of arguments is the compiler's.
        const std::string tier = random_.below(2) == 0 ? "a" : "b";
        fleet_.relabel(1 + random_.below(options_.fleet.hosts), "tier", tier);
    }

    void stop_some() {
        if (fleet_.manager() == nullptr) return;
        if (random_.below(2) == 0)
            fleet_.command(StopCommand{.selector = selector(), .reason = "to see what happens"});
        else
            fleet_.command(UnstopCommand{});
    }

    void ask() {
        change_a_reducer();
        QueryCommand query{.question = random_question(random_, selector())};
        if (observer_)
            observer_->ask(query);
        else
            fleet_.command(query);
    }

    /// From now on the daemon of some host reduces well, badly or not at all.
    void change_a_reducer() {
        const HostIndex host = 1 + reducer_random_.below(options_.fleet.hosts);
        const std::uint64_t mood = reducer_random_.below(2 * reducer_moods);
        fleet_.world().host(host).set_reducer(mood < reducer_moods ? static_cast<ReducerMood>(mood)
                                                                   : ReducerMood::works);
    }

    /// A daemon says something to neighbours of its host, or to a host that may be none.
    void talk() {
        const HostIndex host = 1 + talk_random_.below(options_.fleet.hosts);
        const auto to = static_cast<LocalSaid::To>(talk_random_.below(3));
        const auto number = static_cast<std::uint32_t>(talk_random_.below(options_.fleet.hosts));
        observer_->say(host, to, HostId{1 + number});
    }

    std::string selector() {
        static const std::array<std::string, 6> choices{
            "", "", "zone=z1", "host in n[001-005]", "tier=a", "has(tier) && zone!=z2"};
        return choices[random_.below(choices.size())];
    }

    void push() {
        if (fleet_.manager() == nullptr) return;
        ++pushes_;
        PushCommand command{.topic = random_.below(2) == 0 ? "motd" : "hosts",
                            .selector = selector()};
        command.payload.assign(1 + random_.below(2000), static_cast<std::uint8_t>(pushes_));
        if (random_.below(4) == 0) command.deadline = random_.between(Duration{}, deadline_max);
        if (random_.below(8) == 0)
            command.not_before =
                fleet_.unix_time(fleet_.world().now()) + UnixMillis{random_.below(wait_max_ms)};
        fleet_.command(command);
    }

    void recover() {
        const Instant mended = fleet_.world().now();
        plan_.give_up();
        fleet_.mend_everything();
        plan_.lift_drains();
        if (!fleet_.settle(options_.recovery))
            return observer_->report("recovery", check_settled(fleet_.snapshot()));
        fleet_.command(UnstopCommand{});
        check_last_windows();
        if (!await_receipts()) {
            observer_->report("receipts", open_receipts());
            return observer_->report("desired state", wrong_values());
        }
        recovered_after_ = fleet_.world().now() - mended;
        fleet_.world().run_for(options_.fleet.interval * told_intervals);
        check_last_question();
        const Duration quiet = options_.fleet.interval * idle_intervals;
        fleet_.world().run_for(quiet);
        while (is_cooling_until(fleet_.world().now() + quiet))
            fleet_.world().run_for(options_.fleet.interval);
        const std::uint64_t writes = fleet_.store_writes();
        fleet_.world().run_for(quiet);
        observer_->report("idle", check_idle(writes, fleet_.store_writes()));
        observer_->report("still at rest", check_settled(fleet_.snapshot()));
    }

    /// The end of a cool-down is a change: there may be a better understudy. So is the end of a
    /// story of a host that came and went.
    [[nodiscard]] bool is_cooling_until(Instant end) const {
        const UnixMillis from = fleet_.unix_time(fleet_.world().now()) - relief_max;
        const UnixMillis to = fleet_.unix_time(end);
        const std::vector<HostView> views = fleet_.snapshot().views;
        return std::any_of(views.begin(), views.end(), [from, to](const HostView& view) {
            const bool is_cooling =
                view.record.no_role_before >= from && view.record.no_role_before <= to;
            return is_cooling || view.record.unstable_since != UnixMillis{};
        });
    }

    [[nodiscard]] bool await_receipts() {
        const Instant end = fleet_.world().now() + options_.recovery;
        while (!open_receipts().empty() || !wrong_values().empty()) {
            if (fleet_.world().now() >= end) return false;
            fleet_.world().run_for(look_at_pushes);
        }
        return true;
    }

    [[nodiscard]] Sentences open_receipts() const {
        Sentences open;
        for (const ReceiptView& receipt : fleet_.snapshot().receipts)
            if (!receipt.complete && receipt.phase != PushPhase::cancelled &&
                receipt.applied + receipt.refused < receipt.target)
                open.push_back(
                    "Push " + std::to_string(receipt.push.value) +
                    " does not become complete: pending are " +
                    fleet_.manager()->names(receipt.pending_hosts | receipt.isolated_hosts) + ".");
        return open;
    }

    /// Each host has on its disk what the newest rule says that matches it, and nothing else.
    [[nodiscard]] Sentences wrong_values() const {
        Sentences wrong;
        const Manager& manager = *fleet_.manager();
        const std::vector<RuleView> rules = manager.rules({});
        const VirtualStore& store = fleet_.world().host(Fleet::manager_index).store();
        const Snapshot snapshot = fleet_.snapshot();
        for (const HostView& view : snapshot.views) {
            const std::optional<HostIndex> index = fleet_.find(view.record.name);
            if (!index) continue;
            for (const std::string topic : {"motd", "hosts"}) {
                const auto rule =
                    std::find_if(rules.begin(), rules.end(), [&](const RuleView& one) {
                        const Result<Selector> selector = Selector::parse(one.selector);
                        return one.topic == topic && selector.ok() &&
                               selector->matches(view.record.name, view.record.labels);
                    });
                const std::optional<Bytes> wanted =
                    rule == rules.end() ? std::nullopt : payload_of(store, rule->push);
                // What it is to have now, and has refused: it is not asked again.
                const PushId refused = fleet_.world().host(*index).refused(topic);
                if (refused != PushId{} && (rule == rules.end() || rule->push == refused)) continue;
                if (value_of(fleet_.world().host(*index), topic) != wanted)
                    wrong.push_back(view.record.name + " has version " +
                                    std::to_string(version_of(fleet_.world().host(*index), topic)) +
                                    " of " + topic + ", and its rule says " +
                                    (rule == rules.end() ? std::string{"none"}
                                                         : std::to_string(rule->version)) +
                                    ".");
            }
        }
        return wrong;
    }

    [[nodiscard]] std::optional<Bytes> payload_of(const VirtualStore& store, PushId push) const {
        const std::optional<PushRecord> record = store.find(PushRecord{.push = push});
        if (!record) return std::nullopt;
        const Result<Statement> opened = fleet_.notary().open(record->content);
        const auto* content = opened.ok() ? std::get_if<PushContent>(&opened.value()) : nullptr;
        return content == nullptr ? std::nullopt : std::optional{content->payload};
    }

    /// Zero: it never had one.
    [[nodiscard]] static std::uint64_t version_of(const VirtualHost& host,
                                                  const std::string& topic) {
        const auto file = host.disk().find(topic);
        return file == host.disk().end() ? 0 : file->second.version;
    }

    [[nodiscard]] static std::optional<Bytes> value_of(const VirtualHost& host,
                                                       const std::string& topic) {
        const auto file = host.disk().find(topic);
        if (file == host.disk().end() || file->second.is_withdrawn) return std::nullopt;
        return file->second.payload;
    }

    /// Nobody is missing any more; then no series disturbs the rest.
    void check_last_windows() {
        const auto is_whole = [this] {
            const std::vector<SeriesView> all = fleet_.manager()->series();
            return std::all_of(all.begin(), all.end(), [this](const SeriesView& series) {
                const bool asks_all = series.record.question.find("where") == std::string::npos;
                return series.newest && series.newest->missing.empty() &&
                       (!asks_all || series.newest->asked == options_.fleet.hosts);
            });
        };
        fleet_.set_loss(0, 0);
        const Instant end = fleet_.world().now() + windows_bound;
        while (!is_whole() && fleet_.world().now() < end)
            fleet_.world().run_for(options_.fleet.interval);
        if (!is_whole())
            observer_->report("series", {"The windows of a fleet at rest miss hosts."});
        for (const SeriesRecord& series : options_.series)
            fleet_.command(RemoveSeriesCommand{series.name});
    }

    void check_last_question() {
        fleet_.set_loss(0, 0);  // a lost frame may cost an answer some hosts
        const Answer answer = fleet_.ask(QueryCommand{});
        const auto* answered = std::get_if<QueryAnswered>(&answer);
        if (answered == nullptr)
            return observer_->report("question", {"A fleet at rest does not answer a question."});
        if (answered->included.size() != options_.fleet.hosts)
            observer_->report(
                "question", {"A question to a fleet at rest, asked of " +
                             std::to_string(answered->target.size()) + " hosts, misses " +
                             fleet_.manager()->names(answered->target - answered->included) + "."});
    }

    CampaignReport report() {
        if (observer_) observer_->look();
        return {.findings = observer_ ? observer_->findings() : Findings{},
                .hash = fleet_.world().trace().hash(),
                .events = fleet_.world().schedule().events_run(),
                .simulated = fleet_.world().now() - Instant{},
                .recovered_after = recovered_after_,
                .lost = 0,
                .faults = plan_.faults(),
                .pushes = pushes_,
                .reshaped = planner_.moves(),
                .network = fleet_.world().network().counters()};
    }

    const CampaignOptions options_;
    const FleetHooks hooks_;
    Fleet fleet_;
    std::optional<Observer> observer_;
    Narrator narrator_;
    FaultPlan plan_;
    Random random_;
    RandomPlanner planner_;
    Random talk_random_;
    Random reducer_random_;
    std::uint64_t pushes_ = 0;
    Duration recovered_after_{};
};

}  // namespace

CampaignReport run_campaign(const CampaignOptions& options, const FleetHooks& hooks) {
    return Campaign{options, hooks}.run();
}

}  // namespace coppice
