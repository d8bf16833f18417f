#pragma once
// Invariants that stop the process in every build: a restarted daemon is cheaper than a wrong one.

namespace coppice {

/// Prints the broken invariant with its place to standard error and aborts.
[[noreturn]] void broken_invariant(const char* file, int line, const char* condition,
                                   const char* meaning);

}  // namespace coppice

#define COPPICE_ENSURE(condition, meaning)                                                      \
    do {                                                                                        \
        if (!(condition)) ::coppice::broken_invariant(__FILE__, __LINE__, #condition, meaning); \
    } while (false)
