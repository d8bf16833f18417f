// Tokens, by which hosts join.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/routes.h"
#include "runtime/clock.h"
#include "runtime/join_token.h"

namespace coppice {
namespace {

constexpr std::size_t id_bytes = 4;
constexpr std::uint64_t lifetime_ms_max = 100ULL * 365 * 24 * 3600 * 1000;

std::string hex(const Bytes& bytes) {
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

/// The command without what is drawn at random.
Result<CreateTokenCommand> parse_token_request(const std::string& body) {
    const Result<Json> fields = parse_body(body, {"ttl_ms", "uses", "labels"});
    if (!fields) return fields.error();
    CreateTokenCommand command;
    if (fields->contains("ttl_ms")) {
        const Json& lifetime = fields->at("ttl_ms");
        if (!lifetime.is_number_unsigned() || lifetime > lifetime_ms_max)
            return Error{"ttl_ms is a whole number of milliseconds up to 100 years; 0 for ever"};
        command.lifetime = std::chrono::milliseconds{lifetime.get<std::uint64_t>()};
    }
    if (fields->contains("uses")) {
        if (!fields->at("uses").is_number_unsigned())
            return Error{"uses is a whole number; 0 for any number of hosts"};
        command.uses_max = fields->at("uses");
    }
    const Json labels = fields->value("labels", Json(Json::object()));
    if (!labels.is_object()) return Error{R"(labels are an object such as {"zone": "z1"})"};
    for (const auto& label : labels.items()) {
        if (!label.value().is_string())
            return Error{"the value of the label \"" + label.key() + "\" is not a text"};
        command.labels.emplace(label.key(), label.value());
    }
    return command;
}

std::optional<Json> token_json(const Manager& manager, const std::string& id) {
    for (const TokenView& token : manager.tokens(unix_now()))
        if (token.record.id == id) return json_of(token);
    return std::nullopt;
}

HttpResponse create_token(ManagerAccess& access, const TokenMint& mint, const Call& call) {
    Result<CreateTokenCommand> command = parse_token_request(call.request.body);
    if (!command) return http_problem(400, command.error().message);
    const JoinToken token{.manager_key = mint.manager_key,
                          .fleet_key = mint.fleet_key,
                          .fleet = mint.fleet,
                          .id = hex(mint.random_bytes(id_bytes)),
                          .secret = mint.random_bytes(join_secret_bytes)};
    command->id = token.id;
    command->secret_hash = mint.hash(token.secret);
    const Answer answer = access.submit(*command);
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    return read_json(
        access,
        [token](const Manager& manager) {
            std::optional<Json> json = token_json(manager, token.id);
            if (json) (*json)["token"] = join_token_text(token);
            return json;
        },
        "the token is gone again", 201);
}

HttpResponse list_tokens(ManagerAccess& access) {
    return read_json(access, [](const Manager& manager) -> std::optional<Json> {
        std::vector<TokenView> tokens = manager.tokens(unix_now());
        std::stable_sort(tokens.begin(), tokens.end(),
                         [](const TokenView& left, const TokenView& right) {
                             return left.record.created < right.record.created;
                         });
        Json list = Json::array();
        for (const TokenView& token : tokens) list.push_back(json_of(token));
        return list;
    });
}

HttpResponse revoke_token(ManagerAccess& access, const std::string& id) {
    const Answer answer = access.submit(RevokeTokenCommand{.id = id});
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    return {.status = 204};
}

}  // namespace

std::vector<ApiRoute> token_routes(ManagerAccess& access, TokenMint mint) {
    return {
        {.method = "GET",
         .pattern = "/v1/tokens",
         .summary = "Tokens without their secrets, oldest first.",
         .answer = [&access](const Call&) { return list_tokens(access); }},
        {.method = "POST",
         .pattern = "/v1/tokens",
         .summary = "Makes a token; its text is shown this once.",
         .answer = [&access, mint = std::move(mint)](
                       const Call& call) { return create_token(access, mint, call); },
         .body = R"({"ttl_ms": 3600000, "uses": 50, "labels": {"zone": "z1"}})"},
        {.method = "DELETE",
         .pattern = "/v1/tokens/{id}",
         .summary = "Revokes a token: nobody joins with it any more.",
         .answer =
             [&access](const Call& call) { return revoke_token(access, call.path.at("id")); }},
    };
}

}  // namespace coppice
