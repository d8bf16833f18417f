#pragma once
// Addresses of the API: what they look like and who answers them.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/http_server.h"

namespace coppice {

/// One request with the variable parts of its address, by name.
struct Call {
    const HttpRequest& request;
    std::map<std::string, std::string> path;

    /// A parameter of the query; empty when it is not given.
    [[nodiscard]] std::string query(const std::string& name) const;
};

struct QueryParameter {
    std::string name;
    std::string description;
};

struct ApiRoute {
    std::string method;
    std::string pattern;  // "/v1/hosts/{name}"; a last "{topic...}" takes the rest with its slashes
    std::string summary;
    std::function<HttpResponse(const Call&)> answer;
    std::vector<QueryParameter> query;  // further ones are refused
    /// What the body is; empty: none. An example of JSON: a body that is none is refused.
    std::string body;
};

/// The variable parts when `path` fits the pattern; a slash at its end fits none.
[[nodiscard]] std::optional<std::map<std::string, std::string>> match_path(std::string_view pattern,
                                                                           std::string_view path);

}  // namespace coppice
