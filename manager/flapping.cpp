// Hosts that come and go: longer cool-downs, no role, and one story instead of many rows.

#include <algorithm>

#include "manager/state.h"
#include "manager/story_text.h"

namespace coppice {
namespace {

/// The cool-down after a return, in units of the configured one, by the number of times that the
/// host has gone within seven of these units.
constexpr int cool_downs[] = {1, 3, 7};
constexpr int cool_down_longest = cool_downs[std::size(cool_downs) - 1];
/// Gone, back and gone again within one unit: the host is unstable. It is stable again when it has
/// neither gone nor come for one unit.
constexpr std::ptrdiff_t unstable_departures = 2;

UnixMillis millis(Duration duration) { return std::chrono::duration_cast<UnixMillis>(duration); }

std::ptrdiff_t departures_within(const HostRecord& host, UnixMillis span, UnixMillis now) {
    return std::count_if(host.gone_at.begin(), host.gone_at.end(),
                         [&](UnixMillis gone) { return gone <= now && now - gone < span; });
}

int cool_down_after(std::ptrdiff_t departures) {
    return cool_downs[std::clamp<std::ptrdiff_t>(departures, 1, std::ssize(cool_downs)) - 1];
}

}  // namespace

/// It has gone without notice.
void Manager::State::note_departure(HostRecord& host) {
    host.gone_at.push_back(unix_now());
    if (host.gone_at.size() > std::size(cool_downs)) host.gone_at.erase(host.gone_at.begin());
    const auto departures = departures_within(host, millis(config.cool_down), unix_now());
    if (is_unstable(host)) {
        ++host.times_gone;
    } else if (departures >= unstable_departures) {
        host.unstable_since = unix_now();
        host.unstable_event = 0;
        count("coppice_hosts_unstable_total");
        host.times_gone = static_cast<std::uint64_t>(departures);
    }
    touch(host);
}

void Manager::State::begin_cool_down(HostRecord& host) {
    const UnixMillis unit = millis(config.cool_down);
    const auto of_late = departures_within(host, unit * cool_down_longest, unix_now());
    host.no_role_before = unix_now() + unit * cool_down_after(of_late);
    cooling.emplace(host.no_role_before, host.id);
}

/// A clock that was set back would keep hosts from roles for as long as it was ahead. No cool-down
/// ends later than this, whenever it began.
void Manager::State::limit_cool_downs() {
    const auto late = cooling.lower_bound({unix_now() + millis(config.cool_down), HostId{}});
    for (const auto& [until, id] : std::vector(late, cooling.end())) {
        HostRecord* host = registry.find(id);
        const std::ptrdiff_t departures = host == nullptr ? 0 : std::ssize(host->gone_at);
        const UnixMillis latest =
            unix_now() + millis(config.cool_down) * cool_down_after(departures);
        if (until <= latest) continue;
        cooling.erase({until, id});
        if (host == nullptr) continue;
        host->no_role_before = latest;
        touch(*host);
        cooling.emplace(latest, id);
    }
}

/// By itself, or as part of the story of a host that comes and goes.
void Manager::State::tell_return(const HostRecord& host, const char* kind, Cause cause) {
    if (!is_unstable(host)) return history.note(kind, host.id, to_text(cause));
    unstable_news.insert(host.id);
}

Event Manager::State::story_of(const HostRecord& host) {
    const Event* told = history.find(host.unstable_event);
    Event event{.id = told == nullptr ? fleet.next_event++ : told->id,
                .revision = told == nullptr ? 1 : told->revision + 1,
                .time = told == nullptr ? unix_now() : told->time,
                .kind = "host.unstable",
                .hosts = {host.id},
                .cause = is_unstable(host) ? "unstable" : "stable",
                .cell = cell.id,
                .generation = cell.generation};
    std::string now_text = to_text(host.state == HostState::joining ? HostState::live : host.state);
    if (!is_present(host)) now_text += std::string{" ("} + to_text(host.cause) + ")";
    const std::string gone = std::to_string(host.times_gone) + " times";
    event.evidence = {{"gone", gone}, {"state", now_text}};
    event.evidence["story"] =
        is_unstable(host)
            ? "unstable: gone " + gone + ", " + now_text + " since " + clock_text(host.since) +
                  "; it holds no role until it has neither gone nor come for " +
                  seconds_text(millis(config.cool_down))
            : "stable again: gone " + gone + ", " + now_text + " since " + clock_text(host.since);
    return event;
}

void Manager::State::tell_of_unstable() {
    for (const HostId id : std::exchange(unstable_news, {}).to_vector()) {
        HostRecord* host = registry.find(id);
        if (host == nullptr) continue;
        calming.remove(id);
        if (is_unstable(*host)) calming.add(id, now + config.cool_down);
        Event event = story_of(*host);
        host->unstable_event = event.id;
        touch(*host);
        history.put(event, fleet.next_event);
        out.writes.emplace_back(Append{std::move(event)});
    }
}

/// Whoever has been quiet for long enough is as good as any other.
void Manager::State::calm_down() {
    for (const HostId id : calming.over(now)) {
        calming.remove(id);
        HostRecord& host = *registry.find(id);
        host.unstable_since = {};
        unstable_news.insert(id);
        touch(host);
        regrade(host);
    }
}

/// After a start, of what is left of the quiet time.
void Manager::State::resume_calming(const HostRecord& host) {
    const UnixMillis quiet =
        std::clamp(unix_now() - host.since, UnixMillis{}, millis(config.cool_down));
    calming.add(host.id, now + config.cool_down - quiet);
}

}  // namespace coppice
