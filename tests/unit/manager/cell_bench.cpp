// Plays the hosts of a cell as simply as a manager can tell.

#include "tests/unit/manager/cell_bench.h"

#include <algorithm>

namespace coppice::testing {
namespace {

constexpr std::uint64_t root_routes = 1'000'000;
const std::string secret_text = "swordfish";
const Bytes secret{secret_text.begin(), secret_text.end()};

PublicKey key_of_name(const std::string& name) {
    PublicKey key{};
    for (std::size_t i = 0; i < name.size(); ++i)
        key[i % 31] = static_cast<std::uint8_t>(key[i % 31] * 31 + name[i]);
    key[31] = 1;
    return key;
}

}  // namespace

CellBench::CellBench(std::uint32_t fanout) {
    config.addresses = {"tcp://m:1"};
    config.key[0] = 99;
    config.fanout = fanout;
    const FleetRecord fleet{.fleet = "f"};
    const TokenRecord token{
        .id = "t", .secret_hash = notary.hash(secret), .labels = {{"zone", "z1"}}};
    records.emplace(key_of(fleet), fleet);
    records.emplace(key_of(token), token);
    manager = std::make_unique<Manager>(config, loaded(), notary);
    feed(Started{unix_start + std::chrono::duration_cast<UnixMillis>(now.time_since_epoch())});
}

Loaded CellBench::loaded() const {
    Loaded loaded{.term = term,
                  .events = journal,
                  .has_timelines = !timelines.empty(),
                  .has_roles = has_roles};
    for (const auto& [key, record] : records) loaded.records.push_back(record);
    return loaded;
}

void CellBench::feed(const Input& input) {
    Outputs out = manager->step(input, now);
    writes += out.writes.size();
    timelines.take(out.writes);
    series.take(out.writes);
    for (const Write& write : out.writes) {
        if (const auto* put = std::get_if<Put>(&write))
            records.insert_or_assign(key_of(put->record), put->record);
        if (const auto* erase = std::get_if<Erase>(&write)) records.erase(erase->key);
        if (const auto* append = std::get_if<Append>(&write)) journal.push_back(append->event);
    }
    for (const Reply& reply : out.replies) replies.push_back(reply);
    std::vector<Probe> probes = std::move(out.probes);
    for (const Send& sent : out.sends) hear(sent);
    for (const Probe& probe : probes) {
        const Host* root_host = by_id(joined_root_);
        const bool is_up = root_host != nullptr && root_host->is_up;
        const ProbeResult usual = is_up ? ProbeResult::connected : ProbeResult::refused;
        feed(ProbeFinished{probe.probe, probe_result ? probe_result(probe) : usual});
    }
}

CellBench::Host* CellBench::by_id(HostId id) {
    for (auto& [name, host] : hosts)
        if (id != HostId{} && host.id == id) return &host;
    return nullptr;
}

void CellBench::hear(const Send& sent) {
    const Message& body = sent.frame.body;
    if (sent.route.value < root_routes) {
        const auto found = on_route_.find(sent.route.value);
        if (found == on_route_.end()) return;
        Host& host = hosts.at(found->second);
        if (const auto* registered = std::get_if<Registered>(&body)) {
            host.answer = *registered;
            if (registered->order) obey(host, *registered->order);
        }
        if (const auto* ordered = std::get_if<Ordered>(&body)) obey(host, ordered->order);
        return;
    }
    if (const auto* refused = std::get_if<Refused>(&body)) {
        refusals.push_back(*refused);
        if (sent.route == root_route_) joined_root_ = {};
    }
    if (sent.route != root_route_) return;
    if (const auto* answer = std::get_if<HeartbeatAnswer>(&body)) {
        std::erase_if(facts_, [&](const auto& fact) { return fact.first <= answer->facts_acked; });
        for (const SetAck& ack : answer->sets) sender_.on_ack(ack);
    }
    if (const auto* push = std::get_if<PushDown>(&body)) pushes.push_back(*push);
    if (const auto* asked = std::get_if<WindowOpened>(&body)) questions.push_back(*asked);
    if (const auto* ordered = std::get_if<Ordered>(&body))
        if (Host* host = by_id(ordered->destination)) obey(*host, ordered->order);
}

void CellBench::obey(Host& host, const Sealed& sealed) {
    const auto order = std::get<Order>(notary.open(sealed).value());
    if (!host.is_up || order.stamp <= host.order.stamp) return;
    host.order = order;
    host.id = order.host;
}

bool CellBench::may_take(HostId parent, const Host& child) {
    const Host* above = by_id(parent);
    if (above == nullptr || !above->is_up || !above->is_attached || above->order.role == Role::leaf)
        return false;
    std::size_t children = 0;
    for (const auto& [name, host] : hosts)
        children += host.is_attached && host.parent == parent ? 1 : 0;
    if (children >= above->order.fanout + above->order.slack) return false;
    for (const Host* next = above; next != nullptr; next = by_id(next->parent))
        if (next->id == child.id) return false;
    return true;
}

bool CellBench::attach(Host& host, HostId parent) {
    if (!may_take(parent, host)) return false;
    host.parent = parent;
    host.is_attached = true;
    ++host.attachment.value;
    host.revision = 1;
    host.followed = host.order.stamp;
    host.obeyed = host.order.stamp;
    say({.host = host.id,
         .incarnation = host.incarnation,
         .attachment = host.attachment,
         .revision = host.revision,
         .state = HostState::live,
         .cause = Cause::joined,
         .parent = parent,
         .stamp = host.obeyed});
    return true;
}

void CellBench::find_parent(Host& host) {
    const bool is_in_place = host.is_attached && host.parent == host.order.parent.host;
    const bool has_new_order = host.followed < host.order.stamp;
    if (is_in_place || (host.is_attached && !has_new_order)) return;
    if (attach(host, host.order.parent.host) || host.is_attached) return;
    for (const PeerAddress& spare : host.order.spares)
        if (attach(host, spare.host)) return;
    if (now < host.next_seek) return;
    host.next_seek = now + config.interval;
    ++host.attachment.value;  // of the tries in vain
    seek(host, host.parent);
}

void CellBench::join_manager(Host& root_host) {
    root_route_ = Route{(root_routes + ++links_) * 2};
    root_link_ = LinkId{links_};
    sequence_ = 0;
    sender_.reset();
    joined_root_ = root_host.id;
    root_host.is_attached = true;
    root_host.parent = {};
    root_host.obeyed = root_host.order.stamp;
    feed(Received{root_route_,
                  root_host.key,
                  {{.sender = root_host.id,
                    .incarnation = root_host.incarnation,
                    .link = root_link_,
                    .sequence = ++sequence_},
                   Join{.attachment = {++root_host.attachment.value},
                        .order = notary.seal(root_host.order),
                        .addresses = {"tcp://root:1"}}}});
    next_beat_ = now;
}

HostSet CellBench::members() {
    HostSet set;
    for (auto& [name, host] : hosts) {
        const Host* above = &host;
        while (above != nullptr && above->is_up && above->is_attached && above->id != joined_root_)
            above = by_id(above->parent);
        if (above != nullptr && above->is_up && above->id == joined_root_) set.insert(host.id);
    }
    return set;
}

void CellBench::beat() {
    const Host* root_host = by_id(joined_root_);
    if (root_host == nullptr || !root_host->is_up || is_root_silent) return;
    next_beat_ = now + config.interval;
    store(sets_, members_key, members());
    Heartbeat heartbeat{.stamp = root_host->order.stamp,
                        .facts_revision = facts_.empty() ? 0 : facts_.back().first,
                        .sets = sender_.reports(sets_, false)};
    for (const auto& [revision, fact] : facts_) heartbeat.facts.push_back(fact);
    feed(Received{root_route_,
                  root_host->key,
                  {{.sender = root_host->id,
                    .incarnation = root_host->incarnation,
                    .link = root_link_,
                    .sequence = ++sequence_},
                   std::move(heartbeat)}});
}

void CellBench::say(const HostFact& fact) {
    facts_.emplace_back(++facts_revision_, fact);
    next_beat_ = now;
}

void CellBench::report(const SetKey& key, const HostSet& set) {
    store(sets_, key, set);
    beat();
}

void CellBench::run(Duration span) {
    const Instant end = now + span;
    while (now < end) {
        now += std::chrono::milliseconds{20};
        for (auto& [name, host] : hosts) {
            if (!host.is_up || host.id == HostId{} || !host.order.is_placed) continue;
            if (host.order.is_understudy && host.warmed < host.order.stamp) {
                host.warmed = host.order.stamp;
                seek(host, {});
            }
            if (host.order.role == Role::root) {
                if (joined_root_ != host.id) join_manager(host);
            } else {
                find_parent(host);
            }
            if (host.is_attached && host.obeyed < host.order.stamp &&
                host.order.role != Role::root && host.parent == host.order.parent.host) {
                host.obeyed = host.order.stamp;
                say({.host = host.id,
                     .incarnation = host.incarnation,
                     .attachment = host.attachment,
                     .revision = ++host.revision,
                     .parent = host.parent,
                     .stamp = host.obeyed});
            }
        }
        if (now >= next_beat_) beat();
        if (now >= manager->next_deadline()) feed(DeadlineReached{});
    }
}

bool CellBench::is_settled() const {
    const bool all_obey = std::all_of(hosts.begin(), hosts.end(), [](const auto& entry) {
        const Host& host = entry.second;
        return !host.is_up || !host.answer.order ||
               (host.is_attached && host.obeyed == host.order.stamp);
    });
    const StatusView status = manager->status();
    return all_obey && status.hosts.suspect == 0 && status.cells.front().is_root_heard &&
           facts_.empty() && metric("coppice_orders_open") == 0 && manager->tree_faults().empty();
}

bool CellBench::settle() {
    constexpr int tenths_max = 600;
    constexpr int quiet_tenths = 40;  // longer than anything that the manager does later
    std::uint64_t generation = 0;
    int quiet = 0;
    for (int tenths = 0; tenths < tenths_max && quiet < quiet_tenths; ++tenths) {
        run(std::chrono::milliseconds{100});
        const std::uint64_t newest = manager->status().cells.front().generation;
        quiet = is_settled() && newest == generation ? quiet + 1 : 0;
        generation = newest;
    }
    return quiet == quiet_tenths;
}

Register CellBench::registration(const std::string& name) const {
    return {.token_id = "t",
            .token_secret = secret,
            .name = name,
            .addresses = {"tcp://" + name + ":1"},
            .labels = labels.contains(name) ? labels.at(name) : Labels{{"rack", "r1"}}};
}

void CellBench::request(Host& host, Register body) {
    const std::uint64_t route =
        (static_cast<std::uint64_t>(std::distance(hosts.begin(), hosts.find(host.name))) + 1 +
         hosts.size() * 1000) *
        2 % root_routes;
    on_route_[route] = host.name;
    feed(Received{Route{route},
                  host.key,
                  {{.sender = host.id, .incarnation = host.incarnation, .lane = Lane::management},
                   std::move(body)}});
}

CellBench::Host& CellBench::add(const std::string& name) {
    Host& host = hosts[name];
    host.name = name;
    if (host.key == PublicKey{}) host.key = key_of_name(name);
    request(host, registration(name));
    return host;
}

CellBench::Host& CellBench::join(const std::string& name) {
    Host& host = add(name);
    run(config.join_batch + std::chrono::milliseconds{20});
    return host;
}

void CellBench::join_many(std::size_t count, const std::string& prefix) {
    for (std::size_t i = 1; i <= count; ++i) {
        std::string digits = std::to_string(i);
        digits.insert(0, 4 - std::min<std::size_t>(4, digits.size()), '0');
        add(prefix + digits);
    }
    run(config.join_batch + std::chrono::milliseconds{20});
}

void CellBench::restart_host(const std::string& name) {
    Host& host = hosts.at(name);
    for (auto& [other, child] : hosts)
        if (child.parent == host.id && child.is_attached) child.is_attached = false;
    ++host.incarnation.value;
    host.attachment = {};
    host.revision = 0;
    host.is_up = true;
    host.is_attached = false;
    if (joined_root_ == host.id) joined_root_ = {};
    host.order.role = Role::leaf;
    host.order.is_placed = false;
    request(host, registration(name));
}

void CellBench::kill(const std::string& name, Cause cause) {
    Host& dead = hosts.at(name);
    dead.is_up = false;
    const HostId observer = dead.parent;
    for (auto& [other, child] : hosts)
        if (child.parent == dead.id && child.is_attached) child.is_attached = false;
    dead.is_attached = false;
    if (joined_root_ == dead.id) {
        joined_root_ = dead.id;
        return feed(LinkDropped{root_route_});
    }
    say({.host = dead.id,
         .incarnation = dead.incarnation,
         .attachment = dead.attachment,
         .revision = ++dead.revision,
         .state = HostState::lost,
         .cause = cause,
         .parent = observer,
         .stamp = dead.obeyed});
}

void CellBench::seek(Host& host, HostId lost_parent, bool is_leaving) {
    const std::uint64_t route = (500'000 + host.id.value) % root_routes;
    on_route_[route] = host.name;
    feed(Received{Route{route},
                  host.key,
                  {{.sender = host.id, .incarnation = host.incarnation, .lane = Lane::management},
                   Seek{.stamp = host.order.stamp,
                        .lost_parent = lost_parent,
                        .has_parent = host.is_attached && lost_parent == HostId{},
                        .attachment = host.attachment,
                        .is_leaving = is_leaving}}});
}

Answer CellBench::ask(Command command) {
    const RequestId request_id{next_request_++};
    feed(CommandReceived{request_id, std::move(command)});
    for (const Reply& reply : replies)
        if (reply.request == request_id) return reply.answer;
    return Accepted{};
}

void CellBench::restart_manager() {
    ++term;
    joined_root_ = {};
    manager = std::make_unique<Manager>(config, loaded(), notary);
    feed(Started{unix_start + std::chrono::duration_cast<UnixMillis>(now.time_since_epoch())});
}

void CellBench::answer_question(Partial partial) {
    const Host& root_host = *by_id(joined_root_);
    const WindowClosed answer{.window = {root_host.order.stamp, 41},
                              .question = questions.back().question,
                              .partial = std::move(partial)};
    feed(Received{root_route_,
                  root_host.key,
                  {{.sender = root_host.id,
                    .incarnation = root_host.incarnation,
                    .link = root_link_,
                    .sequence = ++sequence_},
                   answer}});
}

std::vector<Event> CellBench::events(const std::string& kind) const {
    std::vector<Event> found;
    for (const EventView& view : manager->events(0, 100'000))
        if (view.event.kind == kind) found.push_back(view.event);
    return found;
}

}  // namespace coppice::testing
