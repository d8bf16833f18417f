#include "common/detection.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace coppice {
namespace {

/// To be ordered, to connect by TCP (2) and CURVE (6, with ZeroMQ's greeting), to join.
constexpr int messages_of_takeover = 10;
/// A question and its answer.
constexpr int messages_of_asking = 2;
constexpr double seconds_per_year = 365.0 * 24 * 3600;

double seconds(Duration time) { return std::chrono::duration<double>{time}.count(); }

std::string times(Duration::rep count, const std::string& what) {
    return std::to_string(count) + ' ' + what;
}

Term new_root_of(const Position& position, const Timing& timing, Duration message) {
    const Term ordered{"new_root", times(messages_of_takeover, "message"),
                       message * messages_of_takeover};
    if (position.depth != 1) return {};
    if (!position.is_understudy) return ordered;
    const Duration waiting = timing.untried_root_after() + timing.pause_max();
    const int messages = messages_of_takeover + messages_of_asking;
    return {
        "new_root",
        times(waiting / timing.interval, "interval + join_timeout + ") + times(messages, "message"),
        waiting + timing.join_timeout() + message * messages};
}

Bound sum(std::vector<Term> terms) {
    std::erase_if(terms, [](const Term& term) { return term.time == Duration::zero(); });
    return {std::move(terms)};
}

}  // namespace

Duration Bound::total() const {
    Duration total{};
    for (const Term& term : terms) total += term.time;
    return total;
}

std::string Bound::formula() const {
    std::vector<std::pair<std::string, int>> counts;
    for (const Term& term : terms) {
        const auto known = std::find_if(counts.begin(), counts.end(),
                                        [&](const auto& one) { return one.first == term.name; });
        if (known == counts.end()) {
            counts.emplace_back(term.name, 1);
        } else {
            ++known->second;
        }
    }
    std::string text;
    for (const auto& [name, count] : counts)
        text += (text.empty() ? "" : " + ") + (count == 1 ? name : times(count, name));
    return text;
}

Detection detection_of(const Timing& timing, const Travel& travel) {
    const auto waiting = [&](const char* name, Duration time) {
        return Term{name, times(time / timing.interval, "interval"), time};
    };
    const Term lost = waiting("lost_after", timing.lost_after());
    const Term not_back = waiting("not_back_after", timing.not_back_after());
    const Term not_joined = waiting("not_joined_after", timing.not_joined_after());
    const Term& last = travel.message;
    const Term& above = travel.way_up_above;
    return {.killed = sum({last, travel.probes, travel.way_up}),
            .silent = sum({last, lost, travel.way_up}),
            .parent_too = sum({last, lost, above, travel.new_root, not_back}),
            .parent_later = sum({last, last, lost, lost, above, travel.new_root, not_back}),
            .mass = sum({last, not_back, travel.way_up}),
            .mass_later = sum({last, last, not_back, not_back, above, travel.new_root, not_back}),
            .newcomer = sum({last, last, not_back, not_back, above, travel.new_root, not_joined})};
}

Travel travel_of(const Position& position, const Timing& timing, Duration message) {
    const std::uint32_t depth = position.depth;
    const std::uint32_t above = depth > 0 ? depth - 1 : 0;
    return {.message = {"message", {}, message},
            .probes = {"probes", "4 message", message * 4},
            .way_up = {"way_up", times(depth, "(hint_gap + message)"),
                       (timing.hint_gap() + message) * depth},
            .way_up_above = {"way_up_above", times(above, "(hint_gap + 3 message)"),
                             (timing.hint_gap() + message * 3) * above},
            .new_root = new_root_of(position, timing, message)};
}

Travel travel_of_any(const Timing& timing) {
    const Term way{"way_up", "1 interval", timing.interval};
    return {.message = {}, .probes = {}, .way_up = way, .way_up_above = way, .new_root = {}};
}

double false_deaths_per_host_year(const Timing& timing, double loss) {
    const auto run = static_cast<double>(timing.lost_after() / timing.interval - 1);
    const double a_beat = (1 - loss) * std::pow(loss, run) * ((1 - loss) / 2 + loss);
    return seconds_per_year / seconds(timing.interval) * a_beat;
}

double quiet_bytes_per_branch(const Timing& timing, std::uint32_t children) {
    return (static_cast<double>(children) + 1) * bytes_per_beat / seconds(timing.interval);
}

}  // namespace coppice
