#pragma once
// Text as a JSON string, whatever its bytes are.

#include <string>
#include <string_view>

namespace coppice {

/// In quotes. Control characters become blanks, what is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace coppice
