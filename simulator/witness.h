#pragma once
// Who watches a world sees what happens in it, as it happens: checkers, meters, tellers.

#include <span>

#include "common/node.h"
#include "simulator/network.h"

namespace coppice {

/// Calls come in the order of events. A witness changes nothing in the world; what it wants to do
/// later it puts on the schedule.
class Witness {
public:
    Witness() = default;
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    virtual ~Witness() = default;

    /// A process began, or ended (for whatever reason).
    virtual void on_process(HostIndex, bool /*is_up*/) {}
    /// A node is about to take an input.
    virtual void on_input(HostIndex, const Input&) {}
    /// The store of a host has taken these writes; nothing that follows from them has left yet.
    virtual void on_commit(HostIndex, std::span<const Write>) {}
    /// A node hands a frame to the network.
    virtual void on_send(HostIndex, const Send&) {}
    /// The daemons of a host are given a message.
    virtual void on_heard(HostIndex, const LocalHeard&) {}
    /// Time leaps over a stretch in which only heartbeats pass; their frames and steps are not
    /// shown.
    virtual void on_leap(Instant /*from*/, Instant /*to*/) {}
    /// A node has taken its inputs, and its effects are on their way. By far the most frequent
    /// call.
    virtual void on_step(HostIndex, const Node&) {}
};

}  // namespace coppice
