// Plans of the tree and its history as JSON.

#include <nlohmann/json.hpp>

#include "api/json.h"
#include "runtime/time_text.h"

namespace coppice {
namespace {

const char* text_of(MovedBy by) {
    switch (by) {
        case MovedBy::manager:
            return "manager";
        case MovedBy::host:
            return "host";
        case MovedBy::people:
            break;
    }
    return "people";
}

Json json_of(const TreeFigures& figures) {
    return {{"depth", figures.depth},
            {"mean_depth", figures.mean_depth},
            {"max_children", figures.max_children},
            {"above_fill", figures.above_fill},
            {"above_fanout", figures.above_fanout},
            {"parents", figures.parents},
            {"crossings", figures.crossings},
            {"needless_crossings", figures.needless_crossings}};
}

Json json_of(const std::vector<PlannedMove>& moves, const NameOf& name) {
    Json list = Json::array();
    for (const PlannedMove& move : moves)
        list.push_back({{"host", name(move.host)},
                        {"old_parent", name(move.from)},
                        {"new_parent", name(move.to)},
                        {"why", move.why}});
    return list;
}

Json json_of(const std::vector<HostId>& hosts, const NameOf& name) {
    Json list = Json::array();
    for (const HostId host : hosts) list.push_back(name(host));
    return list;
}

}  // namespace

Json json_of(const TreePlan& plan, const NameOf& name) {
    return {{"from", plan.from},
            {"to", plan.to},
            {"digest", plan.digest},
            {"moves_max", plan.moves_max},
            {"bounded", plan.is_bounded},
            {"moves", json_of(plan.moves, name)},
            {"promoted", json_of(plan.promoted, name)},
            {"dissolved", json_of(plan.dissolved, name)},
            {"cannot", json_of(plan.cannot, name)},
            {"before", json_of(plan.before)},
            {"after", json_of(plan.after)}};
}

Json json_of(const TreeChangeView& change) {
    Json moves = Json::array();
    for (const TreeChangeView::Move& move : change.moves)
        moves.push_back({{"host", move.host},
                         {"old_parent", move.old_parent},
                         {"new_parent", move.new_parent},
                         {"by", text_of(move.by)},
                         {"why", move.why}});
    return {{"from", change.to - 1},          {"to", change.to},
            {"time", time_text(change.time)}, {"cause", change.cause},
            {"moves", std::move(moves)},      {"moves_more", change.moves_more},
            {"placed", change.placed}};
}

}  // namespace coppice
