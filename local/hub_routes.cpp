// The addresses of the local API and what they answer.
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/names.h"
#include "local/hub.h"
#include "local/json.h"
#include "local/replies.h"
#include "runtime/base64.h"
#include "runtime/command_line.h"
#include "runtime/http_problem.h"
#include "runtime/push_applier.h"

namespace coppice::local {
namespace {

constexpr std::string_view applied_end = "/applied";
constexpr std::string_view refused_end = "/refused";

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start < list.size();) {
        const std::size_t end = std::min(list.find(',', start), list.size());
        if (end > start) parts.push_back(list.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

/// Of "for_s"; a number of seconds, fractions too.
std::optional<Duration> lifetime_in(const Json& body) {
    const auto given = body.find("for_s");
    if (given == body.end()) return lifetime_default;
    if (!given->is_number()) return std::nullopt;
    return lifetime_of(given->get<double>());
}

/// To whom; nothing when that cannot be read.
std::optional<LocalSaid> addressed(const Json& to) {
    if (to.is_number_unsigned() && to.get<std::uint64_t>() <= UINT32_MAX)
        return LocalSaid{.to = LocalSaid::To::host, .host = HostId{to.get<std::uint32_t>()}};
    if (to == "parent") return LocalSaid{.to = LocalSaid::To::parent};
    if (to == "children") return LocalSaid{.to = LocalSaid::To::children};
    return std::nullopt;
}

}  // namespace

const std::vector<Hub::Route>& Hub::routes() {
    static const std::vector<Route> all{
        {"GET", "/v1/role", &Hub::get_role},
        {"GET", "/v1/events", &Hub::get_events},
        {"GET", "/v1/topics", &Hub::get_topics},
        {"GET", "/v1/topics/", &Hub::get_topic},
        {"POST", "/v1/topics/", &Hub::post_answer},
        {"POST", "/v1/subscriptions", &Hub::post_subscription},
        {"GET", "/v1/measurements", &Hub::get_measurements},
        {"PUT", "/v1/measurements/", &Hub::put_measurement},
        {"GET", "/v1/contributions", &Hub::get_contributions},
        {"PUT", "/v1/contributions/", &Hub::put_contribution},
        {"POST", "/v1/reducers", &Hub::post_reducers},
        {"POST", "/v1/reductions/", &Hub::post_reduction},
        {"POST", "/v1/messages", &Hub::post_message},
    };
    return all;
}

Reply Hub::answer(const HttpRequest& request, Instant now) {
    bool is_address = false;
    for (const Route& route : routes()) {
        const std::string_view start = route.start;
        const bool takes_rest = start.ends_with('/') && request.path.size() > start.size();
        const bool fits = takes_rest ? request.path.starts_with(start) : request.path == start;
        if (!fits) continue;
        is_address = true;
        if (request.method == route.method)
            return (this->*route.answer)({request, request.path.substr(start.size()), now});
    }
    if (is_address) return problem(405, request.path + " does not take " + request.method);
    return problem(404, "there is no such address; docs/local.md lists what there is");
}

Reply Hub::get_role(const Call& /*call*/) { return said(json_of(role_, boot_now())); }

Reply Hub::get_events(const Call& call) {
    if (port_.open() >= streams_max) return too_many_streams();
    const auto resumed = call.request.headers.find("last-event-id");
    const std::string after = resumed == call.request.headers.end() ? "" : resumed->second;
    const auto given = call.request.query.find("channels");
    std::vector<std::string> channels;
    if (given != call.request.query.end()) channels = split(given->second);
    for (const std::string& channel : channels)
        if (const Result<Done> valid = validate_channel(channel); !valid.ok())
            return problem(400, valid.error().message);
    return {.begin = [this, after, channels](std::uint64_t stream) {
        begin_events(stream, after, channels);
    }};
}

// --- topics -------------------------------------------------------------------------------------

Reply Hub::get_topics(const Call& /*call*/) { return said({{"topics", json_of(topics_)}}); }

Reply Hub::get_topic(const Call& call) {
    const auto known = topics_.find(call.rest);
    if (known == topics_.end())
        return problem(404, "no version of topic '" + call.rest + "' is applied on this host");
    if (known->second.is_withdrawn)
        return problem(404, "topic '" + call.rest + "' has no value on this host since version " +
                                std::to_string(known->second.version) + ", which withdrew it");
    const auto path = topic_path(config_.topics, call.rest);
    std::ifstream file;
    if (path.ok()) file.open(*path, std::ios::binary);
    if (!file.is_open())
        return problem(503, "the file of topic '" + call.rest +
                                "' is not there any more; push its value again");
    const Bytes payload{std::istreambuf_iterator<char>{file}, {}};
    return said(
        {{"topic", call.rest}, {"version", known->second.version}, {"payload", base64(payload)}});
}

Reply Hub::post_answer(const Call& call) {
    const bool is_refusal = call.rest.ends_with(refused_end);
    if (!is_refusal && !call.rest.ends_with(applied_end))
        return problem(404, "answer an offer at /v1/topics/TOPIC/applied or .../refused");
    const std::string topic =
        call.rest.substr(0, call.rest.size() - (is_refusal ? refused_end : applied_end).size());
    const auto body = object_in(call.request);
    const bool has_version =
        body && body->contains("version") && (*body)["version"].is_number_unsigned();
    if (!has_version) return not_an_object(R"({"version": 3, "reason": "why, when refused"})");
    std::optional<std::string> refusal;
    if (is_refusal) {
        const auto reason = body->find("reason");
        if (reason == body->end() || !reason->is_string() || reason->get<std::string>().empty())
            return problem(400, "a refusal has a reason: a sentence that an operator understands");
        refusal = reason->get<std::string>();
    }
    const auto version = (*body)["version"].get<std::uint64_t>();
    if (!offers_.answer(topic, version, refusal, call.now))
        return problem(409, "version " + std::to_string(version) + " of topic '" + topic +
                                "' is not on offer: its time is over, or it was answered");
    return said(Json::object());
}

Reply Hub::post_subscription(const Call& call) {
    const auto body = object_in(call.request);
    const auto patterns =
        body && body->contains("topics") ? texts_in((*body)["topics"], patterns_max) : std::nullopt;
    if (!patterns)
        return not_an_object(R"({"topics": ["motd", "app/*"]}, with )" +
                             std::to_string(patterns_max) + " at most");
    if (port_.open() >= streams_max) return too_many_streams();
    const Instant now = call.now;
    return {.begin = [this, patterns, now](std::uint64_t stream) {
        begin_subscription(stream, *patterns, now);
    }};
}

// --- measurements -------------------------------------------------------------------------------

Reply Hub::get_measurements(const Call& call) {
    Json all = Json::array();
    for (const OwnMeasurements::Entry& entry : own_.measurements.list(call.now))
        all.push_back(json_of(entry, call.now));
    return said({{"measurements", std::move(all)}});
}

Reply Hub::put_measurement(const Call& call) {
    const auto body = object_in(call.request);
    const bool has_value = body && body->contains("value") && (*body)["value"].is_number();
    if (!has_value) return not_an_object(R"({"value": 0.75, "for_s": 60})");
    const auto lifetime = lifetime_in(*body);
    if (!lifetime) return wrong_lifetime();
    const Result<Done> put = own_.measurements.put(
        {.name = call.rest, .value = (*body)["value"].get<double>()}, *lifetime, call.now);
    if (!put.ok()) return problem(400, put.error().message);
    return said(Json::object());
}

// --- messages -----------------------------------------------------------------------------------

Reply Hub::post_message(const Call& call) {
    const auto body = object_in(call.request);
    const bool is_whole = body && body->contains("to") && body->contains("channel") &&
                          (*body)["channel"].is_string() && body->contains("body") &&
                          (*body)["body"].is_string();
    std::optional<LocalSaid> said = is_whole ? addressed((*body)["to"]) : std::nullopt;
    if (!said)
        return not_an_object(
            R"({"channel": "raft", "to": "parent", "body": "text"}; "to" may be "children" or the )"
            "number of a neighbouring host, too");
    const auto text = (*body)["body"].get<std::string>();
    said->message = {.channel = (*body)["channel"].get<std::string>(),
                     .body = Bytes{text.begin(), text.end()}};
    return {.said = std::move(said)};
}

HttpResponse response_to(const Answer& answer) {
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    Json to = Json::array();
    for (const HostId host : std::get<MessageSent>(answer).to) to.push_back(host.value);
    return {.body = text_of({{"to", std::move(to)}})};
}

}  // namespace coppice::local
