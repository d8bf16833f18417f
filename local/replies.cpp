#include "local/replies.h"

#include "runtime/http_problem.h"

namespace coppice::local {

Reply problem(int status, const std::string& sentence, const std::string& refusal) {
    return {.response = http_problem(status, sentence, refusal)};
}

Reply said(const Json& json) { return {.response = {.body = text_of(json)}}; }

Reply not_an_object(const std::string& example) {
    return problem(400, "the body is not a JSON object such as " + example, "not_json");
}

Reply too_many_streams() {
    return problem(503, std::to_string(Hub::streams_max) + " streams are open; close one",
                   "too_many_streams");
}

Reply wrong_lifetime() {
    return problem(400, "for_s is a number of seconds, above zero and at most a day");
}

std::optional<Json> object_in(const HttpRequest& request) {
    Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object()) return std::nullopt;
    return body;
}

std::optional<std::vector<std::string>> texts_in(const Json& list, std::size_t count_max) {
    if (!list.is_array() || list.empty() || list.size() > count_max) return std::nullopt;
    std::vector<std::string> texts;
    for (const Json& one : list) {
        if (!one.is_string()) return std::nullopt;
        texts.push_back(one.get<std::string>());
    }
    return texts;
}

std::optional<Duration> lifetime_of(double seconds) {
    const double most = std::chrono::duration<double>{OwnMeasurements::lifetime_max}.count();
    if (!(seconds > 0) || seconds > most) return std::nullopt;
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds});
}

}  // namespace coppice::local
