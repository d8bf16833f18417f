#include "api/route.h"

namespace coppice {
namespace {

/// Cuts the first segment, and the slash after it, off `path`.
std::string_view take_segment(std::string_view& path) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    return segment;
}

}  // namespace

std::string Call::query(const std::string& name) const {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string{} : found->second;
}

std::optional<std::map<std::string, std::string>> match_path(std::string_view pattern,
                                                             std::string_view path) {
    constexpr std::string_view rest_mark = "...}";
    if (path.ends_with('/')) return std::nullopt;
    std::map<std::string, std::string> variables;
    while (!pattern.empty() && !path.empty()) {
        const std::string_view expected = take_segment(pattern);
        if (expected.ends_with(rest_mark)) {
            const std::string_view name =
                expected.substr(1, expected.size() - 1 - rest_mark.size());
            variables.emplace(name, path);
            return variables;
        }
        const std::string_view given = take_segment(path);
        if (expected.starts_with('{')) {
            if (given.empty()) return std::nullopt;
            variables.emplace(expected.substr(1, expected.size() - 2), given);
        } else if (expected != given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return variables;
}

}  // namespace coppice
