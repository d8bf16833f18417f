#pragma once
// Watches a fleet while it runs, with a checker for each rule of docs/architecture.md, "What must
// always hold", and counts what is worth counting.
//
// The checkers are told of what changes and look at that alone, so that they can run all the time.
// A full sweep compares everything with everything now and then. A sentence about what is broken
// comes with its time, and once. Who may be lost or moved without that being wrong: excuses.h.

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/count_checker.h"
#include "simulator/durability_checker.h"
#include "simulator/flow_checker.h"
#include "simulator/loss_checker.h"
#include "simulator/obedience_checker.h"
#include "simulator/placement_checker.h"
#include "simulator/receipt_checker.h"
#include "simulator/reshape_checker.h"
#include "simulator/series_checker.h"
#include "simulator/talk_checker.h"
#include "simulator/tree_checker.h"

namespace coppice {

struct Findings {
    Sentences broken;  // with their times, each once, at most 20
    std::uint64_t false_lost = 0;
    std::uint64_t double_counted = 0;  // answers that were not the fold of their hosts
    std::uint64_t moves = 0;           // changes of a placed host's parent
    std::uint64_t answers = 0;
    std::uint64_t windows = 0;         // of series
    std::uint64_t heard = 0;           // messages of daemons
    std::vector<Duration> detections;  // from a crash to the manager calling it lost, ascending
    std::vector<DeathMoves> deaths;    // of hosts that had children, oldest first

    [[nodiscard]] std::uint32_t moves_max_per_death() const;
};

/// Outlived by the fleet. Watches until it ends.
class Observer final : public FleetWitness {
public:
    /// `sweep_steps`: steps of nodes between two full sweeps; zero: so many that a sweep costs
    /// little.
    explicit Observer(Fleet& fleet, std::uint64_t sweep_steps = 0);
    ~Observer() override { fleet_.world().remove_witness(*this); }

    /// A full sweep now.
    void look();
    /// Says that something is broken now.
    void report(const std::string& rule, const Sentences& sentences) {
        complaints_.add(rule, sentences);
    }

    /// Asks the manager and checks the answer when it is there.
    void ask(const QueryCommand& query);

    /// Has a daemon of that host say something to those of its neighbours, and watches who hears
    /// it.
    void say(HostIndex host, LocalSaid::To to, HostId neighbour) { talk_.say(host, to, neighbour); }

    [[nodiscard]] Findings findings() const;

    void on_process(HostIndex host, bool is_up) override;
    void on_input(HostIndex host, const Input& input) override;
    void on_commit(HostIndex host, std::span<const Write> writes) override;
    void on_send(HostIndex host, const Send& send) override;
    void on_heard(HostIndex host, const LocalHeard& heard) override { talk_.on_heard(host, heard); }
    void on_leap(Instant from, Instant to) override;
    void on_step(HostIndex host, const Node& node) override;
    void on_glance(HostIndex host, const AgentGlance& before, const AgentGlance& after) override;

private:
    struct Asked {
        RequestId request;
        std::string text;
    };
    [[nodiscard]] HostTruth truth_of(HostId host) const;
    void check_answers();

    Fleet& fleet_;
    const std::uint64_t sweep_steps_;
    std::uint64_t steps_ = 0;  // since the last sweep
    Instant next_sample_{};
    Complaints complaints_;
    FleetModel model_;
    Excuses excuses_;
    TreeChecker tree_;
    ObedienceChecker obedience_;
    ReshapeChecker reshapes_;
    PlacementChecker placement_;
    LossChecker losses_;
    DurabilityChecker durability_;
    CountChecker counts_;
    ReceiptChecker receipts_;
    FlowChecker flow_;
    TalkChecker talk_;
    SeriesChecker series_;
    std::uint64_t answers_ = 0;
    std::uint64_t double_counted_ = 0;
    std::vector<Asked> questions_;
};

}  // namespace coppice
