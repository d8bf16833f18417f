#pragma once
// The routes by noun, and what their answers have in common. Seen by this folder alone.

#include <optional>
#include <string>
#include <vector>

#include "api/api.h"
#include "api/json.h"
#include "api/manager_access.h"
#include "api/route.h"
#include "runtime/http_problem.h"

namespace coppice {

[[nodiscard]] std::vector<ApiRoute> status_routes(ManagerAccess& access, TimelineReader& timelines);
[[nodiscard]] std::vector<ApiRoute> host_routes(ManagerAccess& access, TimelineReader& timelines);
[[nodiscard]] std::vector<ApiRoute> timeline_routes(ManagerAccess& access,
                                                    TimelineReader& timelines);
[[nodiscard]] std::vector<ApiRoute> report_routes(ManagerAccess& access, TimelineReader& timelines);
[[nodiscard]] std::vector<ApiRoute> tree_routes(ManagerAccess& access, TimelineReader& timelines);
[[nodiscard]] std::vector<ApiRoute> plan_routes(ManagerAccess& access);
[[nodiscard]] std::vector<ApiRoute> push_routes(ManagerAccess& access);
[[nodiscard]] std::vector<ApiRoute> query_routes(ManagerAccess& access);
[[nodiscard]] std::vector<ApiRoute> series_routes(ManagerAccess& access, SeriesReader& reader);
[[nodiscard]] std::vector<ApiRoute> event_routes(ManagerAccess& access);
[[nodiscard]] std::vector<ApiRoute> token_routes(ManagerAccess& access, TokenMint mint);

/// The answer to /v1/hosts when its `at` names a time.
[[nodiscard]] HttpResponse list_hosts_at(ManagerAccess& access, TimelineReader& timelines,
                                         const Call& call);

/// The answer to /v1/hosts/{name} when its `at` names a time.
[[nodiscard]] HttpResponse show_host_at(ManagerAccess& access, TimelineReader& timelines,
                                        const Call& call);

/// A description of the routes for tools, as OpenAPI 3.1.
[[nodiscard]] Json openapi_of(const std::vector<ApiRoute>& routes);

[[nodiscard]] HttpResponse json_response(const Json& json, int status = 200);
/// The loop did not come to it in time.
[[nodiscard]] HttpResponse busy_response();

/// The fields of a JSON object in a request's body; an empty body is an empty object. Fields that
/// are not among `known` are an error.
[[nodiscard]] Result<Json> parse_body(const std::string& body,
                                      const std::vector<std::string>& known);
/// A whole number in `text`, or `fallback` when that is empty.
[[nodiscard]] Result<std::uint64_t> parse_number(const std::string& name, const std::string& text,
                                                 std::uint64_t fallback);

/// Reads JSON from the manager; an empty one is answered 404 with `missing`.
[[nodiscard]] HttpResponse read_json(ManagerAccess& access,
                                     std::function<std::optional<Json>(const Manager&)> read,
                                     const std::string& missing = {}, int status = 200);

}  // namespace coppice
