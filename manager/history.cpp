#include "manager/history.h"

#include <algorithm>
#include <utility>

#include "common/limits.h"

namespace coppice {
namespace {

/// Of these few at most a follower can have missed anything.
constexpr std::size_t retold_max = 64;

}  // namespace

History::History(std::vector<Event> loaded) {
    for (Event& event : loaded) {
        const std::uint64_t id = event.id;
        events_.emplace(id, EventView{.event = std::move(event), .change = id});
        id_by_change_.emplace(id, id);
    }
}

void History::retell_revised(std::uint64_t& next) {
    std::vector<std::uint64_t> revised;
    for (auto at = events_.rbegin(); at != events_.rend() && revised.size() < retold_max; ++at)
        if (at->second.event.revision > 1) revised.push_back(at->first);
    for (auto id = revised.rbegin(); id != revised.rend(); ++id) change(*id, next++);
}

void History::note(std::string kind, HostId host, std::string cause,
                   std::map<std::string, std::string> evidence) {
    note(std::move(kind), HostSet{host}, std::move(cause), std::move(evidence));
}

void History::note(std::string kind, const HostSet& hosts, std::string cause,
                   std::map<std::string, std::string> evidence) {
    const auto alike = std::find_if(news_.begin(), news_.end(), [&](const Event& event) {
        return event.kind == kind && event.cause == cause && event.evidence == evidence;
    });
    if (alike != news_.end()) {
        alike->hosts |= hosts;
        return;
    }
    Event event{.kind = std::move(kind),
                .hosts = hosts,
                .cause = std::move(cause),
                .evidence = std::move(evidence)};
    news_.push_back(std::move(event));
}

std::vector<Event> History::take(std::uint64_t& next, UnixMillis now, const CellRecord& cell) {
    for (Event& event : news_) {
        event.id = next++;
        event.time = now;
        event.cell = cell.id;
        event.generation = cell.generation;
        put(event, next);
    }
    return std::exchange(news_, {});
}

void History::put(const Event& event, std::uint64_t& next) {
    const bool is_new = event.revision == 1;
    // Older than all that is in memory: of the store only.
    const bool is_kept = is_new || events_.contains(event.id);
    const std::uint64_t number = is_new ? event.id : next++;
    if (!is_kept) return;
    events_[event.id].event = event;
    change(event.id, number);
    while (events_.size() > limits::events_in_memory_max) {
        id_by_change_.erase(events_.begin()->second.change);
        events_.erase(events_.begin());
    }
}

void History::change(std::uint64_t id, std::uint64_t number) {
    EventView& view = events_.at(id);
    id_by_change_.erase(view.change);
    view.change = number;
    id_by_change_.emplace(number, id);
}

const Event* History::find(std::uint64_t id) const {
    const auto found = events_.find(id);
    return found == events_.end() ? nullptr : &found->second.event;
}

std::vector<EventView> History::after(std::uint64_t change, std::size_t count_max) const {
    std::vector<EventView> found;
    for (auto next = id_by_change_.upper_bound(change);
         next != id_by_change_.end() && found.size() < count_max; ++next)
        found.push_back(events_.at(next->second));
    return found;
}

}  // namespace coppice
