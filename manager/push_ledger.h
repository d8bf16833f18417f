#pragma once
// Pushes and their receipts: who is to have which version, who has it, who refused.
//
// A host's desired version is that of the newest rule that matches it, now and later. It only
// grows: an agent never goes back. So a host that comes under an older rule, or under none, is owed
// a new push, which carries the rule's payload or a withdrawal under the next version.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/command.h"
#include "common/record.h"
#include "common/selector.h"
#include "common/set_sync.h"
#include "manager/registry.h"
#include "manager/rule_book.h"
#include "manager/views.h"

namespace coppice {

/// Hosts that have answered a push of whose target they are, for the first time.
struct Answers {
    PushId push;
    HostSet hosts;
    std::optional<std::string> refusal;  // none: they have applied it
};

/// What a step changed, for the owner to write, to send and to tell.
struct LedgerChanges {
    std::set<PushId> pushes;     // their record
    std::set<PushId> begun;      // they have come into force
    std::set<PushId> receipts;   // their receipt
    std::set<PushId> wanted;     // for whom they are desired
    std::set<PushId> completed;  // every host of the target has them since this step
    std::set<PushId> late;       // their deadline has passed since
    std::vector<Answers> answers;
};

/// A push that is to be signed and committed by whoever can do that.
struct Owed {
    std::string topic;
    PushId rule;    // that it carries; zero: a withdrawal
    PushId source;  // whose payload it has; zero: a withdrawal
    std::string
        selector;  // that names its hosts and, as it is meant, nobody else; empty: none does
    HostSet hosts;
};

class PushLedger {
public:
    void load(PushRecord push);
    void load(ReceiptRecord receipt);

    /// Why a push cannot be taken, whatever its target; none when it can.
    [[nodiscard]] std::optional<Problem> objection(const PushCommand& command) const;
    /// The version that the next push of the topic gets.
    [[nodiscard]] std::uint64_t next_version(std::string_view topic) const;
    /// Takes a push whose id is greater than all before, or one that has waited. One in force has
    /// the next version: older pushes of the topic lose its target, and a rule of the same selector
    /// ends.
    void commit(PushRecord push);
    /// What a push to `target` would take from whom.
    [[nodiscard]] PushPlanned plan(std::string_view topic, const HostSet& target) const;

    /// Ends the rule that this push carries, or the waiting of a push; its hosts come under older
    /// rules or are withdrawn from. Why that cannot be, when it cannot.
    [[nodiscard]] std::optional<Problem> remove_rule(PushId push, const Registry& registry);
    /// What brings a former payload back into the rule where it was; see RevertCommand.
    [[nodiscard]] std::variant<Problem, Owed> revert(const RevertCommand& command) const;

    /// A host registered, or its name or labels changed: it comes under the newest rule of each
    /// topic that matches it.
    void on_host(HostId host, std::string_view name, const Labels& labels);
    /// Never comes back under this id.
    void forget(HostId host);
    /// The tree reports one set, of applied or refused.
    void on_report(const SetKey& key, const HostSet& hosts, UnixMillis now);

    /// The pushes that changes of rules and hosts ask for; each is to be committed now.
    [[nodiscard]] std::vector<Owed> take_owed();
    [[nodiscard]] LedgerChanges take_changes() { return std::exchange(changes_, {}); }

    /// When a push ceases to wait or is late, whichever comes first; none: nothing is awaited.
    [[nodiscard]] std::optional<UnixMillis> next_due() const;
    /// Pushes that have waited long enough: to be signed with their version, and committed again.
    [[nodiscard]] std::vector<PushId> take_ripe(UnixMillis now);
    void pass_deadlines(UnixMillis now);

    [[nodiscard]] const PushRecord* find(PushId push) const;
    [[nodiscard]] const ReceiptRecord* find_receipt(PushId push) const;
    [[nodiscard]] std::vector<PushId> active() const;  // that somebody is to have, oldest first

    /// Hosts that are to have it and have not answered.
    [[nodiscard]] HostSet awaited(PushId push) const;
    /// Whatever the reason.
    [[nodiscard]] HostSet refused(PushId push) const;
    /// `reachable` are the hosts that can still answer, `isolated` those that are not waited for.
    [[nodiscard]] ReceiptView view(PushId push, const HostSet& reachable,
                                   const HostSet& isolated) const;
    /// Of one topic, or of all when it is empty; the newest rule of each first.
    [[nodiscard]] std::vector<RuleView> rules(std::string_view topic) const;
    /// Hosts under this rule that have what it gives them.
    [[nodiscard]] HostSet has_applied(PushId rule) const;
    [[nodiscard]] std::vector<PushId> all() const;  // oldest first
    [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        PushRecord push;
        ReceiptRecord receipt;
        std::optional<Selector> signed_for;  // the hosts that can believe it
        UnixMillis first_receipt{};          // zero: none since this process started
    };
    struct Topic {
        std::vector<PushId> pushes;  // that have come into force, by version
        RuleBook rules;
        std::set<PushId> waiting;
        std::set<PushId> withdrawals;    // that are in force
        HostSet named;                   // by any push
        std::map<PushId, HostSet> owed;  // by rule; zero: withdrawals
        std::string orphans;             // a selector of those that are owed withdrawals
    };

    void weigh(const Entry& entry);
    void unweigh(const Entry& entry);
    void index(Entry& entry);
    void index_carrier(Topic& topic, const PushRecord& push);
    void come_into_force(Entry& entry);
    void make_room(Topic& topic);
    void retire(Topic& topic, PushId rule);
    void trim(const Topic& topic);
    template <class Change>
    void change(Entry& entry, Change how) {
        unweigh(entry);
        how(entry.push);
        weigh(entry);
        changes_.pushes.insert(entry.push.push);
    }
    void shrink(Entry& entry, const HostSet& hosts);
    void leave_force(Topic& topic, Entry& entry);
    void cancel(Topic& topic, Entry& entry);
    void settle(Topic& topic, const Subject& host, bool may_join);
    void join(Topic& topic, Entry& entry, HostId host);
    void take_from_others(Topic& topic, const HostSet& hosts);
    [[nodiscard]] const Entry* newest_naming(const Topic& topic, HostId host) const;
    [[nodiscard]] HostSet crowded(std::vector<PushId> pushes) const;
    [[nodiscard]] HostSet hosts_of(const Rule& rule) const;
    [[nodiscard]] std::optional<Problem> lack_of_room(const Topic& topic,
                                                      const PushCommand& command) const;
    [[nodiscard]] const PushRecord* version_before(const Topic& topic, const Rule& rule) const;
    [[nodiscard]] const PushRecord* kept_version(const Topic& topic, std::uint64_t version) const;
    [[nodiscard]] PushId origin_of(PushId push) const;

    // push_receipts.cpp
    void add_applied(Entry& entry, const HostSet& hosts, UnixMillis now);
    void on_refusals(Entry& entry, const std::string& reason, const HostSet& hosts);
    HostSet add_refused(Entry& entry, const std::string& reason, const HostSet& hosts);
    void stamp_progress(Entry& entry, UnixMillis now);
    [[nodiscard]] std::vector<PushId> in_force(const Topic& topic) const;

    std::map<PushId, Entry> entries_;
    std::map<std::string, Topic, std::less<>> topics_;
    std::set<std::pair<UnixMillis, PushId>> ripening_;
    std::set<std::pair<UnixMillis, PushId>>
        deadlines_;                 // of pushes that are neither complete nor late
    std::size_t held_bytes_ = 0;    // of what is in force or waits
    std::size_t former_bytes_ = 0;  // of what is kept to be brought back
    bool is_owing_ = false;
    LedgerChanges changes_;
};

}  // namespace coppice
