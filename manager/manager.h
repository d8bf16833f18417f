#pragma once
// A management node: registers hosts, shapes its cell, starts pushes and questions, keeps the
// receipts and the events. A registry and a ledger with a root below it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/downlink.h"
#include "common/node.h"
#include "common/ports.h"
#include "common/result.h"
#include "common/selector.h"
#include "manager/config.h"
#include "manager/series_book.h"
#include "manager/views.h"

namespace coppice {

class Manager final : public Node {
public:
    /// `notary` outlives the manager and can seal. `loaded` is what the store holds: the fleet's
    /// record and first token must be there (coppice init).
    Manager(ManagerConfig config, Loaded loaded, const Notary& notary);
    ~Manager() override;

    [[nodiscard]] Outputs step(const Input& input, Instant now) override;
    [[nodiscard]] Instant next_deadline() const override;

    // Snapshots, for the API. They change nothing.
    [[nodiscard]] StatusView status() const;
    /// Hosts that the selector names, by name; an error points at the mistake in the selector.
    [[nodiscard]] Result<std::vector<HostView>> hosts(std::string_view selector) const;
    [[nodiscard]] std::optional<HostView> host(std::string_view name) const;
    /// Why the host is in its state, its place and its role, as sentences; empty: there is no such
    /// host.
    [[nodiscard]] std::vector<std::string> reasons(std::string_view host) const;
    /// Hosts of a greater id that the selector names, by id, at most `count_max`; a few thousand
    /// are looked at.
    [[nodiscard]] HostPage hosts_after(HostId host, const Selector& where,
                                       std::size_t count_max) const;
    [[nodiscard]] TreeView tree() const;
    [[nodiscard]] std::vector<TreeFault> tree_faults() const;
    /// What ReshapeCommand would do now.
    [[nodiscard]] PlanOutcome rebalance_plan(const MovesBound& bound) const;
    /// What RollBackCommand would do now.
    [[nodiscard]] PlanOutcome rollback_plan(std::uint64_t generation,
                                            const MovesBound& bound) const;
    /// Generations with changes since a time, the newest `count_max` of them, oldest first.
    [[nodiscard]] std::vector<TreeChangeView> tree_history(UnixMillis since,
                                                           std::size_t count_max) const;
    /// The name of a host; "#7" when it is not registered any more, empty for none.
    [[nodiscard]] std::string name(HostId host) const;
    /// Newest first.
    [[nodiscard]] std::vector<ReceiptView> pushes() const;
    [[nodiscard]] std::optional<ReceiptView> push(PushId id) const;
    /// The pushes of one topic, newest first; empty when there is no such topic.
    [[nodiscard]] std::vector<ReceiptView> topic(std::string_view topic) const;
    /// Rules in force of one topic, or of all when it is empty; the newest of each topic first.
    [[nodiscard]] std::vector<RuleView> rules(std::string_view topic) const;
    [[nodiscard]] std::vector<StopView> stops() const;
    /// Events that changed after the change numbered `after`, in the order of change, at most
    /// `count_max`.
    [[nodiscard]] std::vector<EventView> events(std::uint64_t after, std::size_t count_max) const;
    /// Their states as of `now`, which may be later than the last step.
    [[nodiscard]] std::vector<TokenView> tokens(UnixMillis now) const;
    /// By name.
    [[nodiscard]] std::vector<SeriesView> series() const;
    [[nodiscard]] std::vector<MetricView> metrics() const;
    /// Names of hosts as a bracketed host list, such as n[001-040].
    [[nodiscard]] std::string names(const HostSet& hosts) const;

    // Passing over quiet stretches; see common/rest.h.
    /// When this node has something else to do than to answer its root; nothing when it has now.
    [[nodiscard]] std::optional<Instant> rests_until() const;
    [[nodiscard]] Downlink& links();
    [[nodiscard]] Standing standing() const;
    /// When the link to the root has passed.
    void resume();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coppice
