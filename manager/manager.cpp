// The course of a step: an input changes the parts, then everything due, then one commit's worth of
// writes, and what is said after it.

#include "manager/manager.h"

#include <algorithm>
#include <limits>

#include "common/ensure.h"
#include "common/fact_acks.h"
#include "common/overloaded.h"
#include "common/random.h"
#include "manager/state.h"

namespace coppice {
namespace {

std::uint64_t instance_of(const ManagerConfig& config) {
    std::uint64_t mixed = config.seed;
    for (const std::uint8_t byte : config.key) mixed = Random{mixed ^ byte}.next();
    return mixed;
}

Selector leaders_of(const ManagerConfig& config) {
    const Result<Selector> selector = Selector::parse(config.may_lead);
    return selector.ok() ? *selector : Selector{};  // validated by whoever made the settings
}

}  // namespace

Manager::Manager(ManagerConfig config, Loaded loaded, const Notary& notary)
    : state_{std::make_unique<State>(std::move(config), std::move(loaded), notary)} {}
Manager::~Manager() = default;
Outputs Manager::step(const Input& input, Instant now) { return state_->step(input, now); }
Instant Manager::next_deadline() const { return state_->due; }

Manager::State::State(ManagerConfig given, Loaded loaded, const Notary& keys)
    : config{std::move(given)},
      notary{keys},
      timing{.interval = config.interval},
      leaders{leaders_of(config)},
      term{loaded.term},
      instance{instance_of(config)},
      shape{ShapeLimits{.fill = config.fill(),
                        .fanout = config.fanout,
                        .slack = config.slack(),
                        .seed = config.seed},
            config.domain_path},
      history{std::move(loaded.events)},
      grouping{config.interval},
      hub{keys, timing, Relay::Retention::until_withdrawn},
      orders{timing} {
    COPPICE_ENSURE(config.validate().empty(),
                   "a manager was started with settings that it refuses");
    load(std::move(loaded.records));
    if (loaded.has_timelines)
        for (const auto& [id, host] : registry.hosts()) timelines.know(host, loaded.has_roles);
    hub.set_identity({.fleet = fleet.fleet,
                      .self = manager_host,
                      .cell = cell.id,
                      .incarnation = Incarnation{term}});
}

Outputs Manager::State::step(const Input& input, Instant at) {
    now = at;
    notice_gap();
    std::visit(Overloaded{
                   [&](const Started& started) {
                       unix_read = started.unix_time;
                       unix_read_at = now;
                       root_unheard_since = now;
                       load_shape();
                       limit_sinces();
                       limit_cool_downs();
                       resume_orders();
                       begin_timelines();
                   },
                   [&](const ClockRead& read) {
                       unix_read = read.unix_time;
                       unix_read_at = now;
                       limit_sinces();
                       limit_cool_downs();
                   },
                   [&](const Received& received) { on_received(received); },
                   [&](const LinkDropped& dropped) {
                       hub.on_link_dropped(dropped.route, now);
                       if (const auto found = host_on.find(dropped.route); found != host_on.end()) {
                           route_of.erase(found->second);
                           host_on.erase(found);
                       }
                   },
                   [&](const ProbeFinished& finished) {
                       on_witness_probed(finished);
                       hub.on_probe_finished(finished, now);
                   },
                   [&](const CommandReceived& command) { on_command(command); },
                   [&](const StopRequested&) { out.stopped = true; },
                   [](const auto&) {},
               },
               input);
    if (!out.stopped) on_deadlines();
    settle();
    due = next_deadline();
    return std::exchange(out, {});
}

/// Whoever slept accuses nobody: what was suspected before the gap counts for nothing.
void Manager::State::notice_gap() {
    if (due == never || now - due <= timing.own_gap_max()) return;
    hub.forgive(now);
    excuse_missing();
    returned.clear();
    if (root_unheard_since != never) root_unheard_since = now;
    witnessed_at = {};
    judge_due = never;
    count("coppice_own_gaps_total");
    out.notices.push_back(
        {Severity::warning, "manager.paused",
         "this manager was away for longer than an interval; it suspects nobody for it"});
    has_presence_changed = true;
}

void Manager::State::on_received(const Received& received) {
    count("coppice_frames_received_total");
    const HostRecord* speaker = registry.find_key(received.key);
    if (speaker != nullptr && speaker->id != cell.root) hear_witness();
    const Message& body = received.frame.body;
    if (std::holds_alternative<Register>(body)) return on_register(received);
    if (std::holds_alternative<Seek>(body)) return on_seek(received);
    const HostId sender = received.frame.header.sender;
    const HostRecord* host = registry.find(sender);
    if (host == nullptr || host->key != received.key) {
        if (host != nullptr)
            impostors.tell("a frame in the name of host '" + host->name + "'", now, out);
        return count(speaker == nullptr ? "coppice_bad_frames_total{reason=\"unknown_key\"}"
                                        : "coppice_bad_frames_total{reason=\"wrong_sender\"}");
    }
    if (std::holds_alternative<WindowClosed>(body)) return on_answered_window(received);
    const bool is_root = sender == cell.root;
    if (std::holds_alternative<Join>(body) && !is_root) {
        hub.links().refuse(received, Refusal::stale_ticket, out);
        orders.hurry(sender, now);
        return;
    }
    hub.on_frame(received, standing(), now, out);
}

void Manager::State::on_deadlines() {
    hub.on_deadline(standing(), now, out);
    ask_witnesses();
    judge_root();
    notice_blindness();
    regrade_cooled();
    place_orphans();
    revive_returned();
    drop_suspicions();
    see_off();
    calm_down();
    flatten();
    begin_ripe();
    ledger.pass_deadlines(unix_now());
    if (now >= arrivals_due) admit_waiting();
}

/// Facts change records, records change the tree, the tree changes orders: in this order, once.
void Manager::State::settle() {
    for (int round = 0; round < 2; ++round) {
        const DownlinkChanges changes = hub.settle({}, {}, now, out);
        std::set<SetKey> keys;
        for (const SetChange& change : changes.sets) keys.insert(change.key);
        if (round == 0) notice_root();
        if (keys.contains(members_key)) on_members();
        FactLog& facts = hub.links().facts();
        const FactLog::Batch batch = facts.oldest(std::numeric_limits<std::size_t>::max());
        // No role goes to a host of whom there is bad news in the same batch.
        for (const HostFact& fact : batch.facts) suspect(fact);
        for (const HostFact& fact : batch.facts) on_fact(fact);
        facts.acknowledge(batch.revision);
        for (const SetKey& key : keys)
            if (key.kind != SetKind::members)
                ledger.on_report(key, find_or_empty(hub.relay().sets(), key), unix_now());
        if (round == 0) declare_missing_lost();
        settle_ledger();
    }
    // The facts of this step are in its writes.
    confirm_facts(hub.links(), standing(), out);
    if (std::exchange(has_presence_changed, false)) on_members();
    ask_series();
    answer_questions();
    retry_unplaced();
    relieve_stopgaps();
    renew_understudy();
    refresh_some();
    commit_plan();
    answer_waiting();
    send_due_orders();
    collect_writes();
}

void Manager::State::collect_writes() {
    out.writes.reserve(out.writes.size() + 2 * touched.size());
    tell_of_unstable();
    for (Event& event : grouping.take(fleet.next_event, present.size(), now)) {
        event.cell = cell.id;
        event.generation = cell.generation;
        history.put(event, fleet.next_event);
        out.writes.emplace_back(Append{std::move(event)});
    }
    if (history.has_news()) {
        for (Event& event : history.take(fleet.next_event, unix_now(), cell))
            out.writes.emplace_back(Append{std::move(event)});
    }
    for (const auto& [id, heir] : erased)
        out.writes.emplace_back(Erase{key_of(HostRecord{.id = id})});
    for (const HostId id : touched)
        if (const HostRecord* host = registry.find(id)) out.writes.emplace_back(Put{*host});
    write_timelines();
    write_tree_changes();
    for (const std::string& id : touched_tokens) out.writes.emplace_back(Put{tokens.at(id)});
    if (cell != cell_written) out.writes.emplace_back(Put{cell_written = cell});
    if (fleet != fleet_written) out.writes.emplace_back(Put{fleet_written = fleet});
    touched.clear();
    erased.clear();
    touched_tokens.clear();
    count("coppice_store_writes_total", out.writes.size());
}

void Manager::State::write_timelines() {
    for (const auto& [id, heir] : erased) out.writes.emplace_back(Inherit{id, heir});
    for (const HostId id : touched) {
        const HostRecord* host = registry.find(id);
        if (host == nullptr) continue;
        if (auto row = timelines.next(*host, unix_now(), cell.generation))
            out.writes.emplace_back(Begin{*row});
    }
}

void Manager::State::write_tree_changes() {
    if (!tree_history.has_news()) return;
    const bool is_committed = cell.generation != cell_written.generation;
    const auto parent_of = [this](HostId id) {
        const HostRecord* host = registry.find(id);
        return host != nullptr && is_present(*host) && host->is_placed ? host->parent : HostId{};
    };
    for (Write& write :
         tree_history.take(cell.generation + (is_committed ? 0 : 1), unix_now(), parent_of))
        out.writes.push_back(std::move(write));
}

UnixMillis Manager::State::unix_now() const {
    return unix_read + std::chrono::duration_cast<UnixMillis>(now - unix_read_at);
}

Instant Manager::State::next_deadline() const {
    return std::min(next_deadline_at_rest(), hub.links().next_deadline());
}

/// Besides the silence of the root.
Instant Manager::State::next_deadline_at_rest() const {
    const Instant cooled =
        cooling.empty() ? never : unix_read_at + (cooling.begin()->first - unix_read);
    return std::min({hub.relay().next_deadline(),
                     hub.gather().next_deadline(),
                     arrivals_due,
                     plan_due,
                     refresh_due,
                     orders.next_deadline(),
                     missing.next_deadline(),
                     orphaned.next_deadline(),
                     returned.next_deadline(),
                     suspects.next_deadline(),
                     leaving.next_deadline(),
                     calming.next_deadline(),
                     flatten_due,
                     relief_due,
                     cooled,
                     grouping.next_deadline(),
                     series.next_deadline(),
                     isolation.next_deadline(),
                     blind_at(),
                     witnesses_due,
                     judge_due,
                     ledger_due()});
}

// --- quiet stretches ----------------------------------------------------------------------------

std::optional<Instant> Manager::rests_until() const {
    if (!state_->hub.links().is_at_rest() || !state_->is_root_heard()) return std::nullopt;
    return state_->next_deadline_at_rest();
}

Downlink& Manager::links() { return state_->hub.links(); }

Standing Manager::standing() const { return state_->standing(); }

void Manager::resume() {
    state_->hub.links().resume();
    state_->due = state_->next_deadline();
}

}  // namespace coppice
