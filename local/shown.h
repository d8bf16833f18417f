#pragma once
// What an agent shows to the daemons of its host.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "agent/agent.h"

namespace coppice {

/// Of CLOCK_BOOTTIME, which every process of a host reads alike and which goes on while the
/// machine is suspended.
using BootTime = std::chrono::nanoseconds;

[[nodiscard]] BootTime boot_now();

/// Carries the expiry of a role from the agent's clock, which stands still while the machine is
/// suspended, to CLOCK_BOOTTIME.
class ExpiryClock {
public:
    /// `lease`: the expiry is so long after the word that it is counted from. A word that was sent
    /// before a suspension which has been noticed since counts for nothing: zero.
    [[nodiscard]] BootTime expiry(Instant expires_at, Duration lease, Instant now, BootTime boot);

private:
    Duration suspended_{};  // since the start of the machine
    Instant counts_from_ = Instant::min();
    bool is_first_ = true;
};

struct RoleShown {
    std::string name;
    AgentView view;
    std::optional<BootTime> expires;  // none: a leaf's role has no end

    [[nodiscard]] bool is_valid(BootTime now) const { return !expires || *expires > now; }
};

/// What has taken effect of a topic.
struct TopicShown {
    std::uint64_t version = 0;
    bool is_withdrawn = false;  // it has no value since that version
    friend bool operator==(const TopicShown&, const TopicShown&) = default;
};

}  // namespace coppice
