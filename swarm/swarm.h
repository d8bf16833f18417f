#pragma once
// The agents of one process of a swarm, and what is done to them.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/labels.h"
#include "common/result.h"
#include "common/time.h"
#include "runtime/join_token.h"
#include "swarm/figures.h"

namespace coppice {

struct SwarmConfig {
    JoinToken token;
    std::vector<std::string> managers;  // addresses
    Labels labels;
    std::string prefix = "s";    // of names
    std::uint32_t first = 1;     // number of the first agent's name
    std::uint32_t agents = 0;    // of this process
    std::uint32_t process = 0;   // below SharedLink::processes_max
    std::uint32_t joining = 64;  // agents under way to their first place at one time
    /// In each round these shares of the agents are struck; the first begins when all are live.
    double killed = 0;
    double paused = 0;
    bool is_root_killed = false;  // too
    Duration round{};
    Duration down{};         // until the struck ones return
    std::uint64_t seed = 1;  // of who is struck
};

class Swarm {
public:
    using Tell = std::function<void(const SwarmFigures&)>;

    explicit Swarm(const SwarmConfig& config);
    ~Swarm();
    Swarm(const Swarm&) = delete;
    Swarm& operator=(const Swarm&) = delete;

    /// Until SIGTERM or SIGINT; the agents then end without a goodbye. `tell` gets the figures
    /// every `tell_gap` and at the end. An error when an agent cannot start or was refused.
    [[nodiscard]] Result<Done> run(const Tell& tell);

    static constexpr Duration tell_gap = std::chrono::milliseconds{200};

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coppice
