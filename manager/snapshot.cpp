// Views: plain values for the API, taken between two steps.

#include <algorithm>

#include "common/hostlist.h"
#include "common/selector.h"
#include "manager/state.h"

namespace coppice {
namespace {

/// Some tenths of a millisecond: a page holds the loop up no longer.
constexpr std::size_t page_looked_at_max = 4096;

}  // namespace

HostState Manager::State::state_of(const HostRecord& host) const {
    return host.state == HostState::live && suspects.contains(host.id) ? HostState::suspect
                                                                       : host.state;
}

std::string Manager::State::name_of(HostId id) const {
    const HostRecord* host = registry.find(id);
    return host == nullptr ? std::string{} : host->name;
}

HostCounts Manager::State::counts() const {
    HostCounts counts{.registered = registry.size(), .unplaced = unplaced.size()};
    for (const auto& [id, host] : registry.hosts()) {
        counts.drained += host.is_drained ? 1 : 0;
        switch (state_of(host)) {
            case HostState::live:
                ++counts.live;
                break;
            case HostState::joining:
            case HostState::suspect:
                ++counts.suspect;
                break;
            case HostState::lost:
                ++counts.lost;
                break;
            case HostState::left:
                ++counts.left;
                break;
        }
    }
    if (is_blind) counts.unseen = present.size();
    counts.isolated = isolation.hosts().size();
    return counts;
}

Shape::Depth Manager::State::tree_depth() const {
    Shape::Depth deepest = 0;
    for (Shape::Depth level = 0; !shape.open_at(level).empty(); ++level)
        for (const HostId host : shape.open_at(level))
            if (!shape.children(host).empty()) deepest = level + 1;
    return deepest;
}

CellView Manager::State::cell_view() const {
    const HostCounts hosts = counts();
    return {.name = cell.name,
            .owner = config.name,
            .term = term,
            .generation = cell.generation,
            .root = name_of(cell.root),
            .understudy = name_of(cell.understudy),
            .hosts = hosts.registered,
            .live = hosts.live,
            .depth = tree_depth(),
            .is_root_heard = is_root_heard(),
            .interval = timing.interval,
            .fanout = config.fanout};
}

HostView Manager::State::view_of(const HostRecord& host) const {
    const Shape::Depth depth = shape.depth(host.id);
    return {.record = host,
            .state = state_of(host),
            .parent = name_of(host.parent),
            .children = static_cast<std::uint32_t>(shape.children(host.id).size()),
            .depth = depth == Shape::detached ? 0 : depth,
            .is_understudy = host.id == cell.understudy,
            .is_unseen = is_blind && is_present(host),
            .domain = shape.domains().has_path() && shape.contains(host.id)
                          ? shape.domains().text(shape.domain(host.id))
                          : std::string{},
            .crossing = crossing_of(host.id),
            .isolation = isolation.find(host.id) == nullptr
                             ? std::nullopt
                             : std::optional{*isolation.find(host.id)}};
}

std::string Manager::State::crossing_of(HostId id) const {
    const Domains& domains = shape.domains();
    const HostId parent = shape.parent(id);
    const Domains::Id own = shape.domain(id);
    if (parent == HostId{} || shape.is_in(parent, own)) return {};
    const std::string where = "its parent is in " + domains.text(shape.domain(parent)) + ": ";
    if (const auto better = better_parent(shape, id, depth_max()))
        return where + name_of(better->parent) + " in " +
               domains.text(shape.domain(better->parent)) + " could take it by now";
    return where + "nobody nearer can take it within the depth and the fan-out";
}

StatusView Manager::status() const {
    return {.fleet = state_->fleet.fleet,
            .managers = {state_->config.name},
            .cells = {state_->cell_view()},
            .hosts = state_->counts()};
}

Result<std::vector<HostView>> Manager::hosts(std::string_view selector) const {
    const Result<Selector> parsed = Selector::parse(selector);
    if (!parsed.ok()) return parsed.error();
    std::vector<HostView> views;
    for (const auto& [id, host] : state_->registry.hosts())
        if (parsed->matches(host.name, host.labels)) views.push_back(state_->view_of(host));
    std::sort(views.begin(), views.end(), [](const HostView& left, const HostView& right) {
        return left.record.name < right.record.name;
    });
    return views;
}

std::optional<HostView> Manager::host(std::string_view name) const {
    const Registry& registry = state_->registry;
    const HostRecord* host = registry.find_name(name);
    return host == nullptr ? std::nullopt : std::optional{state_->view_of(*host)};
}

HostPage Manager::hosts_after(HostId host, const Selector& where, std::size_t count_max) const {
    const auto& hosts = state_->registry.hosts();
    HostPage page;
    std::size_t looked_at = 0;
    for (auto next = hosts.upper_bound(host);
         next != hosts.end() && page.hosts.size() < count_max && looked_at < page_looked_at_max;
         ++next, ++looked_at) {
        const HostRecord& record = next->second;
        page.last = record.id;
        if (where.matches(record.name, record.labels))
            page.hosts.push_back({record.id, record.name, record.labels});
    }
    return page;
}

TreeView Manager::tree() const {
    const State& state = *state_;
    TreeView view{.cell = state.cell.name,
                  .generation = state.cell.generation,
                  .depth = state.tree_depth(),
                  .depth_max = state.depth_max(),
                  .fanout = state.config.fanout,
                  .slack = state.config.slack(),
                  .root = state.name_of(state.cell.root),
                  .domain_path = state.config.domain_path,
                  .crossings = domain_crossings(state.shape, state.depth_max())};
    std::vector<HostId> order;
    if (state.shape.root() != HostId{}) order.push_back(state.shape.root());
    for (const auto& [id, host] : state.registry.hosts())  // orphans and the unplaced last
        if (state.shape.contains(id) && state.shape.parent(id) == HostId{} &&
            id != state.shape.root())
            order.push_back(id);
    for (std::size_t next = 0; next < order.size(); ++next) {
        const HostId id = order[next];
        const HostRecord& host = *state.registry.find(id);
        const std::vector<HostId>& children = state.shape.children(id);
        const auto count = static_cast<std::uint32_t>(children.size());
        view.max_children = std::max(view.max_children, count);
        view.nodes.push_back({.host = host.name,
                              .role = host.role,
                              .parent = state.name_of(host.parent),
                              .children = count,
                              .state = state.state_of(host)});
        order.insert(order.end(), children.begin(), children.end());
    }
    return view;
}

std::vector<TreeFault> Manager::tree_faults() const {
    std::vector<TreeFault> faults;
    const State& state = *state_;
    for (const auto& [id, host] : state.registry.hosts()) state.find_faults(host, faults);
    const bool has_live =
        std::any_of(state.registry.hosts().begin(), state.registry.hosts().end(),
                    [](const auto& entry) { return entry.second.state == HostState::live; });
    if (has_live && state.cell.root == HostId{})
        faults.emplace_back("the cell has live hosts and no root");
    return faults;
}

void Manager::State::find_faults(const HostRecord& host, std::vector<TreeFault>& faults) const {
    const auto blame = [&](const std::string& what) { faults.push_back(host.name + " " + what); };
    const bool has_role = host.role != Role::leaf;
    if (!is_present(host)) {
        if (has_role)
            blame(std::string{"is "} + to_text(host.state) + " and holds the role " +
                  to_text(host.role));
        return;
    }
    if (has_role && suspects.contains(host.id))
        blame("is suspect and holds the role " + std::string{to_text(host.role)});
    if (has_role && host.is_drained)
        blame("is drained and holds the role " + std::string{to_text(host.role)});
    const std::size_t children = shape.children(host.id).size();
    if (children > shape.limit(Room::slack))
        blame("has " + std::to_string(children) + " children; fan-out and slack allow " +
              std::to_string(shape.limit(Room::slack)));
    if (host.id == cell.root) return;
    if (!host.is_placed) {
        if (host.unplaced_reason.empty()) blame("has no place and no reason is known");
        return;
    }
    const HostRecord* parent = registry.find(host.parent);
    if (parent == nullptr) return blame("has no parent");
    if (!is_present(*parent))
        return blame("has the parent " + parent->name + ", which is " + to_text(parent->state));
    if (parent->role == Role::leaf)
        return blame("has the parent " + parent->name + ", which is a leaf");
    const Shape::Depth depth = shape.depth(host.id);
    if (depth == Shape::detached) return blame("is not connected to the root");
    if (depth > depth_max())
        blame("is " + std::to_string(depth) + " links below the root; " +
              std::to_string(depth_max()) + " are allowed");
}

std::vector<StopView> Manager::State::stops() const {
    std::vector<StopView> views;
    for (const RuleView& rule : ledger.rules(stop_topic)) {
        const Bytes reason = payload_of(rule.push);
        StopView view{.push = rule.rule,
                      .selector = rule.selector,
                      .reason = {reason.begin(), reason.end()},
                      .since = rule.since,
                      .hosts = rule.hosts,
                      .stopped = {}};
        view.stopped = ledger.has_applied(rule.rule);
        views.push_back(std::move(view));
    }
    return views;
}

/// Stopped and isolated hosts lack it for a reason.
void Manager::State::explain_waiting(std::vector<ReceiptView>& receipts) const {
    const std::vector<StopView> stops_now = stops();
    for (ReceiptView& receipt : receipts) {
        for (const HostId host : receipt.isolated_hosts.to_vector()) {
            const IsolationRecord& record = *isolation.find(host);
            receipt
                .held_back["isolated (" + std::string{to_text(record.cause)} +
                           "): " + record.reason]
                .insert(host);
        }
        if (receipt.topic == stop_topic) continue;
        for (const StopView& stop : stops_now)
            if (receipt.pending_hosts.intersects(stop.hosts))
                receipt.held_back["stopped: " + stop.reason] |= receipt.pending_hosts & stop.hosts;
    }
}

std::vector<StopView> Manager::stops() const { return state_->stops(); }

std::vector<ReceiptView> Manager::State::receipts(const std::vector<PushId>& pushes) const {
    std::vector<ReceiptView> views;
    views.reserve(pushes.size());
    for (const PushId push : pushes) views.push_back(ledger.view(push, present, isolation.hosts()));
    explain_waiting(views);
    return views;
}

std::vector<ReceiptView> Manager::pushes() const {
    std::vector<PushId> newest_first = state_->ledger.all();
    std::reverse(newest_first.begin(), newest_first.end());
    return state_->receipts(newest_first);
}

std::optional<ReceiptView> Manager::push(PushId id) const {
    if (state_->ledger.find(id) == nullptr) return std::nullopt;
    return state_->receipts({id}).front();
}

std::vector<ReceiptView> Manager::topic(std::string_view topic) const {
    std::vector<ReceiptView> views = pushes();
    std::erase_if(views, [topic](const ReceiptView& view) { return view.topic != topic; });
    return views;
}

std::vector<RuleView> Manager::rules(std::string_view topic) const {
    return state_->ledger.rules(topic);
}

std::vector<EventView> Manager::events(std::uint64_t after, std::size_t count_max) const {
    return state_->history.after(after, count_max);
}

std::vector<TokenView> Manager::tokens(UnixMillis now) const {
    std::vector<TokenView> views;
    for (const auto& [id, token] : state_->tokens)
        views.push_back({.record = token, .state = token_state(token, now)});
    return views;
}

std::string Manager::names(const HostSet& hosts) const {
    std::vector<std::string> names;
    for (const HostId id : hosts.to_vector())
        if (std::string name = state_->name_of(id); !name.empty()) names.push_back(std::move(name));
    return fold_host_list(std::move(names));
}

}  // namespace coppice
