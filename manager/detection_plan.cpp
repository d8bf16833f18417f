#include "manager/detection_plan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/limits.h"
#include "manager/placement.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;

constexpr int halvings = 60;

std::string number(double value) {
    std::array<char, 400> text{};  // the greatest double has 309 digits
    const bool is_large = value >= 1000;
    const auto form = is_large ? std::chars_format::fixed : std::chars_format::general;
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, form, is_large ? 0 : 3);
    return {text.data(), end.ptr};
}

std::string time(Duration length) {
    const double count = std::chrono::duration<double, std::milli>{length}.count();
    return count < 1000 ? number(count) + " ms" : number(count / 1000) + " s";
}

Duration floor_ms(Duration length) { return std::chrono::floor<milliseconds>(length); }
Duration ceil_ms(Duration length) { return std::chrono::ceil<milliseconds>(length); }

class Planner {
public:
    Planner(const DetectionTargets& targets, const PlannedFleet& fleet)
        : targets_{targets}, fleet_{fleet} {}

    [[nodiscard]] DetectionPlan plan() const {
        if (longest(fleet_.fanout) < Timing::interval_min) return too_quick();
        for (std::uint32_t fanout = fleet_.fanout; fanout >= limits::fanout_min; --fanout) {
            const Duration interval = longest(fanout);
            if (interval < Timing::interval_min) break;  // too deep
            if (!has_few_bytes(at(interval, fanout))) continue;
            DetectionPlan plan = at(interval, fanout);
            if (!has_few_deaths(plan)) return too_many_deaths(plan);
            if (!targets_.silent) plan = at(shortest(fanout), fanout);
            plan.is_met = true;
            return plan;
        }
        return too_many_bytes();
    }

private:
    [[nodiscard]] Position position(std::uint32_t fanout) const {
        Position place = fleet_.position;
        if (fanout != fleet_.fanout && place.depth > 0)
            place.depth = depth_bound(fleet_.hosts, fanout);
        return place;
    }

    [[nodiscard]] DetectionPlan at(Duration interval, std::uint32_t fanout) const {
        const Timing timing{.interval = interval};
        const Position place = position(fanout);
        return {
            .interval = interval,
            .fanout = fanout,
            .depth = place.depth,
            .silent = detection_of(timing, travel_of(place, timing, fleet_.message)).silent.total(),
            .false_deaths_per_host_year = false_deaths_per_host_year(timing, targets_.loss),
            .bytes_per_branch = quiet_bytes_per_branch(timing, fanout)};
    }

    /// The longest interval that the target of detection allows; may be less than there can be.
    [[nodiscard]] Duration longest(std::uint32_t fanout) const {
        if (!targets_.silent) return Timing::interval_max;
        const Timing timing{};
        const Duration on_its_way = at(timing.interval, fanout).silent - timing.lost_after();
        const auto intervals = timing.lost_after() / timing.interval;
        return std::min(floor_ms((*targets_.silent - on_its_way) / intervals),
                        Timing::interval_max);
    }
    /// The shortest one that bytes and false deaths allow, both of which go down with its inverse.
    [[nodiscard]] Duration shortest(std::uint32_t fanout) const {
        const DetectionPlan one = at(Timing::interval_min, fanout);
        double factor = 1;
        if (targets_.bytes_per_branch)
            factor = std::max(factor, one.bytes_per_branch / *targets_.bytes_per_branch);
        if (targets_.false_deaths_per_host_year)
            factor = std::max(
                factor, one.false_deaths_per_host_year / *targets_.false_deaths_per_host_year);
        const double longest_factor =
            static_cast<double>(Timing::interval_max / Timing::interval_min);
        const auto nanoseconds = static_cast<double>(Timing::interval_min.count());
        return ceil_ms(Duration{std::llround(nanoseconds * std::min(factor, longest_factor))});
    }

    [[nodiscard]] bool has_few_bytes(const DetectionPlan& plan) const {
        return !targets_.bytes_per_branch || plan.bytes_per_branch <= *targets_.bytes_per_branch;
    }
    [[nodiscard]] bool has_few_deaths(const DetectionPlan& plan) const {
        return !targets_.false_deaths_per_host_year ||
               plan.false_deaths_per_host_year <= *targets_.false_deaths_per_host_year;
    }
    /// ", the longest that ..."
    [[nodiscard]] std::string why_so_long(Duration interval) const {
        return interval < Timing::interval_max
                   ? ", the longest that detects within " + time(*targets_.silent)
                   : ", the longest that there is";
    }

    [[nodiscard]] DetectionPlan too_quick() const {
        DetectionPlan plan = at(Timing::interval_min, fleet_.fanout);
        plan.sentence = "detection within " + time(*targets_.silent) +
                        " cannot be had: at the shortest interval, " + time(plan.interval) +
                        ", a silent host is known after " + time(plan.silent) + " at the latest";
        return plan;
    }

    [[nodiscard]] DetectionPlan too_many_bytes() const {
        std::uint32_t fanout = limits::fanout_min;
        while (longest(fanout) < Timing::interval_min) ++fanout;
        DetectionPlan plan = at(longest(fanout), fanout);
        plan.sentence = number(*targets_.bytes_per_branch) +
                        " B/s for a branch cannot be had: at an interval of " +
                        time(plan.interval) + why_so_long(plan.interval) + ", a branch with " +
                        std::to_string(fanout) + " children needs " +
                        number(plan.bytes_per_branch) + " B/s";
        return plan;
    }

    /// `plan` has the longest interval that meets the other targets.
    [[nodiscard]] DetectionPlan too_many_deaths(DetectionPlan plan) const {
        const double wanted = *targets_.false_deaths_per_host_year;
        plan.sentence =
            number(wanted) + " false deaths a host and year cannot be had at a loss of " +
            number(targets_.loss * 100) + "%: at an interval of " + time(plan.interval) +
            why_so_long(plan.interval) + ", there are " + number(plan.false_deaths_per_host_year) +
            "; it would take a loss of at most " + number(highest_loss(plan.interval) * 100) + "%";
        const DetectionPlan slower = at(shortest(plan.fanout), plan.fanout);
        if (has_few_deaths(slower)) plan.sentence += ", or detection within " + time(slower.silent);
        return plan;
    }
    /// With which that interval meets the target of false deaths, which grow with it.
    [[nodiscard]] double highest_loss(Duration interval) const {
        double low = 0;
        double high = targets_.loss;
        for (int i = 0; i < halvings; ++i) {
            const double middle = (low + high) / 2;
            const double deaths = false_deaths_per_host_year(Timing{.interval = interval}, middle);
            (deaths <= *targets_.false_deaths_per_host_year ? low : high) = middle;
        }
        return low;
    }

    const DetectionTargets& targets_;
    const PlannedFleet& fleet_;
};

}  // namespace

DetectionPlan plan_detection(const DetectionTargets& targets, const PlannedFleet& fleet) {
    return Planner{targets, fleet}.plan();
}

}  // namespace coppice
