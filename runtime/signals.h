#pragma once
// SIGTERM and SIGINT as a readable descriptor.

#include "runtime/file_descriptor.h"

namespace coppice {

/// Construct it in main before any thread starts: threads inherit the blocked signals. Also
/// ignores SIGPIPE for the life of the process.
class Signals {
public:
    Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    /// Readable when a signal waits.
    [[nodiscard]] int fd() const { return fd_.get(); }
    /// Takes one waiting signal; false when there is none.
    [[nodiscard]] bool take();

private:
    FileDescriptor fd_;
};

}  // namespace coppice
