#pragma once
// Messages in one line, for traces: the name and what matters for understanding a run.

#include <string>

#include "common/message.h"

namespace coppice {

[[nodiscard]] std::string text_of(const Message& message);

}  // namespace coppice
