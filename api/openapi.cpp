// The API described for tools.

#include <nlohmann/json.hpp>

#include "api/routes.h"

namespace coppice {
namespace {

/// OpenAPI has no notation for a parameter with slashes; they are sent as they are.
std::string openapi_path(std::string pattern) {
    const std::size_t dots = pattern.find("...");
    if (dots != std::string::npos) pattern.erase(dots, 3);
    return pattern;
}

Json parameters_of(const ApiRoute& route) {
    Json parameters = Json::array();
    const std::string path = openapi_path(route.pattern);
    for (std::size_t open = path.find('{'); open != std::string::npos;
         open = path.find('{', open + 1))
        parameters.push_back({{"name", path.substr(open + 1, path.find('}', open) - open - 1)},
                              {"in", "path"},
                              {"required", true},
                              {"schema", {{"type", "string"}}}});
    for (const QueryParameter& parameter : route.query)
        parameters.push_back({{"name", parameter.name},
                              {"in", "query"},
                              {"description", parameter.description},
                              {"schema", {{"type", "string"}}}});
    return parameters;
}

Json operation_of(const ApiRoute& route) {
    Json operation{{"summary", route.summary}, {"parameters", parameters_of(route)}};
    if (!route.body.empty())
        operation["requestBody"] = {
            {"description", route.body},
            {"content", {{"application/octet-stream", Json::object()}}},
        };
    operation["responses"] = {
        {"2XX", {{"description", "Done."}}},
        {"default",
         {{"description", "What is wrong and what to do (RFC 9457)."},
          {"content", {{"application/problem+json", Json::object()}}}}},
    };
    return operation;
}

}  // namespace

Json openapi_of(const std::vector<ApiRoute>& routes) {
    Json paths = Json::object();
    for (const ApiRoute& route : routes) {
        const std::string method = route.method == "GET"    ? "get"
                                   : route.method == "POST" ? "post"
                                                            : "delete";
        paths[openapi_path(route.pattern)][method] = operation_of(route);
    }
    return {{"openapi", "3.1.0"},
            {"info", {{"title", "Coppice manager"}, {"version", "1"}}},
            {"paths", std::move(paths)}};
}

}  // namespace coppice
