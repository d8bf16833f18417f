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
constexpr int retransmits_max = 10;
constexpr int linear_retransmits = 6;
/// An even route: the number of the acceptance, the slot of the connection, a zero.
constexpr unsigned slot_bits = 24;
constexpr std::uint64_t slot_mask = (std::uint64_t{1} << slot_bits) - 1;

}  // namespace

Network::Network(Schedule& schedule, Trace& trace, const NetworkOptions& options,
                 std::uint64_t seed, Deliver deliver)
    : schedule_{schedule},
      trace_{trace},
      options_{options},
      seed_{scramble(seed)},
      random_{seed},
      deliver_{std::move(deliver)} {}

HostIndex Network::add_host(const PublicKey& key, const std::vector<std::string>& addresses,
                            Place place) {
    const HostIndex index = hosts_.size();
    hosts_.emplace_back();
    hosts_.back().key = key;
    hosts_.back().place = place;
    for (const std::string& address : addresses)
        COPPICE_ENSURE(by_address_.emplace(address, index).second, "two hosts have one address");
    return index;
}

// --- names --------------------------------------------------------------------------------------

Network::Slot Network::find(HostIndex host, Route route) const {
    if (route.value % 2 == 1) {
        for (const OwnRoute& own : hosts_[host].own)
            if (own.route == route) return own.connection;
        return none;
    }
    const std::uint64_t slot = (route.value >> 1U) & slot_mask;
    if (route == Route{} || slot >= connections_.size()) return none;
    const Connection& connection = connections_[slot];
    const bool is_known =
        connection.phase != Phase::free && connection.to == host && connection.to_route == route;
    return is_known ? static_cast<Slot>(slot) : none;
}

void Network::forget_route(HostIndex host, Route route) {
    if (route.value % 2 == 1) {
        const Slot own_id = find(host, route);
        if (own_id != none) connections_[own_id].is_from_open = false;
        std::erase_if(hosts_[host].own,
                      [route](const OwnRoute& own) { return own.route == route; });
        return;
    }
    const Slot id = find(host, route);
    if (id != none) connections_[id].to_route = Route{};
}

Network::Slot Network::new_connection() {
    if (free_connections_.empty()) {
        COPPICE_ENSURE(connections_.size() < slot_mask, "too many connections for one world");
        connections_.emplace_back();
        return static_cast<Slot>(connections_.size() - 1);
    }
    const Slot id = free_connections_.back();
    free_connections_.pop_back();
    return id;
}

void Network::resolve(Slot id, const std::vector<std::string>& addresses) {
    Connection& connection = connections_[id];
    for (const std::string& address : addresses) {
        const auto found = by_address_.find(address);
        if (found == by_address_.end()) continue;
        connection.to = static_cast<std::uint32_t>(found->second);
        connection.is_resolved = true;
        std::vector<Slot>& incoming = hosts_[connection.to].incoming;
        connection.place_at_to = static_cast<Slot>(incoming.size());
        incoming.push_back(id);
        return;
    }
}

void Network::free_connection(Slot id) {
    Connection& connection = connections_[id];
    if (connection.is_resolved) {
        std::vector<Slot>& incoming = hosts_[connection.to].incoming;
        const Slot last = incoming.back();
        incoming[connection.place_at_to] = last;
        connections_[last].place_at_to = connection.place_at_to;
        incoming.pop_back();
    }
    const std::uint32_t life = connection.life + 1;
    connection = Connection{};
    connection.life = life;
    free_connections_.push_back(id);
}

// --- times --------------------------------------------------------------------------------------

const Latency& Network::latency(HostIndex from, HostIndex to) const {
    const Place& here = hosts_[from].place;
    const Place& there = hosts_[to].place;
    if (here.site != there.site && here.site != 0 && there.site != 0) return options_.far;
    const bool is_one_rack = here.rack != 0 && here.rack == there.rack;
    return is_one_rack ? options_.same_rack : options_.same_site;
}

Duration Network::clog_between(HostIndex from, HostIndex to) const {
    return clogged_ == 0 ? Duration{} : hosts_[from].clog + hosts_[to].clog;
}

Duration Network::delay_now(HostIndex from, HostIndex to) {
    return latency(from, to).draw(random_.next()) + clog_between(from, to);
}

Duration Network::flight_time(Slot id, bool is_up, std::uint64_t frame) const {
    const Connection& connection = connections_[id];
    return connection.latency->draw(connection.seed + frame * 2 + (is_up ? 1 : 0)) +
           clog_between(connection.from, connection.to);
}

/// In two steps: compilers differ in which operand of a sum they call first, and both draw.
Duration Network::way_now(HostIndex from, HostIndex to) {
    const Duration time = delay_now(from, to);
    return time + retransmissions(from, to);
}

Duration Network::retransmissions(HostIndex from, HostIndex to) {
    const double loss = std::max({options_.loss, hosts_[from].loss, hosts_[to].loss});
    Duration time{};
    Duration again = options_.retransmit_after;
    for (int i = 0; i < retransmits_max && loss > 0; ++i) {
        if (random_.unit() >= loss) break;
        time += again;
        if (i + 1 >= linear_retransmits) again *= 2;
    }
    return time;
}

Instant Network::wait_for_lines(HostIndex from, HostIndex to, std::uint64_t bytes,
                                Duration flight) {
    if (options_.bytes_per_second == 0) return schedule_.now() + flight;
    constexpr std::uint64_t nanoseconds = 1'000'000'000;
    const Duration length{
        static_cast<Duration::rep>(bytes * nanoseconds / options_.bytes_per_second)};
    Instant& sent = hosts_[from].sends_until;
    Instant& received = hosts_[to].receives_until;
    sent = std::max(sent, schedule_.now()) + length;
    received = std::max(received + length, sent + flight);
    return received;
}

// --- connections --------------------------------------------------------------------------------

void Network::connect(HostIndex from, const Connect& connect) {
    if (connect.route.value % 2 == 0 || find(from, connect.route) != none)
        return trace_.fault(schedule_.now(), "a node opened a route that is even or in use");
    const Slot id = new_connection();
    Connection& connection = connections_[id];
    connection.from = static_cast<std::uint32_t>(from);
    connection.from_route = connect.route;
    connection.peer_key = connect.peer.key;
    connection.phase = Phase::connecting;
    connection.seed = scramble(seed_ + ++connections_made_);
    resolve(id, connect.peer.addresses);
    hosts_[from].own.push_back({connect.route, id});
    connection.is_from_open = true;
    connection.from_key = hosts_[from].key;
    connection.latency = &latency(from, connection.to);
    const HostIndex to = connection.to;
    const Duration handshake = delay_now(from, to) + delay_now(to, from) + delay_now(from, to);
    schedule_.after(handshake, [this, id, life = connection.life] {
        if (is_alive(id, life)) attempt(id);
    });
}

void Network::attempt(Slot id) {
    const Connection& connection = connections_[id];
    if (connection.phase != Phase::connecting) return;
    const Host& from = hosts_[connection.from];
    const Host& to = hosts_[connection.to];
    const bool is_reachable = connection.is_resolved && to.is_up && to.key == connection.peer_key &&
                              !is_cut(connection.from, connection.to) &&
                              !is_cut(connection.to, connection.from);
    if (!is_reachable) return retry(id);
    if (!from.is_stalled && !to.is_stalled) return stand(id);
    schedule_.after(stalled_poll, [this, id, life = connection.life] {
        if (is_alive(id, life)) attempt(id);
    });
}

void Network::retry(Slot id) {
    Connection& connection = connections_[id];
    connection.pause =
        std::clamp(connection.pause * 2, options_.reconnect_min, options_.reconnect_max);
    schedule_.after(random_.between(connection.pause, connection.pause * 3 / 2),
                    [this, id, life = connection.life] {
                        if (is_alive(id, life)) attempt(id);
                    });
}

void Network::stand(Slot id) {
    Connection& connection = connections_[id];
    connection.phase = Phase::standing;
    ++connection.life;
    connection.pause = Duration{};
    connection.to_route = Route{((++accepted_ << slot_bits) | id) << 1U};
    connection.up.last_arrival = Instant{};
    connection.down.last_arrival = Instant{};
    for (Waiting& waiting : std::exchange(connection.waiting, {}))
        dispatch(id, true, std::move(waiting.frame), waiting.bytes);
    if (connections_[id].is_closing) end_after_delivery(id, true);
}

void Network::disconnect(HostIndex from, Route route) {
    const Slot id = find(from, route);
    if (id == none || route.value % 2 == 0) return;
    forget_route(from, route);
    drops_.erase({from, route});
    Connection& connection = connections_[id];
    connection.is_closing = true;
    if (connection.phase == Phase::broken ||
        (connection.phase == Phase::connecting && connection.waiting.empty()))
        return abort(id);
    if (connection.phase == Phase::standing) return end_after_delivery(id, true);
    schedule_.after(options_.linger, [this, id, life = connection.life] {
        if (is_alive(id, life)) abort(id);
    });
}

void Network::end_after_delivery(Slot id, bool is_up) {
    const Instant end = is_cut(source(id, is_up), target(id, is_up))
                            ? schedule_.now() + options_.linger
                            : std::max(lane(id, is_up).last_arrival, schedule_.now());
    schedule_.at(end, [this, id, life = connections_[id].life] {
        if (is_alive(id, life)) abort(id);
    });
}

// --- frames -------------------------------------------------------------------------------------

void Network::send(HostIndex from, const Send& send) {
    ++counters_.frames;
    std::uint64_t size = 0;
    std::optional<Frame> decoded;
    if (options_.is_coding) {
        const Bytes bytes = encode(send.frame);
        size = bytes.size();
        counters_.bytes += size;
        Result<Frame> result = decode_frame(bytes);
        if (!result.ok() || !(result.value() == send.frame))
            trace_.fault(schedule_.now(), "a frame came back from its bytes changed: " +
                                              std::string{name_of(send.frame.body)});
        if (result.ok()) decoded = std::move(result.value());
    } else {
        decoded = send.frame;
    }
    const Slot id = find(from, send.route);
    if (id == none || !decoded.has_value() || size > limits::frame_bytes_max) {
        ++counters_.lost;
        return;
    }
    Connection& connection = connections_[id];
    const bool is_up = send.route.value % 2 == 1;
    if (connection.phase == Phase::standing) return dispatch(id, is_up, std::move(*decoded), size);
    if (connection.phase == Phase::connecting && is_up &&
        connection.waiting.size() < options_.queue_frames_max)
        return connection.waiting.push_back({std::move(*decoded), size});
    ++counters_.lost;
}

void Network::dispatch(Slot id, bool is_up, Frame&& frame, std::uint64_t bytes) {
    Lane& way = lane(id, is_up);
    const Duration flight = flight_time(id, is_up, way.frames++) +
                            retransmissions(source(id, is_up), target(id, is_up));
    const bool is_lost = (is_lost_ && is_lost_(frame)) ||
                         (options_.frame_loss > 0 && random_.unit() < options_.frame_loss);
    if (is_lost) {
        ++counters_.lost;
        return;
    }
    const Instant arrival = wait_for_lines(source(id, is_up), target(id, is_up), bytes, flight);
    if (options_.duplicate > 0 && random_.unit() < options_.duplicate)
        launch(id, is_up, Frame{frame}, arrival + random_.between(Duration{}, options_.reorder_by));
    if (options_.reorder > 0 && random_.unit() < options_.reorder)
        return launch(id, is_up, std::move(frame),
                      arrival + random_.between(Duration{}, options_.reorder_by));
    way.last_arrival = std::max(way.last_arrival, arrival);
    launch(id, is_up, std::move(frame), way.last_arrival);
}

Network::Slot Network::new_packet() {
    if (free_packets_.empty()) {
        packets_.emplace_back();
        return static_cast<Slot>(packets_.size() - 1);
    }
    const Slot packet = free_packets_.back();
    free_packets_.pop_back();
    return packet;
}

void Network::free_packet(Slot packet) {
    packets_[packet].frame.body = NotUnderstood{};
    free_packets_.push_back(packet);
}

void Network::launch(Slot id, bool is_up, Frame&& frame, Instant arrival) {
    const Slot slot = new_packet();
    Packet& packet = packets_[slot];
    packet.frame = std::move(frame);
    packet.connection = id;
    packet.life = connections_[id].life;
    packet.is_up = is_up;
    schedule_.at(arrival, *this, slot);
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
    schedule_.after(way_now(from, to), [this, from, to, limit, answer] {
        const Instant back = schedule_.now() + way_now(to, from);
        if (is_cut(from, to) || is_cut(to, from) || back > limit)
            return answer(limit, ProbeResult::unanswered);
        answer(back, hosts_[to].is_up ? ProbeResult::connected : ProbeResult::refused);
    });
}

// --- quiet stretches ----------------------------------------------------------------------------

bool Network::is_predictable() const {
    return options_.loss == 0 && options_.frame_loss == 0 && options_.duplicate == 0 &&
           options_.reorder == 0 && options_.bytes_per_second == 0 && clogged_ == 0 &&
           lossy_ == 0 && cuts_.empty();
}

Duration Network::longest_flight() const {
    return std::max({options_.same_rack.max, options_.same_site.max, options_.far.max});
}

std::optional<Network::Pair> Network::standing(HostIndex from, Route route) const {
    const Slot id = find(from, route);
    if (id == none) return std::nullopt;
    const Connection& connection = connections_[id];
    const bool is_fit = connection.phase == Phase::standing && !connection.is_closing &&
                        connection.to_route != Route{} && connection.up.stuck.empty() &&
                        connection.down.stuck.empty() && !is_cut(connection.from, connection.to);
    if (!is_fit) return std::nullopt;
    return Pair{.to = connection.to,
                .to_route = connection.to_route,
                .connection = id,
                .frames_up = connection.up.frames,
                .frames_down = connection.down.frames};
}

void Network::forget_packets() {
    packets_.clear();
    free_packets_.clear();
}

void Network::pass_frames(Slot id, std::uint64_t up, std::uint64_t down) {
    connections_[id].up.frames += up;
    connections_[id].down.frames += down;
    counters_.frames += up + down;
}

void Network::put_under_way(Slot id, bool is_up, Frame frame, Instant arrival) {
    lane(id, is_up).last_arrival = arrival;
    launch(id, is_up, std::move(frame), arrival);
}

}  // namespace coppice
