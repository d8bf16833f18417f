#pragma once
// Tells when the wall clock is to be read again: each minute, and after somebody set it.

#include "runtime/file_descriptor.h"

namespace coppice {

class WallClock {
public:
    WallClock();

    /// Readable when the clock is to be read.
    [[nodiscard]] int fd() const { return fd_.get(); }
    /// Takes that sign and waits for the next; false when there was none.
    [[nodiscard]] bool take();

private:
    void arm();

    FileDescriptor fd_;
};

}  // namespace coppice
