#pragma once
// Keeps a flood of equal notices from flooding the log.

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "common/node.h"

namespace coppice {

/// Passes the first notice of a kind on, then one per `gap` that says how many were left out.
class NoticeThrottle {
public:
    explicit NoticeThrottle(std::function<void(const Notice&)> sink) : sink_{std::move(sink)} {}

    void tell(Notice notice, Instant now) {
        Kind& kind = kinds_[notice.what];
        if (now < kind.next) {
            ++kind.left_out;
            return;
        }
        if (kind.left_out > 0) notice.text += " (and " + std::to_string(kind.left_out) + " more)";
        kind = {.next = now + gap, .left_out = 0};
        sink_(notice);
    }

    static constexpr Duration gap = std::chrono::seconds{10};

private:
    struct Kind {
        Instant next = Instant::min();
        std::uint64_t left_out = 0;
    };
    std::function<void(const Notice&)> sink_;
    std::map<std::string, Kind> kinds_;  // names are constants of the code: few
};

}  // namespace coppice
