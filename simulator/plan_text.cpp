#include "simulator/plan_text.h"

#include <map>
#include <tuple>
#include <utility>

#include "common/hostlist.h"

namespace coppice {

namespace {

using Lines = std::vector<std::string>;

/// Who goes from where to where, and why: hosts that are alike become one line.
class Moves {
public:
    void add(const std::string& host, const std::string& from, const std::string& to,
             const std::string& why) {
        hosts_[{why, from, to}].push_back(host);
    }
    void append_to(Lines& lines) const {
        for (const auto& [way, hosts] : hosts_) {
            const auto& [why, from, to] = way;
            lines.push_back("  " + fold_host_list(hosts) + ": " + from + " -> " + to + ", " + why);
        }
    }

private:
    std::map<std::tuple<std::string, std::string, std::string>, std::vector<std::string>> hosts_;
};

std::string change_text(std::uint32_t before, std::uint32_t after) {
    return std::to_string(before) + " -> " + std::to_string(after);
}

std::string names_of(const std::vector<HostId>& hosts, const Manager& manager) {
    std::vector<std::string> names;
    for (const HostId host : hosts) names.push_back(manager.name(host));
    return fold_host_list(std::move(names));
}

}  // namespace

Lines lines_of(const TreePlan& plan, const Manager& manager) {
    const auto add = [&manager](Moves& moves, const PlannedMove& move) {
        moves.add(manager.name(move.host), manager.name(move.from), manager.name(move.to),
                  move.why);
    };
    Lines lines;
    lines.push_back(
        std::to_string(plan.moves.size()) + (plan.moves.size() == 1 ? " move" : " moves") +
        ", depth " + change_text(plan.before.depth, plan.after.depth) + ", most children " +
        change_text(plan.before.max_children, plan.after.max_children) + ", above the fan-out " +
        change_text(plan.before.above_fanout, plan.after.above_fanout) +
        (plan.is_bounded ? ", and there is more to do" : ""));
    Moves moves;
    for (const PlannedMove& move : plan.moves) add(moves, move);
    moves.append_to(lines);
    if (!plan.promoted.empty())
        lines.push_back("  becomes a branch: " + names_of(plan.promoted, manager));
    if (!plan.dissolved.empty())
        lines.push_back("  becomes a leaf: " + names_of(plan.dissolved, manager));
    Moves refused;
    for (const PlannedMove& move : plan.cannot) add(refused, move);
    if (!plan.cannot.empty()) lines.emplace_back("cannot go back:");
    refused.append_to(lines);
    return lines;
}

Lines lines_of(const std::vector<TreeChangeView>& changes) {
    Lines lines;
    for (const TreeChangeView& change : changes) {
        lines.push_back("generation " + std::to_string(change.to) + ": " + change.cause);
        Moves moves;
        for (const TreeChangeView::Move& move : change.moves)
            moves.add(move.host, move.old_parent, move.new_parent,
                      move.why + (move.by == MovedBy::host ? ", by itself" : ""));
        moves.append_to(lines);
    }
    return lines;
}

}  // namespace coppice
