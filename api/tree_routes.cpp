// The tree and what is broken in it.

#include <nlohmann/json.hpp>

#include "api/routes.h"

namespace coppice {

std::vector<ApiRoute> tree_routes(ManagerAccess& access) {
    return {
        {.method = "GET",
         .pattern = "/v1/tree",
         .summary = "The tree, parents before children.",
         .answer =
             [&access](const Call&) {
                 const auto tree =
                     access.read<TreeView>([](const Manager& manager) { return manager.tree(); });
                 return tree ? json_response(json_of(*tree)) : busy_response();
             }},
        {.method = "GET",
         .pattern = "/v1/tree/check",
         .summary = "Broken invariants of the tree, as sentences.",
         .answer =
             [&access](const Call&) {
                 return read_json(access, [](const Manager& manager) -> std::optional<Json> {
                     const std::vector<TreeFault> faults = manager.tree_faults();
                     return Json{{"ok", faults.empty()}, {"faults", faults}};
                 });
             }},
    };
}

}  // namespace coppice
