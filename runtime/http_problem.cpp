#include "runtime/http_problem.h"

#include <string_view>

#include "runtime/command_line.h"
#include "runtime/json_text.h"

namespace coppice {
namespace {

struct Meaning {
    int status;
    const char* title;
    const char* refusal;
};

constexpr Meaning meanings[] = {
    {200, "OK", ""},
    {400, "Bad request", "bad_request"},
    {403, "Forbidden", "foreign_origin"},
    {404, "Not found", "not_found"},
    {405, "Method not allowed", "wrong_method"},
    {408, "Request timeout", "timeout"},
    {409, "Conflict", "conflict"},
    {413, "Too large", "too_large"},
    {414, "Address too long", "too_large"},
    {415, "Unsupported media type", "bad_request"},
    {431, "Head too large", "too_large"},
    {500, "Internal error", "internal_error"},
    {503, "Unavailable", "unavailable"},
};

const Meaning& meaning_of(int status) {
    for (const Meaning& one : meanings)
        if (one.status == status) return one;
    return meaning_of(status < 500 ? 400 : 500);
}

}  // namespace

HttpResponse http_problem(int status, const std::string& detail, const std::string& refusal) {
    const Meaning& meaning = meaning_of(status);
    return {.status = status,
            .content_type = "application/problem+json",
            .body = "{\"type\":\"about:blank\",\"title\":" + json_string(meaning.title) +
                    ",\"status\":" + std::to_string(status) + ",\"detail\":" + json_string(detail) +
                    "}",
            .refusal = refusal.empty() ? meaning.refusal : refusal};
}

HttpResponse problem_response(const Problem& problem) {
    switch (problem.kind) {
        case Problem::Kind::bad_request:
            return http_problem(400, problem.detail);
        case Problem::Kind::not_found:
            return http_problem(404, problem.detail);
        case Problem::Kind::conflict:
            return http_problem(409, problem.detail);
        case Problem::Kind::too_large:
            return http_problem(413, problem.detail);
        case Problem::Kind::unavailable:
            break;
    }
    return http_problem(503, problem.detail);
}

const std::vector<std::string>& http_refusals() {
    static const std::vector<std::string> all{
        "bad_request",          "not_json",    "foreign_origin", "not_found",
        "wrong_method",         "conflict",    "timeout",        "too_large",
        "too_many_streams",     "unavailable", "internal_error", "too_many_requests",
        "too_many_connections", "slow_reader"};
    return all;
}

std::string http_detail(int status, std::size_t body_bytes_max) {
    switch (status) {
        case 404:
            return "there is no such address; /v1/openapi.json lists what there is";
        case 413:
            return "a body holds at most " + std::to_string(body_bytes_max) + " bytes";
        case 414:
            return "the address of the request is too long";
        case 400:
            return "the request is not well-formed HTTP";
        default:
            return "the request could not be served";
    }
}

HttpResponse http_turned_away(HttpTurnedAway why, Duration patience) {
    switch (why) {
        case HttpTurnedAway::too_slow:
            return http_problem(408, "the request was not there within " + duration_text(patience) +
                                         "; send it at once");
        case HttpTurnedAway::head_too_large:
            return http_problem(431, "the head of a request holds at most " +
                                         std::to_string(HttpReception::head_bytes_max) + " bytes");
        case HttpTurnedAway::too_many_connections:
            return http_problem(503,
                                "too many connections have not sent their request yet, and this "
                                "is the oldest; send the request at once",
                                "too_many_connections");
        case HttpTurnedAway::stranger:
            return http_problem(403,
                                "this socket is for root, the user of the agent and the group of "
                                "--socket-group",
                                "stranger");
        case HttpTurnedAway::too_many_requests:
            break;
    }
    return http_problem(503, "more requests wait than can be served; try again in a few seconds",
                        "too_many_requests");
}

std::string http_answer_text(const HttpResponse& response) {
    return "HTTP/1.1 " + std::to_string(response.status) + " " + meaning_of(response.status).title +
           "\r\nContent-Type: " + response.content_type +
           "\r\nContent-Length: " + std::to_string(response.body.size()) +
           "\r\nCache-Control: no-store\r\nConnection: close\r\n" +
           (response.status == 503 ? "Retry-After: " + std::to_string(retry_after_s) + "\r\n"
                                   : "") +
           "\r\n" + response.body;
}

}  // namespace coppice
