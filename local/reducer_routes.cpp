// The addresses for reduce(): what daemons contribute, and daemons that reduce.
#include <charconv>
#include <nlohmann/json.hpp>

#include "common/limits.h"
#include "local/hub.h"
#include "local/json.h"
#include "local/replies.h"

namespace coppice::local {
namespace {

constexpr std::string_view reduced_end = "/reduced";
constexpr std::string_view failed_end = "/failed";

/// Of "?for_s=60"; nothing when it cannot be read.
std::optional<Duration> lifetime_in(const HttpRequest& request) {
    const auto given = request.query.find("for_s");
    if (given == request.query.end()) return lifetime_default;
    const std::string& text = given->second;
    double seconds = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return lifetime_of(seconds);
}

}  // namespace

Reply Hub::get_contributions(const Call& call) {
    Json all = Json::array();
    for (const OwnContributions::Entry& entry : own_.contributions.list(call.now))
        all.push_back(json_of(entry, call.now));
    return said({{"contributions", std::move(all)}});
}

Reply Hub::put_contribution(const Call& call) {
    const std::string& body = call.request.body;
    if (body.size() > limits::part_bytes_max)
        return problem(413, "a contribution has " + std::to_string(body.size()) +
                                " bytes; at most " + std::to_string(limits::part_bytes_max));
    const auto lifetime = lifetime_in(call.request);
    if (!lifetime) return wrong_lifetime();
    const Result<Done> put =
        own_.contributions.put(call.rest, Bytes{body.begin(), body.end()}, *lifetime, call.now);
    if (!put.ok()) return problem(400, put.error().message);
    return said(Json::object());
}

Reply Hub::post_reducers(const Call& call) {
    const auto body = object_in(call.request);
    const auto names = body && body->contains("names")
                           ? texts_in((*body)["names"], limits::reducers_per_daemon_max)
                           : std::nullopt;
    if (!names)
        return not_an_object(R"({"names": ["words"]}, with )" +
                             std::to_string(limits::reducers_per_daemon_max) + " at most");
    for (const std::string& name : *names)
        if (const Result<Done> valid = validate_own_name(name); !valid.ok())
            return problem(400, valid.error().message);
    if (port_.open() >= streams_max) return too_many_streams();
    return {.begin = [this, names](std::uint64_t stream) { reducers_.add(stream, *names); }};
}

/// The number of a reduction is of this process: what a daemon owed to the one before is nothing.
Reply Hub::post_reduction(const Call& call) {
    const bool is_failure = call.rest.ends_with(failed_end);
    if (!is_failure && !call.rest.ends_with(reduced_end))
        return problem(404, "answer a reduction at /v1/reductions/ID/reduced or .../failed");
    const std::string id =
        call.rest.substr(0, call.rest.size() - (is_failure ? failed_end : reduced_end).size());
    const std::string run = config_.run + '-';
    Reduced reduced;
    if (id.starts_with(run))
        std::from_chars(id.data() + run.size(), id.data() + id.size(), reduced.reduction.value);
    reduced.outcome = is_failure ? Reduced::Outcome::failed : Reduced::Outcome::reduced;
    const std::string& body = call.request.body;
    if (is_failure) {
        const auto object = object_in(call.request);
        const bool has_reason =
            object && object->contains("reason") && (*object)["reason"].is_string();
        if (!has_reason) return not_an_object(R"({"reason": "why it cannot be reduced"})");
        reduced.reason = (*object)["reason"].get<std::string>();
    } else {
        reduced.bytes.assign(body.begin(), body.end());
    }
    if (!reducers_.answer(reduced))
        return problem(
            409, "nobody waits for reduction '" + id + "': its time is over, or it was answered");
    if (reduced.bytes.size() <= limits::part_bytes_max) return said(Json::object());
    return problem(413, "what was reduced has " + std::to_string(body.size()) + " bytes; at most " +
                            std::to_string(limits::part_bytes_max) + ": it counts as failed");
}

}  // namespace coppice::local
