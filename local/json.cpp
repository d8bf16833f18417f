#include "local/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/base64.h"

namespace coppice::local {
namespace {

constexpr const char* names_of_roles[] = {"leaf", "branch", "root"};

Json fence_of(const RoleShown& role) {
    return {{"term", role.view.stamp.term}, {"generation", role.view.stamp.generation}};
}

void add_expiry(const RoleShown& role, BootTime now, Json& json) {
    json["is_valid"] = role.is_valid(now);
    if (!role.expires) {
        json["expires_in_ms"] = nullptr;
        json["expires_at_ns"] = nullptr;
        return;
    }
    const BootTime left = std::max(*role.expires - now, BootTime::zero());
    json["expires_in_ms"] = std::chrono::floor<std::chrono::milliseconds>(left).count();
    json["expires_at_ns"] = role.expires->count();
}

std::int64_t milliseconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

Json json_of(const RoleShown& role, BootTime now) {
    const AgentView& view = role.view;
    Json path = Json::array();
    for (const HostId host : view.path) path.push_back(host.value);
    Json json{{"host", view.host.value},
              {"name", role.name},
              {"role", names_of_roles[static_cast<std::size_t>(view.role)]},
              {"is_attached", view.is_attached},
              {"is_leaving", view.is_leaving},
              {"parent", nullptr},
              {"path", std::move(path)},
              {"children", view.children},
              {"fence", fence_of(role)}};
    if (view.parent != HostId{}) json["parent"] = view.parent.value;
    add_expiry(role, now, json);
    return json;
}

Json lease_of(const RoleShown& role, BootTime now) {
    Json json{{"fence", fence_of(role)}};
    add_expiry(role, now, json);
    return json;
}

Json json_of(const Apply& offer, Duration limit) {
    Json json = json_of(offer.topic, {offer.version, offer.content->is_withdrawal});
    if (!offer.content->is_withdrawal) json["payload"] = base64(offer.content->payload);
    json["limit_ms"] = milliseconds(limit);
    return json;
}

Json json_of(const std::string& topic, const TopicShown& shown) {
    Json json{{"topic", topic}, {"version", shown.version}};
    if (shown.is_withdrawn) json["withdrawn"] = true;
    return json;
}

Json json_of(const std::map<std::string, TopicShown>& topics) {
    Json list = Json::array();
    for (const auto& [topic, shown] : topics) list.push_back(json_of(topic, shown));
    return list;
}

Json json_of(const OwnMeasurements::Entry& entry, Instant now) {
    return {{"name", entry.measurement.name},
            {"value", entry.measurement.value},
            {"expires_in_ms", milliseconds(entry.expires - now)}};
}

Json json_of(const OwnContributions::Entry& entry, Instant now) {
    return {{"name", entry.name},
            {"bytes", entry.bytes->size()},
            {"expires_in_ms", milliseconds(entry.expires - now)}};
}

Json json_of(const Reduce& reduce, const std::string& run) {
    Json parts = Json::array();
    for (const Bytes& part : *reduce.parts) parts.push_back(base64(part));
    return {{"id", run + '-' + std::to_string(reduce.reduction.value)},
            {"name", reduce.name},
            {"parts", std::move(parts)},
            {"limit_ms", milliseconds(reduce.time_limit)}};
}

Json json_of(const LocalHeard& heard) {
    const Bytes& body = heard.message.body;
    return {{"channel", heard.message.channel},
            {"from", heard.from.value},
            {"is_from_parent", heard.is_from_parent},
            {"body", std::string{body.begin(), body.end()}}};
}

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace coppice::local
