#include "client/values.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace coppice::client {
namespace {

constexpr std::array<const char*, 3> names_of_roles{"leaf", "branch", "root"};

template <class Number>
bool read(const Json& object, const char* name, Number& into) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number()) return false;
    into = found->get<Number>();
    return true;
}

bool read(const Json& object, const char* name, std::string& into) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string()) return false;
    into = found->get<std::string>();
    return true;
}

bool read(const Json& object, const char* name, bool& into) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_boolean()) return false;
    into = found->get<bool>();
    return true;
}

bool read_role(const Json& object, Role& into) {
    std::string text;
    if (!read(object, "role", text)) return false;
    const auto found = std::find(names_of_roles.begin(), names_of_roles.end(), text);
    if (found == names_of_roles.end()) return false;
    into = static_cast<Role>(found - names_of_roles.begin());
    return true;
}

}  // namespace

Json parsed(std::string_view text) {
    Json json = Json::parse(text, nullptr, false);
    return json.is_discarded() ? Json{} : json;
}

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<RoleState> role_in(const Json& json) {
    RoleState role;
    const bool is_whole = json.is_object() && read(json, "host", role.host) &&
                          read(json, "name", role.name) && read_role(json, role.role) &&
                          read(json, "is_attached", role.is_attached) &&
                          read(json, "children", role.children);
    if (!is_whole) return std::nullopt;
    std::uint32_t parent = 0;
    if (read(json, "parent", parent)) role.parent = parent;
    role.path = hosts_in(json.value("path", Json{}));
    renew(role, json);
    return role;
}

void renew(RoleState& role, const Json& lease) {
    if (!lease.is_object()) return;
    const auto fence = lease.find("fence");
    if (fence != lease.end() && fence->is_object()) {
        read(*fence, "term", role.fence.term);
        read(*fence, "generation", role.fence.generation);
    }
    std::int64_t expires_at = 0;
    role.expires_at.reset();
    if (read(lease, "expires_at_ns", expires_at))
        role.expires_at = std::chrono::nanoseconds{expires_at};
}

std::optional<Topic> topic_in(const Json& json) {
    Topic topic;
    const bool is_whole =
        json.is_object() && read(json, "topic", topic.name) && read(json, "version", topic.version);
    if (is_whole) read(json, "withdrawn", topic.is_withdrawn);
    return is_whole ? std::optional{topic} : std::nullopt;
}

std::vector<Topic> topics_in(const Json& list) {
    std::vector<Topic> topics;
    if (!list.is_array()) return topics;
    for (const Json& one : list)
        if (auto topic = topic_in(one)) topics.push_back(std::move(*topic));
    return topics;
}

std::optional<Value> value_in(const Json& json) {
    const std::optional<Topic> topic = topic_in(json);
    if (!topic) return std::nullopt;
    Value value{.topic = topic->name,
                .version = topic->version,
                .payload = {},
                .is_withdrawn = topic->is_withdrawn};
    if (topic->is_withdrawn) return value;
    std::string encoded;
    if (!read(json, "payload", encoded)) return std::nullopt;
    std::optional<std::string> payload = base64_decoded(encoded);
    if (!payload) return std::nullopt;
    value.payload = std::move(*payload);
    return value;
}

std::optional<Message> message_in(const Json& json) {
    Message message;
    const bool is_whole = json.is_object() && read(json, "channel", message.channel) &&
                          read(json, "from", message.from) &&
                          read(json, "is_from_parent", message.is_from_parent) &&
                          read(json, "body", message.body);
    return is_whole ? std::optional{message} : std::nullopt;
}

std::optional<Reduction> reduction_in(const Json& json) {
    Reduction reduction;
    const bool is_whole = json.is_object() && read(json, "id", reduction.id) &&
                          read(json, "name", reduction.name) && json.contains("parts") &&
                          json["parts"].is_array();
    if (!is_whole) return std::nullopt;
    for (const Json& one : json["parts"]) {
        std::optional<std::string> part =
            one.is_string() ? base64_decoded(one.get<std::string>()) : std::nullopt;
        if (!part) return std::nullopt;
        reduction.parts.push_back(std::move(*part));
    }
    return reduction;
}

std::vector<std::uint32_t> hosts_in(const Json& list) {
    std::vector<std::uint32_t> hosts;
    if (!list.is_array()) return hosts;
    for (const Json& host : list)
        if (host.is_number()) hosts.push_back(host.get<std::uint32_t>());
    return hosts;
}

std::optional<std::string> base64_decoded(std::string_view text) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0) return std::nullopt;
    while (text.ends_with('=')) text.remove_suffix(1);
    std::string out;
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char letter : text) {
        const std::size_t digit = digits.find(letter);
        if (digit == std::string_view::npos) return std::nullopt;
        group = group << 6U | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        out += static_cast<char>(group >> bits & 0xffU);
    }
    return out;
}

std::chrono::nanoseconds boot_now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

const char* to_text(Role role) { return names_of_roles[static_cast<std::size_t>(role)]; }

bool RoleState::is_valid() const { return !expires_at || boot_now() < *expires_at; }

std::chrono::nanoseconds RoleState::expires_in() const {
    if (!expires_at) return std::chrono::nanoseconds::max();
    return std::max(*expires_at - boot_now(), std::chrono::nanoseconds::zero());
}

}  // namespace coppice::client
