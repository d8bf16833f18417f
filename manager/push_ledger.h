#pragma once
// Pushes and their receipts: who is to have which version, who has it, who refused.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "common/command.h"
#include "common/record.h"
#include "common/selector.h"
#include "common/set_sync.h"
#include "manager/views.h"

namespace coppice {

/// What a step changed, for the owner to write, to send and to tell.
struct LedgerChanges {
    std::set<PushId> pushes;     // their record
    std::set<PushId> receipts;   // their receipt
    std::set<PushId> wanted;     // for whom they are desired
    std::set<PushId> completed;  // every host of the target has them since this step
};

class PushLedger {
public:
    void load(PushRecord push);
    void load(ReceiptRecord receipt);

    /// Why a push cannot be taken, whatever its target; none when it can.
    [[nodiscard]] std::optional<Problem> objection(const PushCommand& command) const;
    /// The version that the next push of the topic gets.
    [[nodiscard]] std::uint64_t next_version(std::string_view topic) const;
    /// Takes a push whose id is greater than all before; older pushes of the topic lose its target.
    void commit(PushRecord push);

    /// A host registered, or its labels changed: it joins the newest push of each topic that
    /// selects it.
    void on_host(HostId host, std::string_view name, const Labels& labels);
    /// Never comes back under this id.
    void forget(HostId host);
    /// The tree reports one set, of applied or refused.
    void on_report(const SetKey& key, const HostSet& hosts, UnixMillis now);

    [[nodiscard]] LedgerChanges take_changes() { return std::exchange(changes_, {}); }
    [[nodiscard]] const PushRecord* find(PushId push) const;
    [[nodiscard]] const ReceiptRecord* find_receipt(PushId push) const;
    [[nodiscard]] std::vector<PushId> active() const;  // that somebody is to have, oldest first

    /// `reachable` are the hosts that can still answer.
    [[nodiscard]] ReceiptView view(PushId push, const HostSet& reachable) const;
    [[nodiscard]] std::vector<ReceiptView> views(const HostSet& reachable) const;  // newest first
    [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        PushRecord push;
        ReceiptRecord receipt;
        std::optional<Selector> selector;
        UnixMillis first_receipt{};  // zero: none since this process started
    };

    void index(Entry& entry);
    void shrink(Entry& entry, const HostSet& hosts);
    void add_applied(Entry& entry, const HostSet& hosts, UnixMillis now);
    void add_refused(Entry& entry, const std::string& reason, const HostSet& hosts);
    void stamp_progress(Entry& entry, UnixMillis now);

    std::map<PushId, Entry> entries_;
    std::map<std::string, std::vector<PushId>, std::less<>> topics_;  // oldest first
    std::size_t held_bytes_ = 0;
    LedgerChanges changes_;
};

}  // namespace coppice
