#include "simulator/commands/progress.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "simulator/number_text.h"

namespace coppice {

namespace {

constexpr std::uint64_t steps_between_looks = 1024;
constexpr std::size_t bar_width = 24;
constexpr std::chrono::seconds quiet{1};
constexpr std::chrono::milliseconds redraw{200};
constexpr std::chrono::seconds line_gap{10};

std::string bar_of(double share) {
    const auto full = static_cast<std::size_t>(share * bar_width);
    std::string bar;
    for (std::size_t i = 0; i < bar_width; ++i) bar += i < full ? "█" : "·";
    return '[' + bar + "] ";
}

}  // namespace

Progress::Progress(const VirtualWorld& world)
    : world_{world}, wall_stage_start_{Wall::now()}, is_terminal_{isatty(STDERR_FILENO) == 1} {
    next_ = wall_stage_start_ + (is_terminal_ ? Wall::duration{quiet} : Wall::duration{line_gap});
}

Progress::~Progress() {
    if (is_drawn_) std::cerr << "\r\x1b[K" << std::flush;
}

void Progress::begin(Stage stage) {
    stage_ = std::move(stage);
    stage_start_ = world_.now();
    wall_stage_start_ = Wall::now();
}

void Progress::on_step(HostIndex, const Node&) {
    if (++steps_ % steps_between_looks != 0) return;
    const Wall::time_point now = Wall::now();
    if (now >= next_) show(now);
}

void Progress::show(Wall::time_point now) {
    next_ = now + (is_terminal_ ? Wall::duration{redraw} : Wall::duration{line_gap});
    if (is_terminal_)
        std::cerr << '\r' << line(now, true) << "\x1b[K" << std::flush;
    else
        std::cerr << line(now, false) + '\n';
    is_drawn_ = is_terminal_;
}

std::string Progress::line(Wall::time_point now, bool has_bar) const {
    constexpr double noticeable_speed = 0.01;
    const bool is_within = stage_.end != never && world_.now() < stage_.end;
    const bool is_after = stage_.end != never && !is_within;
    const double done_s = std::chrono::duration<double>{world_.now() - stage_start_}.count();
    const double wall_s = std::chrono::duration<double>{now - wall_stage_start_}.count();
    const double speed = wall_s > 0 ? done_s / wall_s : 0;
    std::string text = (is_after ? stage_.then : stage_.what) + ": ";
    if (is_within) {
        const double total_s = std::chrono::duration<double>{stage_.end - stage_start_}.count();
        if (has_bar) text += bar_of(done_s / total_s);
        text += std::to_string(static_cast<int>(done_s / total_s * 100)) + " %, ";
    }
    text += "virtual time " +
            time_text(std::chrono::floor<std::chrono::seconds>(world_.now().time_since_epoch()));
    if (speed < noticeable_speed) return text;
    text += ", " + rate_text(speed) + " times real time";
    if (!is_within) return text;
    const double left_s = std::chrono::duration<double>{stage_.end - world_.now()}.count() / speed;
    return text + ", " + time_text(std::chrono::seconds{static_cast<std::int64_t>(left_s) + 1}) +
           " left";
}

FleetHooks showing(std::unique_ptr<Progress>& progress, std::string what) {
    FleetHooks hooks;
    hooks.on_made = [&progress](Fleet& fleet) {
        progress = std::make_unique<Progress>(fleet.world());
        fleet.world().add_witness(*progress);
    };
    hooks.on_started = [&progress, what = std::move(what)](Fleet&) { progress->begin({what}); };
    return hooks;
}

}  // namespace coppice
