#include "api/api.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "api/routes.h"

namespace coppice {
namespace {

void append(std::vector<ApiRoute>& routes, std::vector<ApiRoute> more) {
    std::move(more.begin(), more.end(), std::back_inserter(routes));
}

/// A misspelt parameter must not be taken for "all hosts".
std::optional<HttpResponse> refuse_unknown_query(const ApiRoute& route,
                                                 const HttpRequest& request) {
    for (const auto& [name, value] : request.query) {
        const bool is_known =
            std::any_of(route.query.begin(), route.query.end(),
                        [&wanted = name](const QueryParameter& one) { return one.name == wanted; });
        if (!is_known)
            return http_problem(400, "there is no parameter \"" + name + "\" at " + route.pattern +
                                         "; /v1/openapi.json lists what there is");
    }
    return std::nullopt;
}

std::optional<HttpResponse> refuse_what_is_not_json(const ApiRoute& route,
                                                    const std::string& body) {
    if (!route.body.starts_with('{') || body.empty()) return std::nullopt;
    if (Json::parse(body, nullptr, false).is_object()) return std::nullopt;
    return http_problem(400, "the body is not a JSON object such as " + route.body, "not_json");
}

}  // namespace

Api::Api(ManagerAccess& access, Past past, TokenMint mint) {
    TimelineReader& timelines = past.timelines;
    append(routes_, status_routes(access, timelines));
    append(routes_, host_routes(access, timelines));
    append(routes_, timeline_routes(access, timelines));
    append(routes_, report_routes(access, timelines));
    append(routes_, tree_routes(access, timelines));
    append(routes_, plan_routes(access));
    append(routes_, push_routes(access));
    append(routes_, query_routes(access));
    append(routes_, series_routes(access, past.series));
    append(routes_, event_routes(access));
    append(routes_, token_routes(access, std::move(mint)));
    const HttpResponse document = json_response(openapi_of(routes_));
    routes_.push_back({.method = "GET",
                       .pattern = "/v1/openapi.json",
                       .summary = "This description.",
                       .answer = [document](const Call&) { return document; }});
}

HttpResponse Api::handle(const HttpRequest& request) const {
    const std::string method = request.method == "HEAD" ? "GET" : request.method;
    bool is_path_known = false;
    for (const ApiRoute& route : routes_) {
        const auto variables = match_path(route.pattern, request.path);
        if (!variables) continue;
        is_path_known = true;
        if (route.method != method) continue;
        if (const auto refusal = refuse_unknown_query(route, request)) return *refusal;
        if (const auto refusal = refuse_what_is_not_json(route, request.body)) return *refusal;
        return route.answer(Call{.request = request, .path = *variables});
    }
    if (is_path_known)
        return http_problem(405, request.method + " does not fit " + request.path +
                                     "; /v1/openapi.json lists what does");
    return http_problem(
        404, "there is nothing at " + request.path + "; /v1/openapi.json lists what there is");
}

}  // namespace coppice
