// A window fills, is looked at when it has grown by an eighth or a moment after a death, and ends.

#include "manager/grouping.h"

#include <algorithm>

#include "common/detection.h"
#include "common/ensure.h"
#include "common/limits.h"
#include "manager/registry.h"
#include "manager/story_text.h"

namespace coppice {
namespace {

constexpr Duration quiet_min = std::chrono::seconds{10};
constexpr Duration longest_min = std::chrono::minutes{2};
/// A look costs as much as all the deaths so far: growth by a fixed part makes that a constant for
/// each death, and what grew by less waits for this long.
constexpr std::size_t growth_part = 8;
constexpr Duration regroup_pause = std::chrono::milliseconds{250};

Duration longest_detection(const Timing& timing) {
    return detection_of(timing, travel_of_any(timing)).mass_later.total();
}

}  // namespace

Grouping::Grouping(Duration interval)
    : quiet_{std::max(quiet_min, longest_detection(Timing{.interval = interval}))},
      longest_{std::max(longest_min, 2 * quiet_)} {}

void Grouping::add(Death death, UnixMillis time) { news_.emplace_back(std::move(death), time); }

std::vector<Event> Grouping::take(std::uint64_t& next, std::uint64_t fleet, Instant now) {
    if (news_.empty() && now < next_deadline()) return {};
    std::vector<Event> told;
    if (now >= end()) close(told, next);
    fleet_ = fleet + news_.size();
    for (const auto& [death, time] : std::exchange(news_, {})) {
        if (is_full()) close(told, next);
        --fleet_;
        admit(death, time, now);
    }
    fresh_.clear();
    const bool has_grown = (dead_.size() - looked_at_) * growth_part >= dead_.size();
    if (regroup_due_ != never && (has_grown || now >= regroup_due_)) regroup();
    emit(told, next);
    return told;
}

Instant Grouping::next_deadline() const { return std::min(end(), regroup_due_); }

bool Grouping::is_full() const { return dead_.size() >= limits::deaths_in_window_max; }

Instant Grouping::end() const {
    return dead_.empty() ? never : std::min(newest_ + quiet_, opened_ + longest_);
}

void Grouping::close(std::vector<Event>& told, std::uint64_t& next) {
    if (regroup_due_ != never) regroup();
    emit(told, next);
    regroup_due_ = never;
    looked_at_ = 0;
    hosts_.clear();
    dead_ = {};
    deaths_ = {};
    group_by_name_.clear();
    rows_ = {};
    fresh_.clear();
}

void Grouping::admit(const Death& death, UnixMillis time, Instant now) {
    const std::uint32_t row = single_row(death, time);
    rows_[row].event.hosts.insert(death.host);
    // A second death of one host in a window is news, and no evidence.
    if (hosts_.contains(death.host)) return;
    hosts_.insert(death.host);
    if (dead_.empty()) opened_ = now;
    newest_ = now;
    regroup_due_ = std::min(regroup_due_, now + regroup_pause);
    const auto number = static_cast<std::uint32_t>(dead_.size());
    dead_.push_back({death.host, death.cause, death.role, time, row});
    deaths_.groups_of.emplace_back();
    for (const Share& share : death.shares) {
        const std::optional<std::uint32_t> index = group_of(share);
        if (!index.has_value()) continue;
        Group& group = deaths_.groups[*index];
        if (share.is_head) group.is_living_parent = false;
        group.deaths.push_back(number);
        group.hosts = std::max<std::uint64_t>(group.hosts, group.deaths.size());
        deaths_.groups_of.back().push_back(*index);
    }
}

/// What is alike in a step is one row.
std::uint32_t Grouping::single_row(const Death& death, UnixMillis time) {
    const auto [found, is_new] =
        fresh_.try_emplace({death.cause, death.role, death.is_told_elsewhere}, rows_.size());
    if (is_new) {
        Event event{.time = time, .kind = "host.lost", .hosts = {}, .cause = to_text(death.cause)};
        if (death.role != Role::leaf) event.evidence["role"] = to_text(death.role);
        rows_.push_back({.event = std::move(event),
                         .has_news = true,
                         .is_silent = death.is_told_elsewhere,
                         .alternatives = {}});
    }
    return found->second;
}

/// None for what the host has alone, unless it is the last of those who had it.
std::optional<std::uint32_t> Grouping::group_of(const Share& share) {
    const std::pair<std::string, std::string> name{share.key, share.value};
    const auto known = group_by_name_.find(name);
    if (known != group_by_name_.end()) return known->second;
    if (share.hosts <= 1) return std::nullopt;
    const auto index = static_cast<std::uint32_t>(deaths_.groups.size());
    group_by_name_.emplace(name, index);
    deaths_.groups.push_back({.key = share.key,
                              .value = share.value,
                              .hosts = share.hosts,
                              .deaths = {},
                              .is_living_parent = share.key.empty()});
    return index;
}

void Grouping::regroup() {
    looked_at_ = dead_.size();
    regroup_due_ = never;
    std::vector<bool> is_claimed(rows_.size(), false);
    for (Explanation& explanation : explain(deaths_, fleet_ + dead_.size())) {
        const std::uint32_t index = claim(explanation, is_claimed);
        is_claimed.resize(rows_.size(), false);
        is_claimed[index] = true;
        Row& row = rows_[index];
        row.is_story = true;
        row.is_silent = false;
        row.group = explanation.group;
        row.alternatives = std::move(explanation.alternatives);
        for (const std::uint32_t death : explanation.deaths) move(death, index);
    }
    tell_stories();
}

/// The oldest story with some of these deaths, else the oldest row with nobody else, else a new
/// one.
std::uint32_t Grouping::claim(const Explanation& explanation, const std::vector<bool>& is_claimed) {
    std::map<std::uint32_t, std::uint64_t> deaths_in;
    for (const std::uint32_t death : explanation.deaths) ++deaths_in[dead_[death].row];
    const auto is_free_story = [&](const auto& row) {
        return rows_[row.first].is_story && !is_claimed[row.first];
    };
    const auto is_whole = [&](const auto& row) {
        return !rows_[row.first].is_story && rows_[row.first].event.hosts.size() == row.second;
    };
    auto found = std::find_if(deaths_in.begin(), deaths_in.end(), is_free_story);
    if (found == deaths_in.end())
        found = std::find_if(deaths_in.begin(), deaths_in.end(), is_whole);
    if (found != deaths_in.end()) return found->first;
    rows_.push_back({.event = {}, .alternatives = {}});
    return static_cast<std::uint32_t>(rows_.size() - 1);
}

void Grouping::move(std::uint32_t death, std::uint32_t row) {
    Dead& dead = dead_[death];
    if (dead.row == row) return;
    Row& former = rows_[dead.row];
    former.event.hosts.erase(dead.host);
    former.has_news = true;
    former.heir = row;
    rows_[row].event.hosts.insert(dead.host);
    rows_[row].has_news = true;
    dead.row = row;
}

/// Words follow from the deaths in a story; it has news when they differ.
void Grouping::tell_stories() {
    std::map<std::uint32_t, Story> stories;
    for (std::uint32_t number = 0; number < dead_.size(); ++number) {
        const Dead& dead = dead_[number];
        if (!rows_[dead.row].is_story) continue;
        Story& story = stories[dead.row];
        if (story.deaths++ == 0) story.first = story.last = dead.time;
        const std::vector<std::uint32_t>& groups = deaths_.groups_of[number];
        const bool shares =
            std::find(groups.begin(), groups.end(), rows_[dead.row].group) != groups.end();
        story.shared += shares ? 1 : 0;
        ++story.causes[dead.cause];
        ++story.roles[dead.role];
        story.first = std::min(story.first, dead.time);
        story.last = std::max(story.last, dead.time);
    }
    for (auto& [index, story] : stories) {
        Row& row = rows_[index];
        const Group& group = deaths_.groups[row.group];
        story.group = &group;
        for (const std::uint32_t other : row.alternatives)
            story.alternatives.push_back(&deaths_.groups[other]);
        story.deaths_elsewhere = dead_.size() - group.deaths.size();
        story.hosts_elsewhere = fleet_ + dead_.size() - group.hosts;
        Event event{.id = row.event.id,
                    .revision = row.event.revision,
                    .time = story.first,
                    .kind = "hosts.lost",
                    .hosts = row.event.hosts,
                    .cause = cause_text(group),
                    .evidence = evidence_of(story)};
        if (event == row.event) continue;
        row.event = std::move(event);
        row.has_news = true;
    }
}

void Grouping::emit(std::vector<Event>& told, std::uint64_t& next) {
    const auto is_untold = [](const Row& row) { return row.event.id == 0; };
    for (Row& row : rows_) {
        if (!row.has_news || row.is_silent) continue;
        const bool is_new = is_untold(row);
        if (is_new && !row.event.hosts.empty()) row.event.id = next++;
        if (!is_new) ++row.event.revision;
    }
    for (Row& row : rows_) {
        if (row.is_silent || !std::exchange(row.has_news, false) || is_untold(row)) continue;
        if (row.event.hosts.empty())
            row.event.evidence = {{"part_of", std::to_string(rows_[row.heir].event.id)}};
        told.push_back(row.event);
    }
}

}  // namespace coppice
