// People re-shape the tree: plans, the moves of a plan, what the history of the tree shows.

#include <algorithm>

#include "common/limits.h"
#include "manager/rebalance.h"
#include "manager/state.h"

namespace coppice {
namespace {

Problem conflict(std::string detail) { return {Problem::Kind::conflict, std::move(detail)}; }

void append(Bytes& bytes, std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8)
        bytes.push_back(static_cast<std::uint8_t>(number >> shift));
}

std::string hex(const Digest& digest) {
    constexpr const char* digits = "0123456789abcdef";
    constexpr std::size_t bytes_shown = 8;
    std::string text;
    for (std::size_t i = 0; i < bytes_shown; ++i) {
        text += digits[digest[i] >> 4U];
        text += digits[digest[i] & 15U];
    }
    return text;
}

/// What the plan does, in bytes.
Bytes content_of(const TreePlan& plan, const std::string& kind) {
    Bytes bytes{kind.begin(), kind.end()};
    append(bytes, plan.moves_max);
    for (const PlannedMove& move : plan.moves)
        for (const HostId host : {move.host, move.from, move.to}) append(bytes, host.value);
    for (const auto* hosts : {&plan.promoted, &plan.dissolved}) {
        append(bytes, hosts->size());
        for (const HostId host : *hosts) append(bytes, host.value);
    }
    return bytes;
}

std::string rollback_kind(std::uint64_t generation) {
    return "rollback to " + std::to_string(generation);
}

constexpr const char* rebalance_kind = "rebalance";

}  // namespace

// --- who may take part --------------------------------------------------------------------------

std::string Manager::State::trouble_of_host(HostId id) const {
    const HostRecord* host = registry.find(id);
    if (host == nullptr) return "is not registered any more";
    if (host->state != HostState::live) return std::string{"is "} + to_text(host->state);
    if (suspects.contains(id)) return "is suspect";
    if (missing.contains(id)) return "is in no subtree just now";
    if (leaving.contains(id)) return "is about to stop";
    if (!host->is_placed || host->is_orphan || shape.parent(id) == HostId{})
        return id == cell.root ? "is the root" : "has no parent just now";
    if (host->awaits_order || orders.contains(id)) return "is on its way just now";
    return {};
}

std::string Manager::State::trouble_of_parent(HostId id) const {
    const HostRecord* host = registry.find(id);
    if (host == nullptr) return "is not registered any more";
    if (host->state != HostState::live) return std::string{"is "} + to_text(host->state);
    if (suspects.contains(id)) return "is suspect";
    if (missing.contains(id)) return "is in no subtree just now";
    if (host->is_drained) return "is drained";
    return leaving.contains(id) ? "is about to stop" : std::string{};
}

ReshapingRequest Manager::State::reshaping_request(const MovesBound& bound) const {
    return {.moves_max = bound.of(present.size()),
            .depth_max = depth_max(),
            .may_move = [this](HostId id) { return trouble_of_host(id).empty(); },
            .may_lead = [this](HostId id) { return trouble_of_parent(id).empty(); },
            .name_of = [this](HostId id) { return name_of(id); }};
}

// --- plans --------------------------------------------------------------------------------------

std::optional<Problem> Manager::State::objection_to_plans(const MovesBound& bound) const {
    if (bound.hosts > limits::moves_per_plan_max)
        return Problem{Problem::Kind::too_large,
                       "a plan moves at most " + std::to_string(limits::moves_per_plan_max) +
                           " hosts; give a smaller bound, and plan again when it is applied"};
    if (is_root_heard()) return std::nullopt;
    return conflict(
        "no root is heard, so nobody knows how the hosts are: nothing is moved; try again when "
        "the root is back");
}

/// Gives it its digest and its generations.
void Manager::State::number(TreePlan& made, const std::string& kind) const {
    made.digest = hex(notary.hash(content_of(made, kind)));
    made.from = cell.generation;
    made.to = cell.generation + (made.moves.empty() ? 0 : 1);
}

PlanOutcome Manager::State::rebalance_plan(const MovesBound& bound) const {
    if (auto objection = objection_to_plans(bound)) return *std::move(objection);
    const ReshapingRequest request = reshaping_request(bound);
    TreePlan made = plan_rebalance(shape, request);
    number(made, rebalance_kind);
    return made;
}

/// Where hosts were that have moved since, those first that moved last.
std::vector<FormerPlace> Manager::State::places_at(std::uint64_t generation) const {
    struct Known {
        HostId parent;
        std::uint64_t moved = 0;  // last
    };
    std::map<HostId, Known> known;
    const auto& generations = tree_history.generations();
    for (auto next = generations.upper_bound(generation); next != generations.end(); ++next)
        for (const TreeChangeRecord& part : next->second)
            for (const TreeChangeRecord::Move& move : part.moves)
                known.try_emplace(move.host, Known{.parent = move.from}).first->second.moved =
                    next->first;
    std::vector<FormerPlace> places;
    places.reserve(known.size());
    for (const auto& [host, place] : known) places.push_back({host, place.parent});
    std::stable_sort(places.begin(), places.end(),
                     [&known](const FormerPlace& left, const FormerPlace& right) {
                         return known.at(left.host).moved > known.at(right.host).moved;
                     });
    return places;
}

PlanOutcome Manager::State::rollback_plan(std::uint64_t generation, const MovesBound& bound) const {
    if (auto objection = objection_to_plans(bound)) return *std::move(objection);
    const std::string unknown = "generation " + std::to_string(generation) + " is not known: ";
    if (generation > cell.generation)
        return Problem{Problem::Kind::not_found,
                       unknown + "the newest is " + std::to_string(cell.generation)};
    if (generation < tree_history.kept_after())
        return Problem{Problem::Kind::not_found, unknown + "the history of the tree goes back to " +
                                                     std::to_string(tree_history.kept_after())};
    const RollbackRequest rollback{
        .former = places_at(generation),
        .why = rollback_kind(generation),
        .trouble_of_host = [this](HostId id) { return trouble_of_host(id); },
        .trouble_of_parent = [this](HostId id) { return trouble_of_parent(id); }};
    const ReshapingRequest request = reshaping_request(bound);
    TreePlan made = plan_rollback(shape, request, rollback);
    number(made, rollback_kind(generation));
    return made;
}

// --- their moves --------------------------------------------------------------------------------

Answer Manager::State::on(const ReshapeCommand& command) {
    return apply(rebalance_plan(command.bound), command.digest, rebalance_kind);
}

Answer Manager::State::on(const RollBackCommand& command) {
    return apply(rollback_plan(command.generation, command.bound), command.digest,
                 rollback_kind(command.generation));
}

Answer Manager::State::apply(const PlanOutcome& outcome, const std::string& digest,
                             const std::string& kind) {
    if (const auto* problem = std::get_if<Problem>(&outcome)) return *problem;
    const TreePlan& planned = std::get<TreePlan>(outcome);
    if (!digest.empty() && digest != planned.digest)
        return conflict(
            "the tree has changed, or the bound is another one: what was looked at is " + digest +
            " and today's plan is " + planned.digest + "; plan anew, and apply that");
    HostSet hosts;
    for (const PlannedMove& move : planned.moves) {
        take(*registry.find(move.host), {move.to, !shape.is_interior(move.to)},
             {.why = move.why, .by = MovedBy::people});
        hosts.insert(move.host);
    }
    for (const HostId id : planned.dissolved) {
        demote(*registry.find(id));
        refresh_users_of(id);
    }
    if (!hosts.empty())
        history.note("tree.reshaped", hosts, kind, {{"moves", std::to_string(hosts.size())}});
    return Reshaped{planned};
}

// --- views --------------------------------------------------------------------------------------

PlanOutcome Manager::rebalance_plan(const MovesBound& bound) const {
    return state_->rebalance_plan(bound);
}

PlanOutcome Manager::rollback_plan(std::uint64_t generation, const MovesBound& bound) const {
    return state_->rollback_plan(generation, bound);
}

std::string Manager::name(HostId host) const {
    std::string name = state_->name_of(host);
    return name.empty() && host != manager_host ? "#" + std::to_string(host.value) : name;
}

std::vector<TreeChangeView> Manager::tree_history(UnixMillis since, std::size_t count_max) const {
    std::vector<TreeChangeView> views;
    const auto& generations = state_->tree_history.generations();
    for (auto next = generations.rbegin(); next != generations.rend(); ++next) {
        const TreeHistory::Parts& parts = next->second;
        if (views.size() == count_max || parts.back().time < since) break;
        TreeChangeView& view = views.emplace_back();
        view.to = next->first;
        view.time = parts.front().time;
        view.cause = cause_of(parts);
        for (const TreeChangeRecord& part : parts) {
            view.moves_more += part.moves_more;
            view.placed += part.placed;
            for (const TreeChangeRecord::Move& move : part.moves)
                view.moves.push_back({name(move.host), name(move.from), name(move.to), move.by,
                                      part.reasons[move.reason]});
        }
    }
    std::reverse(views.begin(), views.end());
    return views;
}

}  // namespace coppice
