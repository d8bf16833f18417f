#include "common/timeline.h"

#include "common/record.h"

namespace coppice {

HostCondition condition_of(const HostRecord& record, std::uint64_t generation) {
    return {.state = record.state,
            .cause = record.cause,
            .since = record.since,
            .parent = record.parent,
            .is_drained = record.is_drained,
            .generation = generation,
            .role = record.role};
}

}  // namespace coppice
