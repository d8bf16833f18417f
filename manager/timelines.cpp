#include "manager/timelines.h"

namespace coppice {

std::optional<HostCondition>& Timelines::newest(HostId host) {
    if (host.value >= newest_.size()) newest_.resize(std::size_t{host.value} + 1);
    return newest_[host.value];
}

void Timelines::know(const HostRecord& host, bool has_role) {
    HostCondition condition = condition_of(host, 0);
    if (!has_role) condition.role.reset();
    newest(host.id) = condition;
}

void Timelines::forget(HostId host) { newest(host).reset(); }

std::optional<TimelineRow> Timelines::next(const HostRecord& host, UnixMillis now,
                                           std::uint64_t generation) {
    std::optional<HostCondition>& known = newest(host.id);
    HostCondition condition = condition_of(host, known ? known->generation : 0);
    if (known == condition) return std::nullopt;
    const bool is_new_state = !known || known->state != condition.state ||
                              known->cause != condition.cause || known->since != condition.since;
    condition.generation = generation;
    known = condition;
    return TimelineRow{host.id, is_new_state ? host.since : now, condition};
}

}  // namespace coppice
