#pragma once
// A story in words, and what it rests on.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/record.h"
#include "manager/explaining.h"

namespace coppice {

/// Deaths that are told together, and what the window knows besides.
struct Story {
    const Group* group = nullptr;
    std::vector<const Group*> alternatives;
    std::map<Cause, std::uint64_t> causes;
    std::map<Role, std::uint64_t> roles;
    std::uint64_t deaths = 0;  // in the story
    std::uint64_t shared = 0;  // of them, in the group
    UnixMillis first{};
    UnixMillis last{};
    std::uint64_t deaths_elsewhere = 0;  // of the window, outside the group
    std::uint64_t hosts_elsewhere = 0;   // of the fleet, before the window
};

/// The time of day in UTC, such as 12:00:03.
[[nodiscard]] std::string clock_text(UnixMillis time);
/// Such as "0.4 s".
[[nodiscard]] std::string seconds_text(UnixMillis span);
/// "common rack", "common parent".
[[nodiscard]] std::string cause_text(const Group& group);
/// The evidence of the event; its item `story` is all of it as a sentence.
[[nodiscard]] std::map<std::string, std::string> evidence_of(const Story& story);

}  // namespace coppice
