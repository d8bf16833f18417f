#pragma once
// Reads one HTTP request that is in memory, for servers without cpp-httplib.

#include <string>

#include "common/result.h"
#include "runtime/http_server.h"

namespace coppice {

/// A head and a body of Content-Length bytes (RFC 9112). An error is a sentence for whoever sent
/// it: transfer encodings, duplicate lengths, control characters and malformed lines are refused.
[[nodiscard]] Result<HttpRequest> parse_http_request(std::string_view bytes);

/// Text of an address with its %XX read; nothing when one is malformed.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace coppice
