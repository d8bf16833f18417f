#include "simulator/meter.h"

#include <algorithm>
#include <utility>

namespace coppice {

namespace {

constexpr std::size_t points_max = 600;
constexpr int blamed_intervals = 60;
constexpr int newest_blamed_intervals = 2;
constexpr int foreseen_intervals = 10;

std::size_t index_of(Sender sender) { return static_cast<std::size_t>(sender); }

/// Which a child sends to its parent.
bool goes_up(const Message& message) {
    return std::holds_alternative<Heartbeat>(message) || std::holds_alternative<Join>(message) ||
           std::holds_alternative<Leave>(message) || std::holds_alternative<WindowClosed>(message);
}

LoadPoint merged(const LoadPoint& first, const LoadPoint& second) {
    LoadPoint both = first;
    for (std::size_t i = 0; i < senders; ++i) both.frames[i] += second.frames[i];
    both.bytes += second.bytes;
    both.moves += second.moves;
    both.lived += second.lived;
    both.up = std::min(first.up, second.up);
    both.live = std::min(first.live, second.live);
    return both;
}

void add(Load& load, std::uint64_t frames, std::uint64_t bytes) {
    load.frames += frames;
    load.bytes += bytes;
    load.frames_most = std::max(load.frames_most, frames);
    load.bytes_most = std::max(load.bytes_most, bytes);
}

}  // namespace

Meter::Meter(Fleet& fleet)
    : fleet_{fleet}, start_{fleet.world().now()}, hosts_(fleet.world().size()) {
    const Duration interval = fleet.options().interval;
    readings_.window = interval;
    readings_.point_width = interval;
    readings_.points.emplace_back();
    window_end_ = start_ + interval;
}

void Meter::begin_loads() {
    advance();
    charge_bytes();
    is_loading_ = true;
    is_shape_new_ = true;
    readings_.by_role = {};
    readings_.by_level.clear();
    readings_.measured = Duration{};
    readings_.root_inbound.clear();
    readings_.interior_inbound_most = 0;
    for (const HostIndex host : touched_) {
        Host& cleared = hosts_[host];
        cleared.frames = 0;
        cleared.inbound = 0;
        cleared.bytes = 0;
    }
}

MeterReadings Meter::readings() const {
    MeterReadings readings = readings_;
    for (const Death& death : deaths_) readings.moves_per_death.push_back(death.moves);
    for (const Assigned& parent : assigned_)
        for (const Instant move : parent.unblamed_moves) blame_newest(move, readings);
    return readings;
}

void Meter::blame_newest(Instant move, MeterReadings& readings) const {
    const auto later =
        std::upper_bound(deaths_.begin(), deaths_.end(), move,
                         [](Instant time, const Death& death) { return time < death.time; });
    if (later == deaths_.begin()) return;
    const auto newest = static_cast<std::size_t>(later - deaths_.begin()) - 1;
    if (move - deaths_[newest].time <= readings_.window * newest_blamed_intervals)
        ++readings.moves_per_death[newest];
}

Sender Meter::sender(HostIndex host) const {
    if (host == Fleet::manager_index) return Sender::manager;
    switch (hosts_[host].role) {
        case Role::root:
            return Sender::root;
        case Role::branch:
            return Sender::branch;
        case Role::leaf:
            break;
    }
    return Sender::leaf;
}

HostIndex Meter::index_of(HostId id) const {
    return id.value < by_id_.size() ? by_id_[id.value] : Fleet::manager_index;
}

Meter::Host& Meter::touched(HostIndex host) {
    Host& found = hosts_[host];
    if (!found.is_touched) touched_.push_back(host);
    found.is_touched = true;
    return found;
}

/// Brings windows and points up to now.
void Meter::advance() {
    const Instant now = fleet_.world().now();
    if (now < window_end_) return;
    charge_bytes();
    const Duration passed = readings_.window * ((now - window_end_) / readings_.window + 1);
    const Duration lived = std::max(passed - std::exchange(leapt_, Duration{}), Duration{});
    readings_.points.back().lived += lived;
    close_window(lived);
    window_end_ += passed;
    const auto point_of_now = [this, now] {
        return static_cast<std::size_t>((now - start_) / readings_.point_width);
    };
    std::vector<LoadPoint>& points = readings_.points;
    while (point_of_now() >= points_max) {
        for (std::size_t i = 0; i < points.size(); i += 2)
            points[i / 2] = i + 1 < points.size() ? merged(points[i], points[i + 1]) : points[i];
        points.resize((points.size() + 1) / 2);
        readings_.point_width *= 2;
    }
    while (points.size() <= point_of_now())
        points.push_back({.bytes = 0, .moves = 0, .up = up_, .live = live_});
}

void Meter::close_window(Duration lived) {
    if (is_shape_new_) find_levels();
    if (is_loading_) {
        const double seconds = std::chrono::duration<double>{lived}.count();
        readings_.measured += lived;
        for (std::size_t i = 0; i < senders; ++i)
            readings_.by_role[i].host_seconds +=
                seconds * static_cast<double>(i == 0 ? 1 : attached_by_role_[i]);
        if (readings_.by_level.size() < attached_by_level_.size())
            readings_.by_level.resize(attached_by_level_.size());
        for (std::size_t i = 0; i < attached_by_level_.size(); ++i)
            readings_.by_level[i].host_seconds +=
                seconds * static_cast<double>(attached_by_level_[i]);
    }
    for (const HostIndex index : touched_) close_host(index);
    touched_.clear();
}

void Meter::close_host(HostIndex index) {
    Host& host = hosts_[index];
    host.is_touched = false;
    const std::uint64_t frames = std::exchange(host.frames, 0);
    const std::uint64_t inbound = std::exchange(host.inbound, 0);
    const std::uint64_t bytes = std::exchange(host.bytes, 0);
    if (!is_loading_) return;
    add(readings_.by_role[coppice::index_of(sender(index))], frames, bytes);
    if (host.level < readings_.by_level.size() && (host.level > 0 || index == 0))
        add(readings_.by_level[host.level], frames, bytes);
    if (index == Fleet::manager_index) return;
    readings_.interior_inbound_most = std::max(readings_.interior_inbound_most, inbound);
    if (index == root_) ++readings_.root_inbound[inbound];
}

void Meter::on_leap(Instant from, Instant to) {
    advance();
    leapt_ += to - from;
    readings_.leapt += to - from;
}

void Meter::find_levels() {
    is_shape_new_ = false;
    for (Host& host : hosts_)
        if (host.is_attached) host.level = 0;
    std::vector<HostIndex> chain;
    for (HostIndex host = 1; host < hosts_.size(); ++host) find_level(host, chain);
    attached_by_level_.assign(1, 1);
    for (const Host& host : hosts_) {
        if (!host.is_attached || host.level == 0) continue;
        if (host.level >= attached_by_level_.size()) attached_by_level_.resize(host.level + 1U);
        ++attached_by_level_[host.level];
    }
}

/// Climbs to whoever has a level (an orphan keeps its last one) or to the manager.
void Meter::find_level(HostIndex host, std::vector<HostIndex>& chain) {
    constexpr std::size_t depth_max = 1000;
    chain.clear();
    HostIndex at = host;
    while (at != Fleet::manager_index && hosts_[at].level == 0 && hosts_[at].is_attached) {
        if (chain.size() == depth_max) return;
        chain.push_back(at);
        at = index_of(hosts_[at].parent);
    }
    std::uint16_t level = hosts_[at].level;
    for (auto below = chain.rbegin(); below != chain.rend(); ++below)
        hosts_[*below].level = ++level;
}

/// The network counts the bytes of a frame when it encodes it, which is right after on_send().
void Meter::charge_bytes() {
    const std::uint64_t bytes = fleet_.world().network().counters().bytes;
    if (last_sender_.has_value()) {
        const std::uint64_t more = bytes - bytes_seen_;
        touched(*last_sender_).bytes += more;
        sent_[coppice::index_of(sender(*last_sender_))].bytes += more;
        readings_.points.back().bytes += more;
    }
    bytes_seen_ = bytes;
    last_sender_.reset();
}

void Meter::count_inbound(HostIndex from, const Send& send) {
    const bool is_of_child = from != Fleet::manager_index &&
                             send.frame.header.lane != coppice::Lane::management &&
                             goes_up(send.frame.body);
    if (!is_of_child) return;
    const HostIndex parent = index_of(hosts_[from].parent);
    if (parent != Fleet::manager_index) ++touched(parent).inbound;
}

void Meter::on_send(HostIndex host, const Send& send) {
    advance();
    charge_bytes();
    last_sender_ = host;
    ++touched(host).frames;
    const std::size_t role = coppice::index_of(sender(host));
    ++sent_[role].frames;
    ++readings_.points.back().frames[role];
    count_inbound(host, send);
}

/// It hangs in the tree no longer, as far as it was counted there.
void Meter::detach(HostIndex host) {
    if (!std::exchange(hosts_[host].is_attached, false)) return;
    --attached_;
    --attached_by_role_[coppice::index_of(sender(host))];
}

void Meter::on_process(HostIndex host, bool is_up) {
    if (host == Fleet::manager_index) return;
    advance();
    Host& known = hosts_[host];
    up_ += is_up ? 1 : 0;
    up_ -= is_up ? 0 : 1;
    put_gauges();
    if (is_up) return;
    is_shape_new_ = is_shape_new_ || known.is_attached;
    detach(host);
    known.parent = HostId{};
    known.role = Role::leaf;
    if (root_ == host) root_ = Fleet::manager_index;
}

void Meter::on_glance(HostIndex host, const AgentGlance& before, const AgentGlance& after) {
    detach(host);
    is_shape_new_ =
        is_shape_new_ || before.is_attached != after.is_attached || before.parent != after.parent;
    Host& known = hosts_[host];
    known.parent = after.parent;
    known.role = after.role;
    known.is_attached = after.is_attached;
    if (after.is_attached) {
        ++attached_;
        ++attached_by_role_[coppice::index_of(sender(host))];
    }
    if (after.host.value >= by_id_.size()) by_id_.resize(after.host.value + 1);
    by_id_[after.host.value] = after.host == manager_host ? Fleet::manager_index : host;
    if (after.role == Role::root)
        root_ = host;
    else if (root_ == host)
        root_ = Fleet::manager_index;
}

void Meter::on_commit(HostIndex host, std::span<const Write> writes) {
    if (host != Fleet::manager_index) return;
    advance();
    for (const Write& write : writes) {
        const auto* put = std::get_if<Put>(&write);
        if (put == nullptr) continue;
        if (const auto* record = std::get_if<HostRecord>(&put->record)) take(*record);
    }
    put_gauges();
}

void Meter::take(const HostRecord& record) {
    if (record.id.value >= assigned_.size()) assigned_.resize(record.id.value + 1);
    Assigned& known = assigned_[record.id.value];
    const auto is_gone = [](HostState state) {
        return state == HostState::lost || state == HostState::left;
    };
    if (is_gone(record.state) && !is_gone(known.state) && known.role != Role::leaf)
        count_death(known);
    live_ -= known.state == HostState::live ? 1 : 0;
    live_ += record.state == HostState::live ? 1 : 0;
    if (known.is_placed && record.is_placed && known.parent != record.parent)
        count_move(known.parent);
    known.state = record.state;
    known.role = record.role;
    known.is_placed = record.is_placed;
    known.parent = record.parent;
}

void Meter::count_move(HostId old_parent) {
    ++readings_.moves;
    ++readings_.points.back().moves;
    const Instant now = fleet_.world().now();
    Assigned& parent = assigned_[old_parent.value];
    const bool is_of_dead = parent.death.has_value() && now - deaths_[*parent.death].time <=
                                                            readings_.window * blamed_intervals;
    if (is_of_dead)
        ++deaths_[*parent.death].moves;
    else
        parent.unblamed_moves.push_back(now);
}

void Meter::count_death(Assigned& dead) {
    const Instant now = fleet_.world().now();
    const Instant first = now - readings_.window * foreseen_intervals;
    const std::vector<Instant> moves = std::exchange(dead.unblamed_moves, {});
    const auto count =
        std::count_if(moves.begin(), moves.end(), [first](Instant move) { return move >= first; });
    dead.death = deaths_.size();
    deaths_.push_back({.time = now, .moves = static_cast<std::uint64_t>(count)});
}

void Meter::put_gauges() {
    LoadPoint& point = readings_.points.back();
    point.up = std::min(point.up, up_);
    point.live = std::min(point.live, live_);
}

}  // namespace coppice
