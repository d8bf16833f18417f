#pragma once
// What the daemons of a host contribute to reduce(): for as long as they repeat it.

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/inquiry.h"
#include "common/result.h"
#include "common/time.h"

namespace coppice {

/// From any thread.
class OwnContributions {
public:
    /// Counts for so long; given again, it replaces what was there. An error is a sentence for
    /// whoever offered it.
    [[nodiscard]] Result<Done> put(const std::string& name, Bytes bytes, Duration lifetime,
                                   Instant now);

    struct Entry {
        std::string name;
        std::shared_ptr<const Bytes> bytes;
        Instant expires{};
    };
    /// Those that have not expired, by name.
    [[nodiscard]] std::vector<Entry> list(Instant now) const;
    [[nodiscard]] Contributions all(Instant now) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;
};

}  // namespace coppice
