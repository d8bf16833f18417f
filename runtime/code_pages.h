#pragma once
// The pages of programs and libraries that a process keeps in memory.

namespace coppice {

/// Lets go of the pages of code and constants that were used until now; those that are used again
/// come back from the page cache at once, as at the start. Most of what starting touches (symbol
/// tables, options, key files) is never used again, and is a quarter of an agent's resident memory.
/// Does nothing in a process that is being debugged.
void release_code_pages();

}  // namespace coppice
