#pragma once
// Tells people that somebody speaks in the name of another host, and not more often than they read.

#include <string>

#include "common/node.h"

namespace coppice {

class ImpostorNotices {
public:
    /// `frame` is the subject of the sentence. One in `gap` is told.
    void tell(const std::string& frame, Instant now, Outputs& out) {
        if (now < next_) return;
        next_ = now + gap;
        out.notices.push_back({Severity::warning, "link.impostor",
                               frame + " came with another key and was dropped; find out who has "
                                       "that key, or whether two hosts share a folder"});
    }

    static constexpr Duration gap = std::chrono::seconds{10};

private:
    Instant next_ = Instant::min();
};

}  // namespace coppice
