// Surveys the links, computes where each will be, and leaps.
#include "simulator/quiet.h"

#include <algorithm>

#include "agent/agent.h"
#include "manager/manager.h"
#include "schemas/codec.h"

namespace coppice {

namespace {

/// A deadline is met by living: clocks are read before it, and readings are whole milliseconds.
constexpr Duration before_deadline = std::chrono::milliseconds{10};

}  // namespace

Agent& QuietStretches::agent(HostIndex host) const {
    return static_cast<Agent&>(*world_.host(host).node());
}

Manager& QuietStretches::manager() const {
    return static_cast<Manager&>(*world_.host(manager_).node());
}

Downlink& QuietStretches::links(HostIndex host) const {
    return host == manager_ ? manager().links() : agent(host).links();
}

// --- is it quiet? -------------------------------------------------------------------------------

/// The earliest instant when a node has work of its own; now when it has already.
Instant QuietStretches::rest_of(HostIndex host) const {
    if (!world_.host(host).is_idle()) return world_.now();
    const std::optional<Instant> until =
        host == manager_ ? manager().rests_until() : agent(host).rests_until();
    return until ? *until - before_deadline : world_.now();
}

Standing QuietStretches::standing(HostIndex parent, Instant time) const {
    return parent == manager_ ? manager().standing() : agent(parent).standing(time);
}

bool QuietStretches::add_link(HostIndex child) {
    const std::optional<UplinkRest> uplink = agent(child).uplink_rest();
    if (!uplink) return false;
    const std::optional<Network::Pair> pair = world_.network().standing(child, uplink->route);
    if (!pair || world_.host(pair->to).phase() != VirtualHost::Phase::running) return false;
    const HostId id = agent(child).glance().host;
    const std::optional<ChildRest> downlink = links(pair->to).rest(id);
    if (!downlink || downlink->link != uplink->link || downlink->route != pair->to_route)
        return false;
    if (!agent(child).has_heard(standing(pair->to, world_.now()))) return false;
    const std::uint64_t beats = uplink->sequence_out - downlink->sequence_in;
    const std::uint64_t answers = downlink->sequence_out - uplink->sequence_in;
    const Cadence& cadence = uplink->cadence;
    const std::uint64_t first = cadence.first_after(uplink->next_beat - Duration{1});
    const bool is_regular = beats + answers <= 1 && cadence.beat(first) == uplink->next_beat;
    if (!is_regular) return false;
    link_of_[child] = static_cast<std::uint32_t>(links_.size() + 1);
    links_.push_back({child, pair->to, id, pair->connection, pair->frames_up, pair->frames_down,
                      *uplink, *downlink, first, beats == 1, answers == 1});
    return true;
}

std::uint32_t QuietStretches::depth_of(HostIndex host) const {
    std::uint32_t depth = 0;
    while (host != manager_) {
        if (link_of_[host] == 0 || ++depth > links_.size()) return ~std::uint32_t{0};
        host = links_[link_of_[host] - 1].parent;
    }
    return depth;
}

bool QuietStretches::survey(Instant& limit) {
    limit = std::min(limit, rest_of(manager_));
    for (HostIndex host = 0; host < world_.size() && limit > world_.now(); ++host)
        if (host != manager_ && world_.host(host).phase() != VirtualHost::Phase::down)
            limit = std::min(limit, rest_of(host));
    if (limit <= world_.now()) return false;
    links_.clear();
    link_of_.assign(world_.size(), 0);
    std::size_t under_way = 0;
    std::size_t children = 0;
    for (HostIndex host = 0; host < world_.size(); ++host) {
        if (world_.host(host).phase() == VirtualHost::Phase::down) continue;
        children += links(host).children().size();
        if (host == manager_) continue;
        if (!add_link(host)) return false;
        under_way += links_.back().is_beat_under_way || links_.back().is_answer_under_way ? 1 : 0;
    }
    // Nobody has a child that is elsewhere, and nothing is under way but what is known of.
    if (children != links_.size() || under_way != world_.network().under_way()) return false;
    std::uint32_t depth = 0;
    Duration interval{};
    for (const Link& link : links_) {
        depth = std::max(depth, depth_of(link.child));
        interval = std::max(interval, link.uplink.cadence.interval());
    }
    // An exchange ends before the next one begins.
    if (world_.network().longest_flight() * 2 >= interval * 4 / 5) return false;
    // Every beat that matters at the end must belong to the stretch, on each level above.
    return depth <= links_.size() && limit - world_.now() >= interval * 2 * (depth + 2);
}

// --- what happens in it -------------------------------------------------------------------------

Instant QuietStretches::arrival(const Link& link, std::uint64_t beat) const {
    const std::uint64_t frame = link.frames_up + (beat - link.first);
    return link.uplink.cadence.beat(beat) +
           world_.network().flight_time(link.connection, true, frame);
}

Instant QuietStretches::answer(const Link& link, std::uint64_t beat) const {
    const std::uint64_t frame =
        link.frames_down + (beat - link.first) + (link.is_beat_under_way ? 1 : 0);
    return arrival(link, beat) + world_.network().flight_time(link.connection, false, frame);
}

QuietStretches::Progress QuietStretches::progress(const Link& link, Instant time) const {
    Progress progress;
    progress.sent = link.uplink.cadence.first_after(time - Duration{1}) - 1;
    progress.arrived = progress.sent - (arrival(link, progress.sent) < time ? 0 : 1);
    progress.answered = progress.arrived - (answer(link, progress.arrived) < time ? 0 : 1);
    return progress;
}

/// What the child takes for the instant of the root's last word.
Instant QuietStretches::root_heard(const Link& link, Instant time) const {
    const std::uint64_t beat = progress(link, time).answered;
    return answer(link, beat) - root_age(link.parent, arrival(link, beat));
}

Duration QuietStretches::root_age(HostIndex parent, Instant time) const {
    if (parent == manager_ || agent(parent).glance().role == Role::root) return {};
    return time - root_heard(links_[link_of_[parent] - 1], time);
}

void QuietStretches::pass(const Link& link, Instant time) {
    const Progress at = progress(link, time);
    const std::uint64_t beats = at.sent + 1 - link.first;
    const std::uint64_t answers = at.arrived + 1 - link.first + (link.is_beat_under_way ? 1 : 0);
    const std::uint64_t sent = link.uplink.sequence_out + beats;
    const std::uint64_t answered = link.downlink.sequence_out + answers;
    agent(link.child)
        .pass({.sequence_out = sent,
               .sequence_in = answered - (at.arrived - at.answered),
               .last_beat = link.uplink.cadence.beat(at.sent),
               .next_beat = link.uplink.cadence.beat(at.sent + 1),
               .last_answer = answer(link, at.answered),
               .root_heard = root_heard(link, time)});
    links(link.parent)
        .pass(link.child_id, {.sequence_out = answered,
                              .sequence_in = sent - (at.sent - at.arrived),
                              .last_beat = arrival(link, at.arrived)});
}

/// The frames that are under way at the end, as the nodes would have sent them.
void QuietStretches::put_under_way(const Link& link, Instant time) {
    const Progress at = progress(link, time);
    Network& network = world_.network();
    const std::uint64_t beats = at.sent + 1 - link.first;
    const std::uint64_t answers = at.arrived + 1 - link.first + (link.is_beat_under_way ? 1 : 0);
    const Instant beat_arrives = arrival(link, at.sent);
    const Instant answer_arrives = answer(link, at.arrived);
    network.pass_frames(link.connection, beats, answers);
    if (at.sent != at.arrived)
        network.put_under_way(link.connection, true, agent(link.child).quiet_beat(), beat_arrives);
    if (at.arrived != at.answered) {
        const Instant sent = arrival(link, at.arrived);
        Standing said = standing(link.parent, sent);
        said.root_age = root_age(link.parent, sent);
        network.put_under_way(link.connection, false,
                              links(link.parent).quiet_answer(link.child_id, said), answer_arrives);
    }
}

void QuietStretches::pass(Instant limit) {
    if (!world_.network().is_predictable() || manager_ >= world_.size()) return;
    if (world_.host(manager_).phase() != VirtualHost::Phase::running) return;
    if (!survey(limit)) return;
    ++stretches_;
    for (const Link& link : links_) pass(link, limit);
    for (HostIndex host = 0; host < world_.size(); ++host) {
        if (world_.host(host).phase() == VirtualHost::Phase::down) continue;
        if (host == manager_)
            manager().resume();
        else
            agent(host).resume();
    }
    world_.network().forget_packets();
    world_.leap(limit);
    for (const Link& link : links_) put_under_way(link, limit);
}

}  // namespace coppice
