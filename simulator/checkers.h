#pragma once
// What must always hold in a fleet, and what must hold once it has come to rest.
//
// Every checker looks at plain values and returns one sentence per broken rule; none when all is
// well.

#include <map>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "common/command.h"
#include "manager/views.h"

namespace coppice {

/// One host as the world knows it, whoever else does.
struct HostSnapshot {
    std::string name;
    HostId id;                  // as registered; zero before
    bool is_running = false;    // up and not paused
    bool is_disturbed = false;  // something was done to it or to its parent, or lately
    UnixMillis calm_since{};    // end of what was done to it last, with time to recover
    AgentView view;             // when running
    std::map<std::string, std::uint64_t> disk;  // newest version on disk by topic
};

struct Snapshot {
    std::uint32_t fanout = 0;
    std::uint32_t slack = 0;
    std::vector<std::string> domain_path;
    std::vector<HostSnapshot> hosts;
    // Of the manager; empty when it is down.
    bool is_manager_running = false;
    std::vector<HostView> views;
    std::vector<ReceiptView> receipts;
    std::vector<TreeFault> tree_faults;
    // Of the manager's store.
    std::vector<PushRecord> pushes;
    std::vector<ReceiptRecord> reports;
};

using Sentences = std::vector<std::string>;

// --- always -------------------------------------------------------------------------------------

/// Running hosts that follow their parents never come back to themselves.
[[nodiscard]] Sentences check_no_cycle(const Snapshot& snapshot);
/// No host has more children than fan-out and slack allow, and as many guests on their way out.
[[nodiscard]] Sentences check_children(const Snapshot& snapshot);
/// Nobody to whom nothing was done was called lost, or said to have left, since then.
[[nodiscard]] Sentences check_nobody_lost(const Snapshot& snapshot);
/// The four counts of each receipt add up, and a complete one lacks nothing.
[[nodiscard]] Sentences check_receipt_counts(const Snapshot& snapshot);
/// Every host that a receipt calls applied has the version or a newer one on its disk.
[[nodiscard]] Sentences check_applied(const Snapshot& snapshot);
/// All of the above.
[[nodiscard]] Sentences check_always(const Snapshot& snapshot);

/// Stamps of the orders that a host obeys never decrease, through restarts too.
class StampChecker {
public:
    [[nodiscard]] Sentences check(const Snapshot& snapshot);

private:
    std::map<std::string, Stamp> newest_;
};

// --- at rest ------------------------------------------------------------------------------------

/// Every running host is attached below one root, where the manager has it, and live.
[[nodiscard]] Sentences check_settled(const Snapshot& snapshot);
/// Nothing was written to any store while nothing changed.
[[nodiscard]] Sentences check_idle(std::uint64_t writes_before, std::uint64_t writes_after);

}  // namespace coppice
