#pragma once
// What the routes of the local API share: reading bodies, and answering.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/time.h"
#include "local/hub.h"
#include "local/json.h"

namespace coppice::local {

inline constexpr Duration lifetime_default = std::chrono::minutes{1};

[[nodiscard]] Reply problem(int status, const std::string& sentence,
                            const std::string& refusal = {});
[[nodiscard]] Reply said(const Json& json);
[[nodiscard]] Reply not_an_object(const std::string& example);
[[nodiscard]] Reply too_many_streams();
[[nodiscard]] Reply wrong_lifetime();

/// Of the body, which is an object; nothing when it is none.
[[nodiscard]] std::optional<Json> object_in(const HttpRequest& request);
/// The texts of a list; nothing when it is no list of some.
[[nodiscard]] std::optional<std::vector<std::string>> texts_in(const Json& list,
                                                               std::size_t count_max);
/// Of a number of seconds, fractions too; nothing unless it is above zero and a day at most.
[[nodiscard]] std::optional<Duration> lifetime_of(double seconds);

}  // namespace coppice::local
