#pragma once
// What a manager of four hosts has in its store.

#include <string>

#include "common/ports.h"
#include "common/record.h"

namespace coppice::testing {

inline HostRecord host_record(std::uint32_t id, Role role, std::uint32_t parent) {
    HostRecord host{.id = HostId{id},
                    .name = "n00" + std::to_string(id),
                    .labels = {{"zone", id < 3 ? "z1" : "z2"}},
                    .state = HostState::live,
                    .since = UnixMillis{1'714'564'800'000},
                    .incarnation = Incarnation{1},
                    .role = role,
                    .parent = HostId{parent},
                    .is_placed = true};
    host.key.fill(static_cast<std::uint8_t>(id));
    return host;
}

/// A root with three leaves, of which one is lost.
inline Loaded small_fleet() {
    HostRecord lost = host_record(4, Role::leaf, 1);
    lost.state = HostState::lost;
    lost.cause = Cause::crashed;
    return {.term = 2,
            .records = {FleetRecord{.fleet = "f1", .next_host = HostId{5}},
                        CellRecord{.name = "main", .generation = 3, .root = HostId{1}},
                        host_record(1, Role::root, 0), host_record(2, Role::leaf, 1),
                        host_record(3, Role::leaf, 1), lost}};
}

}  // namespace coppice::testing
