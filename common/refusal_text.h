#pragma once
// Why a parent refused a Join, for people.

#include "common/message.h"

namespace coppice {

[[nodiscard]] const char* to_text(Refusal reason);

}  // namespace coppice
