#pragma once
// How far a long run is, on standard error: a bar on a terminal, otherwise a line every 10 s.

#include <chrono>
#include <string>

#include "simulator/world.h"

namespace coppice {

/// Says nothing within the first second. A witness, so that time passes for it as for the world.
class Progress final : public Witness {
public:
    /// `world` outlives the last call of on_step().
    explicit Progress(const VirtualWorld& world);
    ~Progress() override;

    /// From now on the work is `what`, and ends about then; `never`: who knows.
    void begin(const std::string& what, Instant end);

    void on_step(HostIndex host, const Node& node) override;

private:
    using Wall = std::chrono::steady_clock;

    void show(Wall::time_point now);
    [[nodiscard]] std::string line(Wall::time_point now, bool has_bar) const;

    const VirtualWorld& world_;
    std::string what_ = "coming up";
    Instant end_ = never;
    Instant stage_start_{};
    Wall::time_point wall_stage_start_;
    Wall::time_point next_;
    std::uint64_t steps_ = 0;
    bool is_terminal_;
    bool is_drawn_ = false;
};

}  // namespace coppice
