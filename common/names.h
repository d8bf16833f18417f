#pragma once
// What names of hosts, topics, channels and addresses look like. Errors are sentences for people.

#include <string_view>

#include "common/result.h"

namespace coppice {

/// Letters, digits, '.', '_' and '-', beginning and ending with a letter or a digit, up to
/// `limits::name_bytes_max` bytes.
[[nodiscard]] Result<Done> validate_host_name(std::string_view name);

/// Letters, digits, '.', '_', '-' and '/', up to `limits::topic_bytes_max` bytes; no segment
/// between slashes is empty, "." or "..", so a topic can be the relative path of a file.
[[nodiscard]] Result<Done> validate_topic(std::string_view topic);

/// Letters, digits, '.', '_' and '-', up to `limits::channel_bytes_max` bytes.
[[nodiscard]] Result<Done> validate_channel(std::string_view channel);

/// Letters, digits, '.', '_' and '-', up to `limits::series_name_bytes_max` bytes.
[[nodiscard]] Result<Done> validate_series(std::string_view series);

/// "tcp://host:port" with a host name, an IPv4 address or an IPv6 address in brackets, up to
/// `limits::address_bytes_max` bytes.
[[nodiscard]] Result<Done> validate_address(std::string_view address);

}  // namespace coppice
