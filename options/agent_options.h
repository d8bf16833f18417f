#pragma once
// Settings of coppice-agent as flags and file: one definition for the daemon and the simulator.

#include <string>

#include "common/labels.h"
#include "runtime/command_line.h"

namespace coppice {

/// `host_name` is what the host is called when nobody says otherwise.
[[nodiscard]] ProgramSpec agent_program(const std::string& host_name);

/// Of every --label.
[[nodiscard]] Result<Labels> agent_labels(const Options& options);

}  // namespace coppice
