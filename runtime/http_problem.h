#pragma once
// How the HTTP server says no.

#include <cstddef>
#include <string>
#include <vector>

#include "common/command.h"
#include "runtime/http_reception.h"
#include "runtime/http_server.h"

namespace coppice {

/// The refusals that are counted: what HttpCounters and /metrics tell apart.
[[nodiscard]] const std::vector<std::string>& http_refusals();

[[nodiscard]] HttpResponse problem_response(const Problem& problem);

/// A sentence for a status that the library gave by itself.
[[nodiscard]] std::string http_detail(int status, std::size_t body_bytes_max);

/// To whom the reception does not hand over; `patience` is that of its configuration.
[[nodiscard]] HttpResponse http_turned_away(HttpTurnedAway why, Duration patience);

/// A whole answer, as bytes, for a connection that nobody serves.
[[nodiscard]] std::string http_answer_text(const HttpResponse& response);

}  // namespace coppice
