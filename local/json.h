#pragma once
// What the local API says, as JSON. Names of fields are a promise: add, never rename.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "common/node.h"
#include "local/own_contributions.h"
#include "local/own_measurements.h"
#include "local/shown.h"

namespace coppice::local {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json json_of(const RoleShown& role, BootTime now);
/// Only what tells until when the role is valid, and whose it is.
[[nodiscard]] Json lease_of(const RoleShown& role, BootTime now);
[[nodiscard]] Json json_of(const Apply& offer, Duration limit);
[[nodiscard]] Json json_of(const std::string& topic, const TopicShown& shown);
[[nodiscard]] Json json_of(const std::map<std::string, TopicShown>& topics);
[[nodiscard]] Json json_of(const OwnMeasurements::Entry& entry, Instant now);
[[nodiscard]] Json json_of(const OwnContributions::Entry& entry, Instant now);
/// `run` tells the numbers of this process from those of the next.
[[nodiscard]] Json json_of(const Reduce& reduce, const std::string& run);
/// Of a body that is no UTF-8 a daemon is shown what is.
[[nodiscard]] Json json_of(const LocalHeard& heard);
/// One line; what is not UTF-8 is replaced.
[[nodiscard]] std::string text_of(const Json& json);

}  // namespace coppice::local
