#pragma once
// The longest time from the death of a host until the manager knows it, as sums of named terms.
//
// Where times come from: `message` is the longest time from the moment at which one process has
// something to say until the other has dealt with it (the manager: has committed it); `depth` is
// the number of links from the host to the root. All else is of Timing.
//
// killed = message + probes + way_up
//     The process ends, its system lives. The end of the connection reaches the parent, which
//     probes the address at once, twice (silence.h): both are refused.
//         probes = 4 message, two there and two back
//     The word "lost" travels from the parent to the manager over as many links as the host is
//     deep. Each sends it as a hint, which waits a hint gap at most.
//         way_up = depth (hint_gap + message)
// silent = message + lost_after + way_up
//     Nobody is told. The last beat may have left just before, so silence is counted from its
//     arrival; jitter makes detection earlier, never later.
// parent_too = message + lost_after + way_up_above + new_root + not_back_after
//     Host and parent fall silent at the same moment. What notices is the grandparent: the whole
//     subtree leaves its `members`, which travels like a fact, but that a change of the same set
//     may be under way: one more message there and back a link. The manager gives whoever is in no
//     subtree not_back_after.
//         way_up_above = (depth - 1) (hint_gap + 3 message)
//     Directly below the root it is the manager that notices, and another root must be heard before
//     anybody is missed: the understudy is ordered to be root, connects (TCP and CURVE take eight
//     messages) and joins.
//         new_root = 10 message
//     When the host is the understudy itself, it is named root in vain. It loses the role to the
//     first that asks for a place after untried_root_after (3 intervals). An orphan asks once a
//     round through its candidates: one that does not answer, and pause_max (2 intervals).
//         new_root = 5 interval + join_timeout + 12 message
// parent_later = 2 message + 2 lost_after + way_up_above + new_root + not_back_after
//     The parent falls silent just before it would have told: its own silence begins then.
// mass = message + not_back_after + way_up
//     Most children of one parent fall silent together. It doubts itself first (downlink.h).
// mass_later = 2 message + 3 not_back_after + way_up_above + new_root
//     The same, and the parent falls silent when it is about to tell, as do most of its siblings.
// newcomer
//     As mass_later, but the host dies while it looks for its first parent, to which a newcomer
//     has not_joined_after.
//
// Premises: the manager runs and hears its root, no observer is paused, all other hosts of the path
// live, and no frame is dropped at a full queue (the next beat repeats what it said: 1.2 intervals
// more). A host whose address was never reached counts as silent when it is killed.

#include <cstdint>
#include <string>
#include <vector>

#include "common/timing.h"

namespace coppice {

struct Term {
    std::string name;     // "way_up"
    std::string formula;  // of what it is made: "2 (hint_gap + message)"; empty: of nothing else
    Duration time{};
};

struct Bound {
    std::vector<Term> terms;

    [[nodiscard]] Duration total() const;
    /// "2 lost_after + way_up": the names of the terms.
    [[nodiscard]] std::string formula() const;
};

/// Where a host is, as far as detection depends on it.
struct Position {
    std::uint32_t depth = 0;  // links to the root; zero is the root, whose parent is the manager
    bool is_understudy = false;
};

/// How long news is under way.
struct Travel {
    Term message;       // a last beat, or the end of a connection, to the parent
    Term probes;        // both
    Term way_up;        // of a fact, from the parent to the manager
    Term way_up_above;  // of a change of members, from the grandparent
    Term new_root;      // until another root is heard; only directly below the root
};

struct Detection {
    Bound killed;
    Bound silent;
    Bound parent_too;
    Bound parent_later;
    Bound mass;
    Bound mass_later;
    Bound newcomer;
};

/// For a host below the root; of a root only `killed` and `silent` mean anything.
[[nodiscard]] Detection detection_of(const Timing& timing, const Travel& travel);
[[nodiscard]] Travel travel_of(const Position& position, const Timing& timing, Duration message);
/// Wherever the host is: one interval for the whole way up, in which a hint that was lost may be
/// repeated by a beat, and for new roots nothing. For fleets whose messages take milliseconds.
[[nodiscard]] Travel travel_of_any(const Timing& timing);

/// False deaths of one host in a year of 365 days, when its beats miss their time independently
/// with probability `loss`.
///
/// The model is that of Chen, Toueg and Aguilera (On the Quality of Service of Failure Detectors,
/// IEEE Transactions on Computers 51(5), 2002): beats at regular times, lost independently. A run
/// of n lost beats ends with one that comes n + 1 intervals after the last that was heard, earlier
/// or later by the difference of two jitters, which is as often positive as negative. So a run of
/// lost_after / interval - 1 = 3 is a death in half of all cases, any longer one always:
///     year / interval * (1 - p) p^3 ((1 - p) / 2 + p)
///
/// It is an upper limit: a peer that is late is asked for a sign of life four times an interval
/// (Timing::ask_after), which makes up for beats that were lost. How often that fails too depends
/// on what keeps the beats, since the questions take the same way.
///
/// What p means: a beat is not there when the next is. TCP loses nothing: it sends a lost packet
/// again after 0.2 s, 0.6 s, 1.4 s and so on, so at an interval of 1 s a beat is late only when
/// about three packets in a row were lost, and p is far below the loss of packets. On the other
/// hand what is late delays what follows it, and trouble of networks and machines comes in bursts:
/// both make misses depend on each other, and then there are more false deaths than this says.
[[nodiscard]] double false_deaths_per_host_year(const Timing& timing, double loss);

/// What a quiet beat, its answer and TCP's acknowledgement take on the wire with CURVE and headers,
/// as measured (docs/performance.md).
inline constexpr double bytes_per_beat = 313;
/// On all links of an interior host, to its children and to its parent, in bytes a second.
[[nodiscard]] double quiet_bytes_per_branch(const Timing& timing, std::uint32_t children);

}  // namespace coppice
