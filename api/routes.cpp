#include "api/routes.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace coppice {

HttpResponse json_response(const Json& json, int status) {
    // Names may hold bytes that are not UTF-8; they are replaced rather than thrown at.
    return {.status = status, .body = json.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

HttpResponse busy_response() {
    return http_problem(503, "the manager is too busy to answer; try again in a few seconds");
}

Result<Json> parse_body(const std::string& body, const std::vector<std::string>& known) {
    if (body.empty()) return Json(Json::object());
    Json json = Json::parse(body, nullptr, false);
    if (!json.is_object()) return Error{"the body is not a JSON object"};
    for (const auto& item : json.items())
        if (std::find(known.begin(), known.end(), item.key()) == known.end())
            return Error{"the body has a field \"" + item.key() + "\" that is not known here"};
    return json;
}

Result<std::uint64_t> parse_number(const std::string& name, const std::string& text,
                                   std::uint64_t fallback) {
    if (text.empty()) return fallback;
    std::uint64_t number = 0;
    const char* last = text.data() + text.size();
    const auto [end, failure] = std::from_chars(text.data(), last, number);
    if (failure != std::errc{} || end != last)
        return Error{name + " is \"" + text + "\", which is not a whole number"};
    return number;
}

HttpResponse read_json(ManagerAccess& access,
                       std::function<std::optional<Json>(const Manager&)> read,
                       const std::string& missing, int status) {
    const auto json = access.read<std::optional<Json>>(std::move(read));
    if (!json) return busy_response();
    if (!*json) return http_problem(404, missing);
    return json_response(**json, status);
}

}  // namespace coppice
