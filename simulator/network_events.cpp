// What happens to connections: arrivals, cuts, and the ends of processes.
#include <algorithm>
#include <utility>

#include "simulator/network.h"

namespace coppice {

bool Network::is_cut(HostIndex from, HostIndex to) const {
    return hosts_[from].is_unplugged || hosts_[to].is_unplugged || cuts_.contains({from, to});
}

void Network::set_loss(double loss, double frame_loss) {
    options_.loss = loss;
    options_.frame_loss = frame_loss;
}

void Network::arrive(ConnectionId id, std::uint64_t life, bool is_up) {
    Connection* connection = find(id, life);
    if (connection == nullptr) return;
    const HostIndex source = is_up ? connection->from : connection->to;
    const HostIndex target = is_up ? connection->to : connection->from;
    if (is_cut(source, target)) return block(id, *connection, is_up);
    Lane& lane = is_up ? connection->up : connection->down;
    Packet packet = std::move(lane.pipe.front());
    lane.pipe.pop_front();
    const Route route = is_up ? connection->to_route : connection->from_route;
    const auto end = routes_.find({target, route});
    if (end == routes_.end() || end->second != id) {
        ++counters_.lost;
        return;
    }
    trace_.mix(packet.bytes_hash);
    deliver_(target, Received{route, hosts_[source].key, std::move(packet.frame)});
}

void Network::block(ConnectionId id, Connection& connection, bool is_up) {
    Lane& lane = is_up ? connection.up : connection.down;
    if (++lane.stuck > 1) return;
    ++lane.blockage;
    const auto give_up = [this, id, life = connection.life, is_up, blockage = lane.blockage] {
        const Connection* current = find(id, life);
        if (current == nullptr) return;
        const Lane& blocked = is_up ? current->up : current->down;
        if (blocked.stuck > 0 && blocked.blockage == blockage) abort(id);
    };
    schedule_.after(options_.give_up_after, give_up);
}

void Network::cut(HostIndex from, HostIndex to) { cuts_.insert({from, to}); }

void Network::heal(HostIndex from, HostIndex to) {
    cuts_.erase({from, to});
    release();
}

void Network::unplug(HostIndex host) { hosts_[host].is_unplugged = true; }

void Network::plug(HostIndex host) {
    hosts_[host].is_unplugged = false;
    release();
}

void Network::release_lane(ConnectionId id, Connection& connection, bool is_up) {
    Lane& lane = is_up ? connection.up : connection.down;
    const HostIndex source = is_up ? connection.from : connection.to;
    const HostIndex target = is_up ? connection.to : connection.from;
    if (lane.stuck == 0 || is_cut(source, target)) return;
    const Instant time =
        schedule_.now() + random_.between(Duration{}, options_.retransmit_after * 2);
    lane.last_arrival = std::max(lane.last_arrival, time);
    for (std::uint64_t count = std::exchange(lane.stuck, 0); count > 0; --count)
        schedule_.at(time, [this, id, life = connection.life, is_up] { arrive(id, life, is_up); });
}

void Network::release() {
    for (auto& [id, connection] : connections_)
        for (const bool is_up : {true, false}) release_lane(id, connection, is_up);
    for (const auto& [end, drop] : drops_) {
        if (is_cut(drop.peer, end.first)) continue;
        schedule_.after(options_.retransmit_after,
                        [this, key = end, number = drop.number] { finish_drop(key, number); });
    }
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
    std::erase_if(routes_, [host](const auto& route) { return route.first.first == host; });
    std::vector<ConnectionId> touched;
    for (const auto& [id, connection] : connections_)
        if (connection.from == host || (connection.is_resolved && connection.to == host))
            touched.push_back(id);
    for (const ConnectionId id : touched) {
        const Connection& connection = connections_.at(id);
        const bool is_from = connection.from == host;
        if (connection.phase == Phase::connecting && !is_from) continue;
        if (is_polite && connection.phase == Phase::standing)
            end_after_delivery(id, connection, is_from);
        else
            abort(id);
    }
}

void Network::abort(ConnectionId id) {
    Connection& connection = connections_.at(id);
    const auto holds = [this, id](HostIndex host, Route route) {
        const auto found = routes_.find({host, route});
        return found != routes_.end() && found->second == id;
    };
    ++connection.life;
    connection.up = Lane{};
    connection.down = Lane{};
    const bool did_stand = connection.phase == Phase::standing;
    const bool is_from_alive = holds(connection.from, connection.from_route);
    if (did_stand && holds(connection.to, connection.to_route))
        tell_drop({connection.to, connection.to_route}, connection.from);
    if (!is_from_alive) {
        connections_.erase(id);
        return;
    }
    connection.phase = Phase::broken;
    if (did_stand) tell_drop({connection.from, connection.from_route}, connection.to);
}

void Network::tell_drop(const End& end, HostIndex peer) {
    const std::uint64_t number = next_drop_++;
    drops_[end] = PendingDrop{peer, number};
    const Duration after = is_cut(peer, end.first) ? options_.give_up_after : delay();
    schedule_.after(after, [this, end, number] { finish_drop(end, number); });
}

void Network::finish_drop(const End& end, std::uint64_t number) {
    const auto drop = drops_.find(end);
    if (drop == drops_.end() || drop->second.number != number) return;
    drops_.erase(drop);
    const auto route = routes_.find(end);
    if (route == routes_.end()) return;
    const ConnectionId id = route->second;
    const bool is_own = end.second.value % 2 == 1;
    if (is_own) {
        connections_.at(id).phase = Phase::connecting;
        retry(id);
    } else {
        routes_.erase(route);
    }
    deliver_(end.first, LinkDropped{end.second});
}

}  // namespace coppice
