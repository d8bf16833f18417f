#pragma once
// When the root is told of changes: the first of a topic at once, those that follow closely
// together.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/ids.h"
#include "common/time.h"

namespace coppice {

/// Changes of a topic that come within `quiet` of the one before are held until none has come for
/// so long, and at most `longest`. What is held and has been overtaken by then was never told.
class Coalescing {
public:
    static constexpr Duration quiet = std::chrono::milliseconds{100};
    static constexpr Duration longest = std::chrono::seconds{1};

    /// A push begins.
    void begin(const std::string& topic, PushId push, Instant now);
    /// A push is wanted by others than before: told at once, or with what is held of its topic.
    void follow(const std::string& topic, PushId push, Instant now);

    /// What the root is to be told now.
    [[nodiscard]] std::vector<PushId> take_due(Instant now);
    [[nodiscard]] Instant next_deadline() const;

private:
    struct Topic {
        std::set<PushId> held;
        Instant changed{};
        Instant held_since{};
        Instant due = never;
    };
    std::map<std::string, Topic> topics_;  // that changed lately
};

}  // namespace coppice
