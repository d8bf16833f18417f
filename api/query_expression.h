#pragma once
// The language of questions:
//
//   count()                      hosts that answer
//   sum(NAME)  avg(NAME)  min(NAME)  max(NAME)
//   ... where SELECTOR           asks only the hosts of the selector

#include <string_view>

#include "common/command.h"
#include "common/result.h"

namespace coppice {

/// The command with its default deadline. An error names the mistake and points at its character,
/// counted from the start of `text`.
[[nodiscard]] Result<QueryCommand> parse_query(std::string_view text);

}  // namespace coppice
