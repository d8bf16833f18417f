#pragma once
// How far a long run is, on standard error: a bar on a terminal, otherwise a line every 10 s.

#include <chrono>
#include <memory>
#include <string>

#include "simulator/fleet.h"
#include "simulator/world.h"

namespace coppice {

/// Says nothing within the first second. A witness, so that time passes for it as for the world.
class Progress final : public Witness {
public:
    /// `world` outlives the last call of on_step().
    explicit Progress(const VirtualWorld& world);
    ~Progress() override;

    struct Stage {
        std::string what;
        Instant end = never;  // about then, as far as anybody knows
        std::string then{};   // what goes on after the end
    };
    void begin(Stage stage);

    void on_step(HostIndex host, const Node& node) override;

private:
    using Wall = std::chrono::steady_clock;

    void show(Wall::time_point now);
    [[nodiscard]] std::string line(Wall::time_point now, bool has_bar) const;

    const VirtualWorld& world_;
    Stage stage_{.what = "coming up"};
    Instant stage_start_{};
    Wall::time_point wall_stage_start_;
    Wall::time_point next_;
    std::uint64_t steps_ = 0;
    bool is_terminal_;
    bool is_drawn_ = false;
};

/// Shows in `progress`, which outlives the run, how far a fleet is that comes up and then does
/// `what`.
[[nodiscard]] FleetHooks showing(std::unique_ptr<Progress>& progress, std::string what);

}  // namespace coppice
