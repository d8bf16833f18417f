// Pushes: from a command, or from a change of rules, to what the root is given.

#include <algorithm>

#include "common/ensure.h"
#include "common/hostlist.h"
#include "common/limits.h"
#include "manager/state.h"

namespace coppice {
namespace {

constexpr Duration deadline_max = std::chrono::hours{24 * 365};
constexpr UnixMillis wait_max = std::chrono::hours{24 * 365};

Problem problem(Problem::Kind kind, std::string detail) { return {kind, std::move(detail)}; }

/// Selectors that together name these hosts and nobody else.
std::vector<std::string> selectors_of(std::vector<std::string> names) {
    std::string selector = "host in " + fold_host_list(names);
    if (selector.size() <= limits::selector_bytes_max || names.size() == 1) return {selector};
    const auto middle = names.begin() + static_cast<std::ptrdiff_t>(names.size() / 2);
    std::vector<std::string> selectors = selectors_of({names.begin(), middle});
    for (std::string& one : selectors_of({middle, names.end()}))
        selectors.push_back(std::move(one));
    return selectors;
}

}  // namespace

std::optional<Problem> Manager::State::objection(const PushCommand& command) const {
    if (command.selector.size() > limits::selector_bytes_max)
        return problem(
            Problem::Kind::too_large,
            "the selector is longer than " + std::to_string(limits::selector_bytes_max) + " bytes");
    if (command.deadline < Duration::zero() || command.deadline > deadline_max)
        return problem(Problem::Kind::bad_request, "a deadline is at most a year away");
    if (command.not_before > unix_now() + wait_max)
        return problem(Problem::Kind::bad_request, "a push waits for a year at most");
    return ledger.objection(command);
}

Answer Manager::State::on(const PushCommand& command) {
    if (command.topic == stop_topic)
        return problem(Problem::Kind::bad_request, "hosts are stopped with `coppice stop`");
    return push(command);
}

Answer Manager::State::on(const StopCommand& command) {
    if (command.reason.empty() || command.reason.size() > limits::refusal_reason_bytes_max)
        return problem(Problem::Kind::bad_request,
                       "say why, in 1 to " + std::to_string(limits::refusal_reason_bytes_max) +
                           " bytes: receipts show it");
    Answer answer = push({.topic = std::string{stop_topic},
                          .selector = command.selector,
                          .payload = Bytes{command.reason.begin(), command.reason.end()}});
    if (const auto* accepted = std::get_if<PushAccepted>(&answer))
        history.note("hosts.stopped", ledger.find(accepted->push)->target, command.reason);
    return answer;
}

Answer Manager::State::on(const UnstopCommand& command) {
    HostSet hosts;
    std::vector<PushId> ended;
    for (const RuleView& rule : ledger.rules(stop_topic)) {
        if (command.selector && rule.selector != *command.selector) continue;
        hosts |= rule.hosts;
        ended.push_back(rule.rule);
    }
    if (ended.empty())
        return problem(Problem::Kind::not_found,
                       command.selector ? "no stop of the selector '" + *command.selector +
                                              "' is in force; `coppice stops` lists them"
                                        : "no host is stopped");
    for (const PushId rule : ended) static_cast<void>(ledger.remove_rule(rule, registry));
    history.note("hosts.unstopped", hosts);
    return RulesChanged{issue_owed()};
}

Answer Manager::State::push(const PushCommand& command) {
    if (auto found = objection(command)) return *std::move(found);
    HostSet target = select(Selector::parse(command.selector).value(), false);
    if (target.empty())
        return problem(Problem::Kind::not_found,
                       "the selector '" + command.selector + "' selects none of the " +
                           std::to_string(registry.size()) + " registered hosts");
    if (command.is_dry_run) return ledger.plan(command.topic, target);
    const bool waits = command.not_before > unix_now();
    const PushId id = next_push();
    PushRecord push{.push = id,
                    .topic = command.topic,
                    .version = waits ? 0 : ledger.next_version(command.topic),
                    .selector = command.selector,
                    .committed = unix_now(),
                    .payload_bytes = command.payload.size(),
                    .target = target,
                    .rule = id,
                    .phase = waits ? PushPhase::waiting : PushPhase::in_force};
    if (!waits) {
        push.effective = target;
        push.offered = unix_now();
    }
    if (waits) push.not_before = command.not_before;
    if (command.deadline > Duration::zero())
        push.deadline = std::max(unix_now(), command.not_before) +
                        std::chrono::duration_cast<UnixMillis>(command.deadline);
    seal(push, command.payload);
    history.note("push.committed", target, command.topic, {{"push", std::to_string(id.value)}});
    ledger.commit(std::move(push));
    return PushAccepted{id};
}

Answer Manager::State::on(const RemoveRuleCommand& command) {
    if (auto found = ledger.remove_rule(command.push, registry)) return *std::move(found);
    history.note("rule.removed", HostSet{}, ledger.find(command.push)->topic,
                 {{"push", std::to_string(command.push.value)}});
    return RulesChanged{issue_owed()};
}

Answer Manager::State::on(const RevertCommand& command) {
    std::variant<Problem, Owed> found = ledger.revert(command);
    if (auto* refused = std::get_if<Problem>(&found)) return std::move(*refused);
    return RulesChanged{issue(std::get<Owed>(found))};
}

PushId Manager::State::next_push() {
    count("coppice_pushes_total");
    const PushId id = fleet.next_push;
    ++fleet.next_push.value;
    return id;
}

void Manager::State::seal(PushRecord& push, Bytes payload) const {
    push.content = notary.seal(
        PushContent{.fleet = fleet.fleet,
                    .push = push.push,
                    .topic = push.topic,
                    .version = push.version,
                    .selector = push.signed_selector.empty() ? push.selector : push.signed_selector,
                    .payload = std::move(payload),
                    .is_withdrawal = push.is_withdrawal});
}

Bytes Manager::State::payload_of(PushId id) const {
    const Result<Statement> opened = notary.open(ledger.find(id)->content);
    const auto* content = opened.ok() ? std::get_if<PushContent>(&opened.value()) : nullptr;
    COPPICE_ENSURE(content != nullptr,
                   "the store holds a push that this fleet's key did not sign; "
                   "restore the store that belongs to the key");
    return content->payload;
}

std::vector<PushId> Manager::State::issue_owed() {
    std::vector<PushId> issued;
    for (const Owed& owed : ledger.take_owed())
        for (const PushId push : issue(owed)) issued.push_back(push);
    return issued;
}

/// One push when its selector names the hosts; those that it does not are named one by one.
std::vector<PushId> Manager::State::issue(const Owed& owed) {
    const Result<Selector> selector = Selector::parse(owed.selector);
    const bool is_rule = owed.rule != PushId{};
    const bool is_usable = selector.ok() && (is_rule || !owed.selector.empty());
    HostSet selected;
    std::vector<std::string> named;
    for (const HostId id : owed.hosts.to_vector()) {
        const HostRecord* host = registry.find(id);
        if (host == nullptr) continue;
        if (is_usable && selector->matches(host->name, host->labels))
            selected.insert(id);
        else
            named.push_back(host->name);
    }
    const Bytes payload = is_rule ? payload_of(owed.source) : Bytes{};
    std::vector<PushId> issued;
    if (!selected.empty()) issued.push_back(issue_to(owed, selected, owed.selector, payload));
    if (named.empty()) return issued;
    for (const std::string& names : selectors_of(std::move(named))) {
        const Selector one = Selector::parse(names).value();
        HostSet hosts;
        for (const HostId id : (owed.hosts - selected).to_vector())
            if (const HostRecord* host = registry.find(id);
                host != nullptr && one.matches(host->name, host->labels))
                hosts.insert(id);
        issued.push_back(issue_to(owed, hosts, names, payload));
    }
    return issued;
}

PushId Manager::State::issue_to(const Owed& owed, const HostSet& hosts, const std::string& selector,
                                const Bytes& payload) {
    const PushId id = next_push();
    const bool is_withdrawal = owed.rule == PushId{};
    PushRecord push{.push = id,
                    .topic = owed.topic,
                    .version = ledger.next_version(owed.topic),
                    .selector = is_withdrawal ? selector : ledger.find(owed.rule)->selector,
                    .committed = unix_now(),
                    .payload_bytes = payload.size(),
                    .target = hosts,
                    .effective = hosts,
                    .rule = owed.rule,
                    .is_withdrawal = is_withdrawal,
                    .offered = unix_now()};
    if (!is_withdrawal) {
        const PushId origin = ledger.find(owed.source)->reissue_of;
        push.reissue_of = origin == PushId{} ? owed.source : origin;
        if (selector != push.selector) push.signed_selector = selector;
    }
    seal(push, payload);
    std::map<std::string, std::string> evidence{{"push", std::to_string(id.value)}};
    if (is_withdrawal) evidence["withdrawal"] = "yes";
    if (!is_withdrawal) evidence["reissue_of"] = std::to_string(push.reissue_of.value);
    history.note("push.committed", hosts, owed.topic, std::move(evidence));
    ledger.commit(std::move(push));
    return id;
}

/// A push has waited long enough: what it selects and its version are of now.
void Manager::State::begin_ripe() {
    for (const PushId id : ledger.take_ripe(unix_now())) {
        PushRecord push = *ledger.find(id);
        Bytes payload = payload_of(id);
        push.phase = PushPhase::in_force;
        push.version = ledger.next_version(push.topic);
        push.offered = unix_now();
        push.target = select(Selector::parse(push.selector).value(), false);
        push.effective = push.target;
        seal(push, std::move(payload));
        history.note("push.begun", push.target, push.topic, {{"push", std::to_string(id.value)}});
        ledger.commit(std::move(push));
    }
}

/// To whom it is meant, but for those that pushes pass by; nobody is too isolated to be stopped.
void Manager::State::offer_push(PushId id) {
    const PushRecord& push = *ledger.find(id);
    const bool is_stop = push.topic == stop_topic;
    HostSet target = is_stop ? push.effective : push.effective - isolation.passed_by();
    if (push.effective.empty())
        isolation.forget(id);
    else if (!is_stop)
        isolation.watch(id, ledger.awaited(id) & present, now);
    std::shared_ptr<const Sealed> content;
    if (!target.empty()) content = std::make_shared<const Sealed>(push.content);
    hub.relay().on_push({.push = id,
                         .topic = push.topic,
                         .version = push.version,
                         .target = std::move(target),
                         .content = std::move(content)},
                        now);
}

void Manager::State::settle_ledger() {
    issue_owed();
    const LedgerChanges changes = ledger.take_changes();
    for (const PushId id : changes.completed)
        if (const StageTimes* times = hub.relay().times().find(id)) ledger.set_stages(id, *times);
    weigh_answers(changes.answers);
    settle_isolation();
    for (const PushId id : changes.pushes) out.writes.emplace_back(Put{*ledger.find(id)});
    for (const PushId id : changes.receipts) out.writes.emplace_back(Put{*ledger.find_receipt(id)});
    for (const PushId id : changes.forgotten) {
        out.writes.emplace_back(Erase{key_of(PushRecord{.push = id})});
        out.writes.emplace_back(Erase{key_of(ReceiptRecord{.push = id})});
    }
    offer_changed(changes);
    for (const PushId id : changes.completed) {
        const PushRecord& push = *ledger.find(id);
        history.note("push.completed", push.target, push.topic,
                     {{"push", std::to_string(id.value)}});
    }
    for (const PushId id : changes.late)
        history.note("push.late", ledger.find_receipt(id)->laggards, ledger.find(id)->topic,
                     {{"push", std::to_string(id.value)}});
}

void Manager::State::weigh_answers(const std::vector<Answers>& answers) {
    for (const Answers& one : answers) {
        if (one.refusal)
            isolation.on_refused(one.push, one.hosts, *one.refusal, ledger.refused(one.push),
                                 ledger.find(one.push)->target.size(), now);
        else
            isolation.on_applied(one.push, one.hosts, now);
    }
}

HostSet Manager::State::stopped() const {
    HostSet hosts;
    for (const RuleView& rule : ledger.rules(stop_topic)) hosts |= rule.hosts;
    return hosts;
}

void Manager::State::settle_isolation() {
    const bool is_due = isolation.next_deadline() <= now;
    isolation.settle(is_due ? stopped() : HostSet{}, present.size(), now, unix_now());
    const IsolationChanges changes = isolation.take_changes();
    for (const HostId host : changes.begun.to_vector()) {
        const IsolationRecord& record = *isolation.find(host);
        out.writes.emplace_back(Put{record});
        history.note("host.isolated", host, to_text(record.cause), {{"reason", record.reason}});
    }
    for (const HostId host : changes.ended.to_vector()) {
        out.writes.emplace_back(Erase{key_of(IsolationRecord{.host = host})});
        if (registry.find(host) != nullptr) history.note("host.restored", host);
    }
    if (changes.is_over_budget)
        history.note("isolation.over_budget", isolation.hosts() | isolation.over_budget());
    if (changes.offers.empty()) return;
    for (const PushId push : ledger.active())
        if (ledger.find(push)->effective.intersects(changes.offers)) offer_push(push);
}

void Manager::State::offer_changed(const LedgerChanges& changes) {
    for (const PushId id : changes.begun)
        if (ledger.find(id)->topic != stop_topic) coalescing.begin(ledger.find(id)->topic, id, now);
    for (const PushId id : changes.wanted) {
        const std::string& topic = ledger.find(id)->topic;
        if (topic == stop_topic)
            offer_push(id);
        else if (!changes.begun.contains(id))
            coalescing.follow(topic, id, now);
    }
    for (const PushId id : coalescing.take_due(now)) offer_push(id);
}

Instant Manager::State::ledger_due() const {
    const std::optional<UnixMillis> next = ledger.next_due();
    const Instant awaited = next ? unix_read_at + (*next - unix_read) : never;
    return std::min(awaited, coalescing.next_deadline());
}

}  // namespace coppice
