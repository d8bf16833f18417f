#include "common/gather.h"

#include <algorithm>
#include <utility>

#include "common/limits.h"

namespace coppice {
namespace {
/// Answers that are kept for repeats of their question.
constexpr std::size_t answered_max = 64;

/// With the shorter of two ways to say whom it covers.
WindowClosed answer_of(const WindowOpened& asked, const Partial& folded) {
    WindowClosed answer{asked.window, asked.question, folded};
    if (!asked.takes_missing) return answer;
    HostSet missing = asked.target - folded.coverage;
    // One that is asked again is perhaps asked for others; who asks takes no others.
    if (!asked.target.includes(folded.coverage) || missing.size() >= folded.coverage.size())
        return answer;
    answer.is_of_missing = true;
    answer.target_digest = asked.target.digest();
    answer.partial.coverage = std::move(missing);
    return answer;
}
}  // namespace

void Gather::open(const WindowOpened& asked, LinkId asker, bool self, Downlink& links, Instant now,
                  Outputs& out) {
    newest_ = std::max(newest_, asked.window);
    const Key key{asked.window, asked.question};
    const auto known = windows_.find(key);
    if (known != windows_.end()) {
        // Bound to the link of the first question: over another one this subtree stays missing.
        if (known->second.asker != asker || !known->second.waiting.empty()) return;
        known->second.asked.target = asked.target;
        known->second.is_answered = false;
        return;
    }
    if (open_windows() >= limits::open_windows_max) return;  // the asker sees the hosts missing
    if (windows_.size() >= answered_max + limits::open_windows_max) forget_an_answered_one();
    Window window{.asked = asked,
                  .asker = asker,
                  .opened = now,
                  .closes = now + asked.closes_in,
                  .next_repeat = now + timing_.interval,
                  .waits_for_self = self,
                  .reduction = {asked.inquiry, now, now + asked.closes_in}};
    for (auto& [host, child] : links.children()) {
        const HostSet target = asked.target & child.members();
        if (target.empty()) continue;
        WindowOpened passed_on = asked;
        passed_on.target = target;
        passed_on.takes_missing = true;
        passed_on.closes_in = asked.closes_in * 3 / 4;  // equal limits on two levels would race
        links.send(child, passed_on, out);
        window.waiting.emplace(host, std::move(passed_on));
    }
    windows_.emplace(key, std::move(window));
}

std::size_t Gather::open_windows() const {
    return static_cast<std::size_t>(
        std::count_if(windows_.begin(), windows_.end(),
                      [](const auto& entry) { return !entry.second.is_answered; }));
}

void Gather::forget_an_answered_one() {
    const auto oldest = std::find_if(windows_.begin(), windows_.end(),
                                     [](const auto& entry) { return entry.second.is_answered; });
    if (oldest != windows_.end()) windows_.erase(oldest);
}

void Gather::on_child_answer(const Child& child, const WindowClosed& answer) {
    const auto found = windows_.find({answer.window, answer.question});
    if (found == windows_.end()) return;
    Window& window = found->second;
    const auto asked = window.waiting.find(child.host);
    if (asked == window.waiting.end()) return;
    Partial partial = answer.partial;
    const HostSet& target = asked->second.target;
    const bool is_of_asked = target.includes(partial.coverage) &&
                             (!answer.is_of_missing || answer.target_digest == target.digest());
    if (answer.is_of_missing) partial.coverage = target - partial.coverage;
    const Inquiry& inquiry = window.asked.inquiry;
    const bool is_an_answer = is_of_asked && is_sound(partial, inquiry);
    window.waiting.erase(asked);
    // A refused fold leaves the child's hosts missing, which the coverage says.
    if (is_an_answer) static_cast<void>(fold(window.folded, partial, inquiry));
}

void Gather::on_child_gone(HostId child) {
    for (auto& [key, window] : windows_) window.waiting.erase(child);
}

void Gather::on_measured(HostId self, const HostValues& values) {
    for (auto& [key, window] : windows_) {
        if (!std::exchange(window.waits_for_self, false)) continue;
        const Inquiry& inquiry = window.asked.inquiry;
        static_cast<void>(fold(window.folded, partial_of(inquiry, self, values), inquiry));
    }
}

void Gather::reduce(Instant now, Outputs& out) {
    for (auto& [key, window] : windows_)
        if (!window.is_answered)
            window.reduction.work(window.folded, window.is_together(), now, newest_reduction_, out);
}

void Gather::on_reduced(const Reduced& reduced) {
    for (auto& [key, window] : windows_) window.reduction.on_reduced(reduced, window.folded);
}

void Gather::on_deadline(Downlink& links, Instant now, Outputs& out) {
    std::erase_if(windows_, [now](const auto& entry) {
        return entry.second.is_answered && now >= entry.second.closes;
    });
    for (auto& [key, window] : windows_) {
        window.reduction.on_deadline(window.folded, now);
        if (now < window.next_repeat) continue;
        window.next_repeat = now + timing_.interval;
        for (auto& [host, asked] : window.waiting)
            if (Child* child = links.find(host)) links.send(*child, asked, out);
    }
}

std::vector<Gather::Finished> Gather::take_finished(Instant now) {
    std::vector<Finished> finished;
    for (auto& [key, window] : windows_) {
        if (window.is_answered) continue;
        const bool is_whole = window.is_together() && !window.reduction.is_under_way();
        if (!is_whole && now < window.closes) continue;
        window.is_answered = true;
        window.waiting.clear();
        window.waits_for_self = false;
        window.reduction.end(window.folded);
        fit_parts(window.folded);
        finished.push_back({window.asker, answer_of(window.asked, window.folded), window.opened});
    }
    return finished;
}

bool Gather::waits_for_self() const {
    return std::any_of(windows_.begin(), windows_.end(),
                       [](const auto& entry) { return entry.second.waits_for_self; });
}

WindowId Gather::first_window() const {
    return {.root = newest_.root, .number = newest_.number + 1};
}

Instant Gather::next_deadline() const {
    Instant earliest = never;
    for (const auto& [key, window] : windows_) {
        earliest = std::min({earliest, window.closes, window.reduction.next_deadline()});
        if (!window.is_answered) earliest = std::min(earliest, window.next_repeat);
    }
    return earliest;
}

}  // namespace coppice
