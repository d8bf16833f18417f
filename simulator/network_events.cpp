// What happens to connections: arrivals, cuts, and the ends of processes.
#include <algorithm>
#include <utility>

#include "simulator/network.h"

namespace coppice {

bool Network::is_cut(HostIndex from, HostIndex to) const {
    return (unplugged_ > 0 && (hosts_[from].is_unplugged || hosts_[to].is_unplugged)) ||
           (!cuts_.empty() && cuts_.contains({from, to}));
}

void Network::clog(HostIndex host, Duration delay) {
    const bool was_clogged = hosts_[host].clog != Duration{};
    const bool is_clogged = delay != Duration{};
    if (is_clogged && !was_clogged) ++clogged_;
    if (!is_clogged && was_clogged) --clogged_;
    hosts_[host].clog = delay;
}

void Network::set_loss(double loss, double frame_loss) {
    options_.loss = loss;
    options_.frame_loss = frame_loss;
}

void Network::set_host_loss(HostIndex host, double loss) {
    double& known = hosts_[host].loss;
    if (known > 0) --lossy_;
    if (loss > 0) ++lossy_;
    known = loss;
}

// --- arrivals -----------------------------------------------------------------------------------

void Network::arrive(Slot packet) {
    const Packet& arrived = packets_[packet];
    const Slot id = arrived.connection;
    const bool is_up = arrived.is_up;
    if (!is_alive(id, arrived.life)) return free_packet(packet);
    Lane& way = lane(id, is_up);
    if (way.stuck.empty() && !is_cut(source(id, is_up), target(id, is_up))) return deliver(packet);
    way.stuck.push_back(packet);
    if (way.stuck.size() == 1) block(id, is_up);
}

void Network::deliver(Slot packet) {
    const Slot id = packets_[packet].connection;
    const bool is_up = packets_[packet].is_up;
    const Connection& connection = connections_[id];
    const Route route = is_up ? connection.to_route : connection.from_route;
    const bool is_open = is_up ? route != Route{} : connection.is_from_open;
    Input input = Received{route, is_up ? connection.from_key : connection.peer_key,
                           std::move(packets_[packet].frame)};
    free_packet(packet);
    if (!is_open) {
        ++counters_.lost;
        return;
    }
    deliver_(target(id, is_up), std::move(input));
}

// --- cuts ---------------------------------------------------------------------------------------

void Network::block(Slot id, bool is_up) {
    const std::uint64_t blockage = ++lane(id, is_up).blockage;
    schedule_.after(options_.give_up_after,
                    [this, id, life = connections_[id].life, is_up, blockage] {
                        if (!is_alive(id, life)) return;
                        const Lane& blocked = lane(id, is_up);
                        if (!blocked.stuck.empty() && blocked.blockage == blockage) abort(id);
                    });
}

void Network::cut(HostIndex from, HostIndex to) { cuts_.insert({from, to}); }

void Network::heal(HostIndex from, HostIndex to) {
    cuts_.erase({from, to});
    release(from);
}

void Network::unplug(HostIndex host) {
    if (!std::exchange(hosts_[host].is_unplugged, true)) ++unplugged_;
}

void Network::plug(HostIndex host) {
    if (std::exchange(hosts_[host].is_unplugged, false)) --unplugged_;
    release(host);
}

void Network::release_lane(Slot id, bool is_up) {
    Lane& way = lane(id, is_up);
    if (way.stuck.empty() || is_cut(source(id, is_up), target(id, is_up))) return;
    ++way.blockage;
    const Instant time =
        schedule_.now() + random_.between(Duration{}, options_.retransmit_after * 2);
    way.last_arrival = std::max(way.last_arrival, time);
    schedule_.at(time, [this, id, life = connections_[id].life, is_up] {
        if (is_alive(id, life)) unblock(id, life, is_up);
    });
}

void Network::unblock(Slot id, std::uint32_t life, bool is_up) {
    if (lane(id, is_up).stuck.empty()) return;
    if (is_cut(source(id, is_up), target(id, is_up))) return block(id, is_up);
    for (const Slot packet : std::exchange(lane(id, is_up).stuck, {})) {
        if (is_alive(id, life))
            deliver(packet);
        else
            free_packet(packet);
    }
}

void Network::release(HostIndex host) {
    for (const Slot id : touching(host))
        for (const bool is_up : {true, false}) release_lane(id, is_up);
    for (const auto& [end, drop] : drops_) {
        if (is_cut(drop.peer, end.first)) continue;
        schedule_.after(options_.retransmit_after,
                        [this, key = end, number = drop.number] { finish_drop(key, number); });
    }
}

// --- processes ----------------------------------------------------------------------------------

std::vector<Network::Slot> Network::touching(HostIndex host) const {
    std::vector<Slot> found;
    for (const OwnRoute& own : hosts_[host].own) found.push_back(own.connection);
    found.insert(found.end(), hosts_[host].incoming.begin(), hosts_[host].incoming.end());
    return found;
}

void Network::process_started(HostIndex host) {
    hosts_[host].is_up = true;
    hosts_[host].is_stalled = false;
    ++hosts_[host].run;
}

void Network::set_stalled(HostIndex host, bool is_stalled) { hosts_[host].is_stalled = is_stalled; }

void Network::process_gone(HostIndex host, bool is_polite) {
    hosts_[host].is_up = false;
    hosts_[host].is_stalled = false;
    ++hosts_[host].run;
    std::erase_if(drops_, [host](const auto& drop) { return drop.first.first == host; });
    const std::vector<Slot> touched = touching(host);
    for (const OwnRoute& own : hosts_[host].own) connections_[own.connection].is_from_open = false;
    hosts_[host].own.clear();
    for (const Slot id : touched) {
        Connection& connection = connections_[id];
        const bool is_from = connection.from == host;
        if (!is_from) connection.to_route = Route{};
        if (connection.phase == Phase::connecting && !is_from) continue;
        if (is_polite && connection.phase == Phase::standing)
            end_after_delivery(id, is_from);
        else
            abort(id);
    }
}

void Network::drop_packets(Lane& lane) {
    for (const Slot packet : std::exchange(lane.stuck, {})) free_packet(packet);
    lane.last_arrival = Instant{};
}

void Network::abort(Slot id) {
    Connection& connection = connections_[id];
    ++connection.life;
    drop_packets(connection.up);
    drop_packets(connection.down);
    const bool did_stand = connection.phase == Phase::standing;
    const bool is_from_alive = connection.is_from_open;
    if (did_stand && connection.to_route != Route{})
        tell_drop({connection.to, connection.to_route}, connection.from);
    if (!is_from_alive) return free_connection(id);
    connection.phase = Phase::broken;
    if (did_stand) tell_drop({connection.from, connection.from_route}, connection.to);
}

void Network::tell_drop(const End& end, HostIndex peer) {
    const std::uint64_t number = next_drop_++;
    drops_[end] = PendingDrop{peer, number};
    const Duration after =
        is_cut(peer, end.first) ? options_.give_up_after : delay_now(peer, end.first);
    schedule_.after(after, [this, end, number] { finish_drop(end, number); });
}

void Network::finish_drop(const End& end, std::uint64_t number) {
    const auto drop = drops_.find(end);
    if (drop == drops_.end() || drop->second.number != number) return;
    drops_.erase(drop);
    const bool is_own = end.second.value % 2 == 1;
    if (is_own) {
        const Slot id = find(end.first, end.second);
        if (id == none) return;
        connections_[id].phase = Phase::connecting;
        retry(id);
    }
    deliver_(end.first, LinkDropped{end.second});
}

}  // namespace coppice
