#pragma once
// Looks at a fleet while it runs: every checker at every look, and what is worth counting.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "simulator/fleet.h"

namespace coppice {

struct Findings {
    Sentences broken;  // with their times, each once, at most 20
    std::uint64_t false_lost = 0;
    std::uint64_t double_counted = 0;  // answers that were not the fold of their hosts
    std::uint64_t moves = 0;           // changes of a placed host's parent
    std::uint64_t answers = 0;
    std::vector<Duration> detections;  // from a crash to the manager calling it lost, ascending
};

/// Outlives every run of the fleet's world.
class Observer {
public:
    explicit Observer(Fleet& fleet) : fleet_{fleet} {}

    /// From now on looks once in `period`.
    void start(Duration period);
    void look();
    /// Says that something is broken now.
    void report(const std::string& rule, const Sentences& sentences);

    /// Asks the manager and checks the answer when it is there.
    void ask(const QueryCommand& query);

    [[nodiscard]] Findings findings() const;

private:
    struct Question {
        RequestId request;
        QueryCommand query;
    };
    /// Who hangs, through however many parents, on a host to which something was done, or finds no
    /// parent while the manager suffers, may be called lost without that being a fault.
    void excuse(Snapshot& snapshot);
    [[nodiscard]] bool suffers(const HostSnapshot& host,
                               const std::map<HostId, const HostSnapshot*>& hosts) const;
    void count_moves(const Snapshot& snapshot);
    void time_detections(const Snapshot& snapshot);
    void check_answers();

    Fleet& fleet_;
    Findings findings_;
    StampChecker stamps_;
    std::set<std::string> known_;  // sentences that were reported
    std::map<std::string, Instant> excused_until_;
    std::map<std::string, HostId> parents_;
    std::set<std::pair<HostIndex, Instant>> detected_;  // crashes that the manager knows of
    std::vector<Question> questions_;
};

}  // namespace coppice
