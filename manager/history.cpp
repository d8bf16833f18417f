#include "manager/history.h"

#include <algorithm>
#include <utility>

#include "common/limits.h"

namespace coppice {

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
        events_.push_back(event);
    }
    while (events_.size() > limits::events_in_memory_max) events_.pop_front();
    return std::exchange(news_, {});
}

std::vector<Event> History::after(std::uint64_t id, std::size_t count_max) const {
    const auto first = std::partition_point(events_.begin(), events_.end(),
                                            [id](const Event& event) { return event.id <= id; });
    const auto count = std::min(count_max, static_cast<std::size_t>(events_.end() - first));
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace coppice
