// Registration: hosts that are new, restarted, or asking again.

#include <algorithm>

#include "manager/state.h"

namespace coppice {
namespace {

constexpr std::size_t arrivals_max = 4096;
constexpr std::size_t conflicts_max = 1024;
/// A name whose host is lost for so long may be taken by another key.
constexpr UnixMillis name_is_free_after = std::chrono::minutes{10};

}  // namespace

void Manager::State::refuse(const Received& received, const RegistrationRefusal& refusal) {
    count(refused_registrations(refusal.result));
    reply_to(received, Registered{.result = refusal.result,
                                  .sentence = refusal.sentence,
                                  .order = std::nullopt,
                                  .newest = refusal.newest});
}

void Manager::State::on_register(const Received& received) {
    const auto& request = std::get<Register>(received.frame.body);
    if (const auto refusal = check_request(received.frame.header, request))
        return refuse(received, *refusal);
    if (registry.find_key(received.key) == nullptr) {
        const auto token = tokens.find(request.token_id);
        const auto refusal = check_token(token == tokens.end() ? nullptr : &token->second,
                                         notary.hash(request.token_secret), unix_now());
        if (refusal) return refuse(received, *refusal);
    }
    const auto known = arrival_of.find(received.key);
    if (known != arrival_of.end()) {
        arrivals[known->second] = received;
        return;
    }
    if (arrivals.size() >= arrivals_max)
        return refuse(received,
                      {Registration::unavailable,
                       "the manager is taking " + std::to_string(arrivals_max) +
                           " other registrations just now; the host tries again by itself"});
    arrival_of.emplace(received.key, arrivals.size());
    arrivals.push_back(received);
    arrivals_due = std::min(arrivals_due, now + config.join_batch);
}

void Manager::State::admit_waiting() {
    arrivals_due = never;
    arrival_of.clear();
    std::vector<Received> batch = std::exchange(arrivals, {});
    if (cell.root == HostId{} && !config.may_lead.empty())  // the first is the root
        std::stable_partition(batch.begin(), batch.end(), [this](const Received& received) {
            const auto& request = std::get<Register>(received.frame.body);
            return leaders.matches(request.name, labels_of(request, request.token_id));
        });
    const auto is_new = [this](const Received& received) {
        return registry.find_key(received.key) == nullptr;
    };
    if (shape.domains().has_path())
        newcomers = static_cast<std::uint64_t>(std::count_if(batch.begin(), batch.end(), is_new));
    for (const Received& received : batch) {
        if (newcomers > 0 && is_new(received)) --newcomers;
        if (const auto refusal = admit(received)) refuse(received, *refusal);
    }
}

Labels Manager::State::labels_of(const Register& request, const std::string& token) const {
    Labels labels = request.labels;
    if (const auto known = tokens.find(token); known != tokens.end())
        for (const auto& [key, value] : known->second.labels) labels[key] = value;
    return labels;
}

std::optional<RegistrationRefusal> Manager::State::admit(const Received& received) {
    const auto& request = std::get<Register>(received.frame.body);
    if (HostRecord* known = registry.find_key(received.key)) return readmit(*known, received);
    const auto token = tokens.find(request.token_id);
    if (auto refusal = check_token(token == tokens.end() ? nullptr : &token->second,
                                   notary.hash(request.token_secret), unix_now()))
        return refusal;
    if (auto refusal = name_conflict(request, received.key)) return refusal;
    Labels labels = labels_of(request, request.token_id);
    if (std::string mistake = label_mistake(labels); !mistake.empty())
        return RegistrationRefusal{Registration::bad_request, std::move(mistake)};
    if (const HostRecord* former = registry.find_name(request.name))
        forget(former->id, fleet.next_host);
    const HostId id = fleet.next_host;
    ++fleet.next_host.value;
    ++token->second.uses;
    touched_tokens.insert(token->first);
    HostRecord& host = registry.add({.id = id,
                                     .name = request.name,
                                     .key = received.key,
                                     .machine_id = request.machine_id,
                                     .addresses = request.addresses,
                                     .labels = std::move(labels),
                                     .resources = request.resources,
                                     .release = request.release,
                                     .token_id = request.token_id,
                                     .since = unix_now(),
                                     .incarnation = received.frame.header.incarnation,
                                     .cell = cell.id});
    history.note("host.registered", id);
    count("coppice_registrations_total");
    place(host);
    ledger.on_host(id, host.name, host.labels);
    waiting.push_back({received, id});
    return std::nullopt;
}

std::optional<RegistrationRefusal> Manager::State::name_conflict(const Register& request,
                                                                 const PublicKey& key) {
    const HostRecord* holder = registry.find_name(request.name);
    if (holder == nullptr || holder->key == key) return std::nullopt;
    // Of a clock that was set back far, the distance is as good as the age.
    const UnixMillis age = std::chrono::abs(unix_now() - holder->since);
    const bool is_free = holder->state == HostState::left ||
                         (holder->state == HostState::lost && age >= name_is_free_after);
    if (is_free) return std::nullopt;
    if (conflicts.size() < conflicts_max && conflicts.emplace(request.name, key).second)
        history.note("host.conflict", holder->id, "name",
                     {{"name", request.name},
                      {"address", request.addresses.empty() ? "" : request.addresses.front()}});
    return RegistrationRefusal{
        Registration::name_conflict,
        "the name '" + request.name +
            "' belongs to another key; give this host another name, or stop the host that has it "
            "(its name is free when it has left, or 10 minutes after it is lost)"};
}

std::optional<RegistrationRefusal> Manager::State::readmit(HostRecord& host,
                                                           const Received& received) {
    const auto& request = std::get<Register>(received.frame.body);
    const Incarnation incarnation = received.frame.header.incarnation;
    if (incarnation < host.incarnation)
        return RegistrationRefusal{Registration::stale_incarnation,
                                   "this host was seen in a later run; it goes on above that",
                                   host.incarnation};
    if (request.name != host.name) {
        if (auto refusal = name_conflict(request, received.key)) return refusal;
        if (const HostRecord* former = registry.find_name(request.name)) forget(former->id, {});
        registry.rename(host, request.name);
        touch(host);
    }
    update(host, request);
    if (incarnation > host.incarnation || !is_present(host))
        restart(host, incarnation, request.former_end);
    weigh_memory(host, request.is_short_of_memory);
    ledger.on_host(host.id, host.name, host.labels);
    waiting.push_back({received, host.id});
    return std::nullopt;
}

void Manager::State::update(HostRecord& host, const Register& request) {
    HostRecord updated = host;
    updated.machine_id = request.machine_id;
    updated.addresses = request.addresses;
    updated.resources = request.resources;
    updated.release = request.release;
    updated.labels = labels_of(request, host.token_id);
    if (!label_mistake(updated.labels).empty()) updated.labels = host.labels;
    if (updated == host) return;
    const bool has_moved = updated.addresses != host.addresses;
    const bool has_new_labels = updated.labels != host.labels;
    if (present.contains(host.id)) {
        label_counts.remove(host);
        label_counts.add(updated);
    }
    host = std::move(updated);
    touch(host);
    if (has_new_labels) {
        plan.insert(host.id);
        if (shape.contains(host.id)) shape.set_labels(host.id, host.labels);
        regrade(host);
    }
    if (has_moved) refresh_users_of(host.id);
}

/// A new run of a known host: it has lost its role, and keeps its place when it was a leaf.
void Manager::State::restart(HostRecord& host, Incarnation incarnation, Cause former_end) {
    const bool was_planned = host.state == HostState::left || former_end == Cause::restart;
    const bool is_new_run = incarnation > host.incarnation;
    if (!was_planned && is_present(host)) note_departure(host);
    const bool is_in_place = host.role == Role::leaf && shape.is_open(shape.parent(host.id));
    if (!is_in_place) strip(host);
    if (cell.understudy == host.id) {
        cell.understudy = {};
        wants_understudy = true;
    }
    host.state = HostState::joining;
    host.cause = Cause::none;
    host.since = unix_now();
    host.incarnation = incarnation;
    host.attachment = {};
    host.revision = 0;
    appear(host);
    suspects.remove(host.id);
    missing.remove(host.id);
    leaving.remove(host.id);
    isolation.excuse(host.id, now);
    isolation.try_again(host.id);
    has_presence_changed = true;
    if (!was_planned) begin_cool_down(host);
    count(is_new_run ? "coppice_hosts_restarted_total" : "coppice_hosts_returned_total");
    tell_return(host, is_new_run ? "host.restarted" : "host.returned",
                was_planned ? Cause::restart : former_end);
    if (is_in_place) {
        regrade(host);
    } else {
        add_to_shape(host);
        const HostId former = host.parent;
        const bool has_room = shape.is_open(former) && shape.depth(former) != Shape::detached &&
                              shape.children(former).size() < config.fanout;
        if (has_room) {
            take(host, {former});
            regrade(host);
        } else {
            place(host);
        }
    }
    plan.insert(host.id);
    touch(host);
}

/// By its own word: a host that was killed for want of memory gets no role before it has enough.
void Manager::State::weigh_memory(HostRecord& host, bool is_short) {
    if (host.is_short_of_memory == is_short) return;
    host.is_short_of_memory = is_short;
    history.note(is_short ? "host.short_of_memory" : "host.has_memory", host.id);
    regrade(host);
    touch(host);
}

/// The name is taken by another key: the old record goes, its id is never used again.
void Manager::State::forget(HostId id, HostId heir) {
    ledger.forget(id);
    isolation.forget(id);
    orders.forget(id);
    missing.remove(id);
    calming.remove(id);
    given_at.erase(id);
    spare_users.change(id, registry.find(id)->spares, {});
    registry.erase(id);
    touched.erase(id);
    timelines.forget(id);
    erased.emplace(id, heir);
    history.note("host.replaced", id);
}

}  // namespace coppice
