#pragma once
// What the agent says, read into what the library shows. What is not as documented is nothing.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <coppice/client.h>

namespace coppice::client {

using Json = nlohmann::json;

/// Never throws; what is no JSON is null.
[[nodiscard]] Json parsed(std::string_view text);
[[nodiscard]] std::string text_of(const Json& json);

[[nodiscard]] std::optional<RoleState> role_in(const Json& json);
/// Takes over what the event `lease` says.
void renew(RoleState& role, const Json& lease);
[[nodiscard]] std::optional<Topic> topic_in(const Json& json);
[[nodiscard]] std::vector<Topic> topics_in(const Json& list);
[[nodiscard]] std::optional<Value> value_in(const Json& json);
[[nodiscard]] std::optional<Message> message_in(const Json& json);
/// Parts that wait for a reducer.
struct Reduction {
    std::string id;
    std::string name;
    std::vector<std::string> parts;
};
[[nodiscard]] std::optional<Reduction> reduction_in(const Json& json);
/// Numbers of hosts.
[[nodiscard]] std::vector<std::uint32_t> hosts_in(const Json& list);
[[nodiscard]] std::optional<std::string> base64_decoded(std::string_view text);

/// CLOCK_BOOTTIME.
[[nodiscard]] std::chrono::nanoseconds boot_now();

}  // namespace coppice::client
