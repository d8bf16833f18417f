#include "simulator/reshape_checker.h"

#include <algorithm>

namespace coppice {

namespace {

/// A live host that runs on and is below another parent than before.
bool is_move(const RecordChange& change) {
    if (!change.before.has_value()) return false;
    const auto has_parent = [](const KnownHost& host) {
        return host.state == HostState::live && host.is_placed && host.parent != HostId{};
    };
    return has_parent(*change.before) && has_parent(change.after) &&
           change.before->incarnation == change.after.incarnation &&
           change.before->parent != change.after.parent;
}

}  // namespace

ReshapeChecker::ReshapeChecker(const Fleet& fleet, const FleetModel& model, Complaints& complaints)
    : fleet_{fleet}, model_{model}, complaints_{complaints} {
    const VirtualStore& store = fleet.world().host(Fleet::manager_index).store();
    for (const TreeChangeRecord& part : store.all<TreeChangeRecord>()) parts_.insert(key_of(part));
    for (const CellRecord& cell : store.all<CellRecord>()) generation_ = cell.generation;
}

void ReshapeChecker::on_input(const Input& input) {
    ++inputs_;
    const auto* received = std::get_if<CommandReceived>(&input);
    if (received == nullptr) return;
    const std::uint64_t registered = model_.registered();
    if (const auto* reshape = std::get_if<ReshapeCommand>(&received->command))
        allowed_ += reshape->bound.of(registered);
    if (const auto* rollback = std::get_if<RollBackCommand>(&received->command))
        allowed_ += rollback->bound.of(registered);
}

void ReshapeChecker::on_step() {
    inputs_ = 0;
    allowed_ = 0;
}

void ReshapeChecker::on_commit(std::span<const Write> writes,
                               const std::vector<RecordChange>& changes) {
    moves_.clear();
    by_people_.clear();
    made_ = 0;
    const std::uint64_t before = generation_;
    for (const Write& write : writes) {
        const auto* put = std::get_if<Put>(&write);
        if (put == nullptr) continue;
        if (const auto* cell = std::get_if<CellRecord>(&put->record))
            generation_ = cell->generation;
        if (const auto* part = std::get_if<TreeChangeRecord>(&put->record)) take(*part);
    }
    for (const auto& [generation, move] : moves_) {
        if (generation <= before || generation > generation_ + 1)
            complaints_.add("history", "A move of " + model_.name_of(move.host) +
                                           " is remembered for generation " +
                                           std::to_string(generation) + ", which is not now.");
        if (move.by == MovedBy::people) check_by_people(move);
    }
    if (made_ > allowed_)
        complaints_.add("plan", "A plan of at most " + std::to_string(allowed_) + " moves makes " +
                                    std::to_string(made_) + ".");
    Moves open = moves_;
    for (const RecordChange& change : changes) check_remembered(change, open);
    for (const auto& [generation, move] : open)
        complaints_.add("history", "The history has a move of " + model_.name_of(move.host) +
                                       " from " + model_.name_of(move.from) + " to " +
                                       model_.name_of(move.to) + " that did not happen.");
}

void ReshapeChecker::take(const TreeChangeRecord& part) {
    if (!parts_.insert(key_of(part)).second)
        complaints_.add("history", "A part of the tree's history is written twice.");
    std::set<HostId> once;
    for (const TreeChangeRecord::Move& move : part.moves) {
        moves_.emplace_back(part.generation, move);
        if (part.reasons.at(move.reason).empty())
            complaints_.add("history", "A move of " + model_.name_of(move.host) +
                                           " is remembered without a reason.");
        if (move.by != MovedBy::people) continue;
        by_people_.insert(move.host);
        ++made_;
        if (!once.insert(move.host).second)
            complaints_.add("plan", model_.name_of(move.host) + " is moved twice by one plan.");
    }
}

void ReshapeChecker::check_remembered(const RecordChange& change, Moves& moves) {
    if (!change.before.has_value()) return;
    const auto found = std::find_if(moves.begin(), moves.end(), [&change](const auto& entry) {
        const TreeChangeRecord::Move& move = entry.second;
        return move.host == change.host && move.from == change.before->parent &&
               move.to == change.after.parent;
    });
    if (found == moves.end()) {
        if (is_move(change))
            complaints_.add("history", "The move of " + model_.name_of(change.host) + " from " +
                                           model_.name_of(change.before->parent) + " to " +
                                           model_.name_of(change.after.parent) +
                                           " is not in the history of the tree.");
        return;
    }
    const bool has_new_order = change.before->stamp != change.after.stamp;
    if (has_new_order && found->first != change.after.stamp.generation)
        complaints_.add("history", "The move of " + model_.name_of(change.host) +
                                       " is remembered for generation " +
                                       std::to_string(found->first) + ", it is ordered in " +
                                       std::to_string(change.after.stamp.generation) + ".");
    moves.erase(found);
}

/// Of steps that share a commit, a later one may tell of a loss, or be another plan: then nothing
/// can be said of what the first one knew.
void ReshapeChecker::check_by_people(const TreeChangeRecord::Move& move) {
    if (inputs_ != 1) return;
    const std::string name = model_.name_of(move.host);
    const KnownHost* parent = model_.find(move.to);
    if (parent == nullptr || !parent->is_parent() || parent->is_drained)
        complaints_.add("plan", name + " is planned to go below " + model_.name_of(move.to) +
                                    ", which may not lead.");
    for (const HostId host : {move.host, move.to}) check_health(host, name);
    for (const HostId host : {move.from, move.to}) check_path(host, name);
}

void ReshapeChecker::check_health(HostId host, const std::string& moved) {
    const Manager* manager = fleet_.manager();
    const KnownHost* known = model_.find(host);
    if (manager == nullptr || known == nullptr) return;
    const std::optional<HostView> view = manager->host(fleet_.world().host(known->index).name());
    if (view.has_value() && view->state != HostState::live)
        complaints_.add(
            "plan", moved + " is planned to move and " + model_.name_of(host) + " is not well.");
}

/// Nobody from this host up to the root is moved as well.
void ReshapeChecker::check_path(HostId host, const std::string& moved) {
    for (std::size_t steps = 0; steps <= model_.hosts().size(); ++steps) {
        if (by_people_.contains(host))
            complaints_.add("plan", "One plan moves " + moved + " and, above it, " +
                                        model_.name_of(host) + ".");
        const KnownHost* known = model_.find(host);
        if (known == nullptr || !known->is_placed || known->is_orphan) return;
        host = known->parent;
    }
}

}  // namespace coppice
