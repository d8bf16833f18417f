#pragma once
// Passes over stretches of a fleet's life in which only heartbeats would pass, exactly: every node,
// every connection and every frame under way is as if the stretch had been lived through.
//
// A stretch is quiet when every node rests (common/rest.h), every frame arrives at a time that
// depends on its number alone, and nothing else is scheduled. The beats of a link lie on its
// cadence, so the last one before any instant is known without the others; what an answer says of
// the root's age follows from the parent's own last answer, and so on up to the root.

#include <vector>

#include "common/downlink.h"
#include "simulator/world.h"

namespace coppice {

class Agent;
class Manager;

/// Works on a world whose host `manager` runs a Manager and whose other hosts run Agents; outlives
/// every run of that world.
class QuietStretches {
public:
    QuietStretches(VirtualWorld& world, HostIndex manager) : world_{world}, manager_{manager} {}

    /// Leaps to `limit`, or to shortly before the next deadline of a node, when all is quiet until
    /// then and the stretch is long enough. Otherwise changes nothing.
    void pass(Instant limit);
    [[nodiscard]] std::uint64_t stretches() const { return stretches_; }

private:
    /// One link and its beats from now on: number `first` is the next.
    struct Link {
        HostIndex child = 0;
        HostIndex parent = 0;
        HostId child_id;
        std::uint32_t connection = 0;
        std::uint64_t frames_up = 0;  // sent until now
        std::uint64_t frames_down = 0;
        UplinkRest uplink;
        ChildRest downlink;
        std::uint64_t first = 0;
        bool is_beat_under_way = false;
        bool is_answer_under_way = false;
    };
    /// Numbers of the last beat before an instant that was sent, that arrived, and whose answer
    /// arrived.
    struct Progress {
        std::uint64_t sent = 0;
        std::uint64_t arrived = 0;
        std::uint64_t answered = 0;
    };

    [[nodiscard]] Instant rest_of(HostIndex host) const;
    [[nodiscard]] bool survey(Instant& limit);
    [[nodiscard]] Standing standing(HostIndex parent, Instant time) const;
    [[nodiscard]] bool add_link(HostIndex child);
    [[nodiscard]] std::uint32_t depth_of(HostIndex host) const;
    [[nodiscard]] Instant arrival(const Link& link, std::uint64_t beat) const;
    [[nodiscard]] Instant answer(const Link& link, std::uint64_t beat) const;
    [[nodiscard]] Progress progress(const Link& link, Instant time) const;
    [[nodiscard]] Instant root_heard(const Link& link, Instant time) const;
    [[nodiscard]] Duration root_age(HostIndex parent, Instant time) const;
    void pass(const Link& link, Instant time);
    void put_under_way(const Link& link, Instant time);
    [[nodiscard]] Agent& agent(HostIndex host) const;
    [[nodiscard]] Manager& manager() const;
    [[nodiscard]] Downlink& links(HostIndex host) const;

    VirtualWorld& world_;
    HostIndex manager_;
    std::vector<Link> links_;
    std::vector<std::uint32_t> link_of_;  // by child, one more than its place; zero: it has none
    std::uint64_t stretches_ = 0;
};

}  // namespace coppice
