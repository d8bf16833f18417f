#pragma once
// coppice-sim replay: a trace file goes in, figures come out.

#include <ostream>

namespace coppice {

/// What --help says of it.
void print_replay_help(std::ostream& out);

/// `argv[1]` is "replay". Returns the exit status: 0 when all held, 1 when something did not or the
/// trace cannot be used. Throws boost::program_options::error for a mistake in the options.
int replay_command(int argc, char** argv);

}  // namespace coppice
