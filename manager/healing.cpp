// What the tree says of hosts, and what follows when one is gone.

#include <algorithm>
#include <tuple>

#include "manager/state.h"

namespace coppice {
namespace {

/// Orphans find parents one after another; they are confirmed in one generation.
constexpr Duration confirm_pause = std::chrono::milliseconds{100};
/// By how much the numbers of a host can have grown unheard: a run raises its own by up to 2^32.
constexpr std::uint64_t unheard_max = std::uint64_t{1} << 40U;

bool is_ahead(std::uint64_t said, std::uint64_t known) {
    return said > known && said - known > unheard_max;
}

/// Was never so: to believe it would leave the host no number to come after it.
bool is_far_ahead(const HostFact& fact, const HostRecord& host) {
    const bool is_same_run = fact.incarnation == host.incarnation;
    return is_ahead(fact.incarnation.value, host.incarnation.value) ||
           is_ahead(fact.attachment.value, is_same_run ? host.attachment.value : 0);
}

}  // namespace

/// The host of a fact that says something new; null when there is none.
HostRecord* Manager::State::find_older_than(const HostFact& fact) {
    HostRecord* host = registry.find(fact.host);
    const auto age = [](const auto& said) {
        return std::tuple{said.incarnation, said.attachment, said.revision};
    };
    if (host != nullptr && is_far_ahead(fact, *host)) return nullptr;
    return host == nullptr || age(fact) <= age(*host) ? nullptr : host;
}

void Manager::State::suspect(const HostFact& fact) {
    const HostRecord* host = find_older_than(fact);
    if (fact.state <= HostState::live || host == nullptr || !is_present(*host)) return;
    if (fact.state == HostState::suspect) count("coppice_hosts_suspected_total");
    suspects.add(host->id, now + timing.not_back_after());
    isolation.excuse(host->id, now);
    regrade(*host);
}

void Manager::State::on_fact(const HostFact& fact) {
    HostRecord* host = find_older_than(fact);
    if (host == nullptr) return;
    const bool is_new_run = fact.incarnation > host->incarnation;
    // Revision zero: the host spoke of this attachment itself, before any parent did.
    const bool is_new_attachment =
        is_new_run || fact.attachment > host->attachment || host->revision == 0;
    // A run that did not register: it found its old parent while no manager answered.
    if (is_new_run && is_present(*host) && host->role != Role::leaf)
        restart(*host, fact.incarnation);
    host->incarnation = fact.incarnation;
    host->attachment = fact.attachment;
    host->revision = fact.revision;
    // Durable, so that after a restart no former parent is believed.
    if (is_new_attachment) touch(*host);
    if (is_new_attachment) isolation.excuse(host->id, now);
    switch (fact.state) {
        case HostState::joining:
        case HostState::live:
            return on_live(*host, fact, is_new_attachment);
        case HostState::suspect:
            if (!is_present(*host)) return;
            suspects.add(host->id, now + timing.not_back_after());
            // The first word of a new parent: what it said before was replaced on its way.
            settle_parent(*host, fact, is_new_attachment);
            return regrade(*host);
        case HostState::lost:
            if (withholds_verdict(*host, fact.cause)) return;
            [[fallthrough]];
        case HostState::left:
            return retire(*host, fact.state, fact.cause);
    }
}

void Manager::State::on_live(HostRecord& host, const HostFact& fact, bool is_new_attachment) {
    const Stamp newest{host.term, host.generation};
    if (fact.stamp >= newest) {
        orders.forget(host.id);
    } else if (!orders.contains(host.id)) {
        orders.expect(host.id, now + timing.resend_after());
    }
    if (!is_present(host)) {
        add_to_shape(host);
        appear(host);
        has_presence_changed = true;
        is_new_attachment = true;
        if (host.state == HostState::lost) begin_cool_down(host);
        // Back by a parent of its own, perhaps without having registered: rules are for it again.
        ledger.on_host(host.id, host.name, host.labels);
    }
    suspects.remove(host.id);
    if (is_new_attachment && missing.contains(host.id)) {
        // Found a parent: the report of its subtree may take as long as if it had just gone.
        missing.remove(host.id);
        has_presence_changed = true;
    }
    if (host.state != HostState::live) {
        host.state = HostState::live;
        host.cause = Cause::joined;
        host.since = unix_now();
        touch(host);
        count("coppice_hosts_live_total");
        tell_return(host, "host.live", fact.cause);
    }
    settle_parent(host, fact, is_new_attachment);
    regrade(host);
}

/// The host is where it was ordered to be, or it found another parent by itself.
void Manager::State::settle_parent(HostRecord& host, const HostFact& fact, bool is_new_attachment) {
    if (host.id == cell.root || fact.parent == manager_host || !is_new_attachment) return;
    if (fact.parent == shape.parent(host.id) && host.is_placed) return;
    if (is_acceptable(host.id, fact.parent)) {
        count("coppice_adoptions_total");
        set_parent(host, fact.parent, {.by = MovedBy::host});
        host.awaits_order = true;
        touch(host);
        plan_later.insert(host.id);
        plan_due = std::min(plan_due, now + confirm_pause);
        return;
    }
    if (!shape.is_open(shape.parent(host.id))) replace(host, fact.parent);
    // What it obeys already would not move it: the same place needs a newer order.
    plan.insert(host.id);
}

bool Manager::State::is_acceptable(HostId host, HostId parent) const {
    const HostRecord* above = registry.find(parent);
    const bool is_parent = above != nullptr && is_present(*above) && may_hold_role(*above) &&
                           shape.is_interior(parent) && !shape.is_within(parent, host);
    if (!is_parent) return false;
    const bool is_child = shape.parent(host) == parent;
    if (!is_child && shape.children(parent).size() >= shape.limit(Room::slack)) return false;
    const Shape::Depth depth = shape.depth(parent);
    return depth == Shape::detached || depth + 1 + shape.height(host) <= depth_max();
}

void Manager::State::appear(const HostRecord& host) {
    if (present.contains(host.id)) return;
    present.insert(host.id);
    label_counts.add(host);
}

/// What may have taken others with it, just before its death: labels first, as machines come
/// before what runs on them.
std::vector<Share> Manager::State::shares_of(const HostRecord& host) const {
    std::vector<Share> shares;
    for (auto& [key, value] : shared_by(host)) {
        const std::uint64_t hosts = label_counts.hosts_with(key, value);
        if (hosts > 0) shares.push_back({std::move(key), std::move(value), hosts});
    }
    const auto add_parent = [&](HostId parent) {
        shares.push_back({.key = {},
                          .value = name_of(parent),
                          .hosts = shape.children(parent).size() + 1,
                          .is_head = parent == host.id});
    };
    if (registry.find(host.parent) != nullptr) add_parent(host.parent);
    if (!shape.children(host.id).empty()) add_parent(host.id);
    return shares;
}

void Manager::State::retire(HostRecord& host, HostState state, Cause cause) {
    if (!is_present(host)) return;
    if (leaving.contains(host.id)) {  // as it said it would
        leaving.remove(host.id);
        state = HostState::left;
        cause = Cause::said_goodbye;
    }
    if (state == HostState::lost) {
        note_departure(host);
        grouping.add({.host = host.id,
                      .cause = cause,
                      .role = host.role,
                      .shares = shares_of(host),
                      .is_told_elsewhere = is_unstable(host)},
                     unix_now());
    } else {
        history.note("host.left", host.id, to_text(cause),
                     host.role == Role::leaf
                         ? std::map<std::string, std::string>{}
                         : std::map<std::string, std::string>{{"role", to_text(host.role)}});
    }
    const Role role = host.role;
    host.state = state;
    host.cause = cause;
    host.since = unix_now();
    present.erase(host.id);
    label_counts.remove(host);
    suspects.remove(host.id);
    unplaced.erase(host.id);
    missing.remove(host.id);
    orders.forget(host.id);
    plan.erase(host.id);
    plan_later.erase(host.id);
    count(state == HostState::left ? "coppice_hosts_left_total" : "coppice_hosts_lost_total");
    const bool had_duty = role != Role::leaf || cell.understudy == host.id;
    const bool was_root = cell.root == host.id;
    if (had_duty) refresh_users_of(host.id);
    strip(host);
    host.is_placed = false;
    host.is_orphan = false;
    if (was_root && hub.links().find(host.id) != nullptr)
        hub.links().on_leave(*hub.links().find(host.id), Leave{.is_moving = true});
    if (is_unstable(host)) unstable_news.insert(host.id);
    touch(host);
}

/// Takes the host out of the tree with its duties; its children are orphans.
void Manager::State::strip(HostRecord& host) {
    for (const HostId child : shape.children(host.id)) {
        orphaned.add(child, now + timing.lost_after());
        HostRecord& orphan = *registry.find(child);
        orphan.is_orphan = true;
        touch(orphan);
    }
    if (shape.contains(host.id)) shape.remove(host.id);
    host.role = Role::leaf;
    if (cell.understudy == host.id) {
        cell.understudy = {};
        wants_understudy = true;
    }
    if (cell.root != host.id) return;
    cell.root = {};
    succeed();
}

/// Orphans find a parent by themselves. Who is in the tree and yet below nobody was refused one.
void Manager::State::place_orphans() {
    const HostSet& members = find_or_empty(hub.relay().sets(), members_key);
    for (const HostId id : orphaned.over(now)) {
        orphaned.remove(id);
        const bool is_orphan = present.contains(id) && id != cell.root && !unplaced.contains(id) &&
                               shape.parent(id) == HostId{};
        if (!is_orphan) continue;
        HostRecord& host = *registry.find(id);
        if (members.contains(id)) {
            replace(host, host.parent);
        } else {
            orphaned.add(id, now + timing.lost_after());
        }
    }
}

/// A suspicion soon becomes a loss or ends. One that does neither was told by a parent of the past.
void Manager::State::drop_suspicions() {
    for (const HostId id : suspects.over(now)) {
        suspects.remove(id);
        if (const HostRecord* host = registry.find(id)) regrade(*host);
    }
}

/// Whoever would tell of its end may be gone as well.
void Manager::State::see_off() {
    const HostSet& members = find_or_empty(hub.relay().sets(), members_key);
    for (const HostId id : leaving.over(now)) {
        if (is_root_heard() && members.contains(id)) {
            leaving.remove(id);
            leaving.add(id, now + timing.gone_after());
            continue;
        }
        retire(*registry.find(id), HostState::left, Cause::said_goodbye);
        has_presence_changed = true;
    }
}

/// Who is in the tree and yet lost was taken for lost by mistake: a new order makes it speak.
void Manager::State::revive_returned() {
    for (const HostId id : returned.over(now)) {
        returned.remove(id);
        HostRecord* host = registry.find(id);
        if (host != nullptr && !is_present(*host)) restart(*host, host->incarnation);
    }
}

/// Whoever is deeper than the bound, because it was adopted so in haste, gets a place nearer the
/// root.
void Manager::State::flatten() {
    constexpr std::size_t moves_max = 64;
    if (now < flatten_due) return;
    flatten_due = never;
    std::size_t moves = 0;
    const Shape::Depth bound = depth_max();
    for (const HostId id : present.to_vector()) {
        const Shape::Depth depth = shape.depth(id);
        if (depth == Shape::detached || depth <= bound || shape.height(id) > 0) continue;
        HostRecord& host = *registry.find(id);
        replace(host, host.parent,
                "deeper than " + std::to_string(bound) + " links below the root");
        if (++moves == moves_max) break;
    }
    if (moves > 0) flatten_due = now + timing.not_back_after();
}

/// Orders that name it as parent or spare lead nowhere. Who has another place by then may have got
/// it before there were others to be its spares.
void Manager::State::refresh_users_of(HostId id) {
    for (const HostId child : shape.children(id)) queue_refresh(child);
    queue_refresh(spare_users.of(id));
}

bool Manager::State::is_root_heard() const {
    const auto& links = hub.links().children();
    const auto root = links.find(cell.root);
    return root != links.end() && root->second.state == HostState::live;
}

void Manager::State::notice_root() {
    const bool is_heard = is_root_heard();
    if (is_heard) is_root_untried = false;
    if (is_heard == (root_unheard_since == never)) return;
    root_unheard_since = is_heard ? never : now;
    has_presence_changed = true;
}

Instant Manager::State::blind_at() const {
    const bool is_waiting = root_unheard_since != never && !is_blind && !present.empty();
    return is_waiting ? root_unheard_since + timing.not_back_after() : never;
}

/// Whom no root tells of may live or not. It says so, and calls nobody lost.
void Manager::State::notice_blindness() {
    const bool is_blind_now = is_blind ? root_unheard_since != never : now >= blind_at();
    if (is_blind_now == is_blind) return;
    is_blind = is_blind_now;
    if (is_blind) count("coppice_unseen_total");
    history.note(is_blind ? "hosts.unseen" : "hosts.seen", present,
                 is_blind ? "no root is heard, which may be this manager's own illness; what it "
                            "says of hosts is of the past"
                          : "");
}

void Manager::State::excuse_missing() {
    const HostSet excused = missing.hosts();
    missing.clear();
    for (const HostId id : excused.to_vector()) regrade(*registry.find(id));
}

/// Who is in no subtree is given time to come back, while the root can tell of it.
void Manager::State::on_members() {
    if (!is_root_heard()) {
        returned.clear();
        return excuse_missing();
    }
    const HostSet& members = find_or_empty(hub.relay().sets(), members_key);
    const HostSet absent = present - members;
    const HostSet unexpected = members - present;
    for (const HostId id : (returned.hosts() - unexpected).to_vector()) returned.remove(id);
    // A parent that doubts itself counts the subtree of a dead child for as long.
    for (const HostId id : (unexpected - returned.hosts()).to_vector())
        returned.add(id, now + timing.not_back_after());
    for (const HostId id : (missing.hosts() - absent).to_vector()) {
        missing.remove(id);
        if (const HostRecord* host = registry.find(id)) regrade(*host);
    }
    for (const HostId id : (absent - missing.hosts()).to_vector()) {
        const HostRecord& host = *registry.find(id);
        const bool is_new_leaf = host.state == HostState::joining && host.role == Role::leaf;
        missing.add(id, now + (is_new_leaf ? timing.not_joined_after() : timing.not_back_after()));
        regrade(host);
    }
}

void Manager::State::declare_missing_lost() {
    if (!is_root_heard()) return;
    for (const HostId id : missing.over(now)) {
        HostRecord& host = *registry.find(id);
        missing.remove(id);
        if (!host.is_placed) continue;  // it waits for room, not for a parent
        retire(host, HostState::lost, Cause::not_back);
        has_presence_changed = true;
    }
}

}  // namespace coppice
