// What processes ask of the network: connections, frames and probes.
#include "simulator/network.h"

#include <algorithm>
#include <utility>

#include "common/ensure.h"
#include "common/limits.h"
#include "schemas/codec.h"

namespace coppice {

namespace {

/// How soon an attempt towards a stalled process is looked at again: the kernel holds it meanwhile.
constexpr Duration stalled_poll = std::chrono::milliseconds{20};
constexpr int retransmits_max = 6;

}  // namespace

Network::Network(Schedule& schedule, Trace& trace, const NetworkOptions& options,
                 std::uint64_t seed, Deliver deliver)
    : schedule_{schedule},
      trace_{trace},
      options_{options},
      random_{seed},
      deliver_{std::move(deliver)} {}

HostIndex Network::add_host(const PublicKey& key, const std::vector<std::string>& addresses) {
    const HostIndex index = hosts_.size();
    hosts_.push_back(Host{.key = key});
    for (const std::string& address : addresses)
        COPPICE_ENSURE(by_address_.emplace(address, index).second, "two hosts have one address");
    return index;
}

Network::Connection* Network::find(ConnectionId id, std::uint64_t life) {
    const auto found = connections_.find(id);
    if (found == connections_.end() || found->second.life != life) return nullptr;
    return &found->second;
}

Duration Network::flight_time() {
    Duration time = delay();
    Duration again = options_.retransmit_after;
    for (int i = 0; i < retransmits_max && options_.loss > 0; ++i) {
        if (random_.unit() >= options_.loss) break;
        time += again;
        again *= 2;
    }
    return time;
}

void Network::connect(HostIndex from, const Connect& connect) {
    if (connect.route.value % 2 == 0 || routes_.contains({from, connect.route}))
        return trace_.fault(schedule_.now(), "a node opened a route that is even or in use");
    const ConnectionId id = next_connection_++;
    Connection connection;
    connection.from = from;
    connection.from_route = connect.route;
    connection.peer_key = connect.peer.key;
    for (const std::string& address : connect.peer.addresses) {
        const auto found = by_address_.find(address);
        if (found == by_address_.end()) continue;
        connection.to = found->second;
        connection.is_resolved = true;
        break;
    }
    connections_.emplace(id, std::move(connection));
    routes_[{from, connect.route}] = id;
    schedule_.after(delay() + delay() + delay(), [this, id] { attempt(id); });
}

void Network::attempt(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end() || found->second.phase != Phase::connecting) return;
    Connection& connection = found->second;
    const Host& from = hosts_[connection.from];
    const Host& to = hosts_[connection.to];
    const bool is_reachable = connection.is_resolved && to.is_up && to.key == connection.peer_key &&
                              !is_cut(connection.from, connection.to) &&
                              !is_cut(connection.to, connection.from);
    if (!is_reachable) return retry(id);
    if (from.is_stalled || to.is_stalled)
        return schedule_.after(stalled_poll, [this, id] { attempt(id); });
    stand(id, connection);
}

void Network::retry(ConnectionId id) {
    Connection& connection = connections_.at(id);
    connection.pause =
        std::clamp(connection.pause * 2, options_.reconnect_min, options_.reconnect_max);
    schedule_.after(random_.between(connection.pause, connection.pause * 3 / 2),
                    [this, id] { attempt(id); });
}

void Network::stand(ConnectionId id, Connection& connection) {
    connection.phase = Phase::standing;
    ++connection.life;
    connection.pause = Duration{};
    connection.to_route = Route{next_even_route_};
    next_even_route_ += 2;
    routes_[{connection.to, connection.to_route}] = id;
    connection.up = Lane{};
    connection.down = Lane{};
    for (Packet& packet : std::exchange(connection.waiting, {}))
        dispatch(id, connection, true, std::move(packet));
    if (connection.is_closing) end_after_delivery(id, connection, true);
}

void Network::send(HostIndex from, const Send& send) {
    const Bytes bytes = encode(send.frame);
    ++counters_.frames;
    counters_.bytes += bytes.size();
    Result<Frame> decoded = decode_frame(bytes);
    if (!decoded.ok() || !(decoded.value() == send.frame))
        trace_.fault(schedule_.now(), "a frame came back from its bytes changed: " +
                                          std::string{name_of(send.frame.body)});
    const auto route = routes_.find({from, send.route});
    const auto found =
        route == routes_.end() ? connections_.end() : connections_.find(route->second);
    if (found == connections_.end() || !decoded.ok() || bytes.size() > limits::frame_bytes_max) {
        ++counters_.lost;
        return;
    }
    Connection& connection = found->second;
    Packet packet{.frame = std::move(decoded.value()), .bytes_hash = hash_bytes(0, bytes)};
    const bool is_up = connection.from == from && connection.from_route == send.route;
    if (connection.phase == Phase::standing)
        return dispatch(found->first, connection, is_up, std::move(packet));
    if (connection.phase == Phase::connecting && is_up &&
        connection.waiting.size() < options_.queue_frames_max)
        return connection.waiting.push_back(std::move(packet));
    ++counters_.lost;
}

void Network::dispatch(ConnectionId id, Connection& connection, bool is_up, Packet packet) {
    if (options_.frame_loss > 0 && random_.unit() < options_.frame_loss) {
        ++counters_.lost;
        return;
    }
    Lane& lane = is_up ? connection.up : connection.down;
    lane.last_arrival = std::max(lane.last_arrival, schedule_.now() + flight_time());
    lane.pipe.push_back(std::move(packet));
    schedule_.at(lane.last_arrival,
                 [this, id, life = connection.life, is_up] { arrive(id, life, is_up); });
}

void Network::disconnect(HostIndex from, Route route) {
    const auto found = routes_.find({from, route});
    if (found == routes_.end() || route.value % 2 == 0) return;
    const ConnectionId id = found->second;
    routes_.erase(found);
    drops_.erase({from, route});
    Connection& connection = connections_.at(id);
    connection.is_closing = true;
    if (connection.phase == Phase::broken ||
        (connection.phase == Phase::connecting && connection.waiting.empty()))
        return abort(id);
    if (connection.phase == Phase::standing) return end_after_delivery(id, connection, true);
    schedule_.after(options_.linger, [this, id, life = connection.life] {
        if (find(id, life) != nullptr) abort(id);
    });
}

void Network::end_after_delivery(ConnectionId id, const Connection& connection, bool is_up) {
    const Lane& lane = is_up ? connection.up : connection.down;
    const HostIndex source = is_up ? connection.from : connection.to;
    const HostIndex target = is_up ? connection.to : connection.from;
    const Instant end = is_cut(source, target) ? schedule_.now() + options_.linger
                                               : std::max(lane.last_arrival, schedule_.now());
    schedule_.at(end, [this, id, life = connection.life] {
        if (find(id, life) != nullptr) abort(id);
    });
}

void Network::probe(HostIndex from, const Probe& probe) {
    const auto answer = [this, from, run = hosts_[from].run, id = probe.probe](Instant time,
                                                                               ProbeResult result) {
        schedule_.at(time, [this, from, run, id, result] {
            if (hosts_[from].run == run) deliver_(from, ProbeFinished{id, result});
        });
    };
    const Instant limit = schedule_.now() + probe.time_limit;
    const auto known =
        std::find_if(probe.addresses.begin(), probe.addresses.end(),
                     [this](const std::string& address) { return by_address_.contains(address); });
    if (known == probe.addresses.end()) return answer(limit, ProbeResult::unanswered);
    const HostIndex to = by_address_.at(*known);
    schedule_.after(flight_time(), [this, from, to, limit, answer] {
        const Instant back = schedule_.now() + flight_time();
        if (is_cut(from, to) || is_cut(to, from) || back > limit)
            return answer(limit, ProbeResult::unanswered);
        answer(back, hosts_[to].is_up ? ProbeResult::connected : ProbeResult::refused);
    });
}

}  // namespace coppice
