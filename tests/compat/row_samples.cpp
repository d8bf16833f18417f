// Rows of timelines, and as they were before.
#include "schemas/codec.h"
#include "tests/compat/samples.h"

namespace coppice::compat {

namespace {

Samples<TimelineRow> unpacked_rows() {
    TimelineRow row{.host = row_host,
                    .from = row_from,
                    .condition = {.state = HostState::lost,
                                  .cause = Cause::silent,
                                  .since = UnixMillis{1'700'000'000'789},
                                  .parent = HostId{3},
                                  .is_drained = true,
                                  .generation = 17}};
    const TimelineRow without_role = row;
    row.condition.role = Role::branch;
    return {{"condition", without_role}, {"condition_with_role", row}};
}

}  // namespace

Result<TimelineRow> decode_row(std::span<const std::uint8_t> bytes) {
    const Result<HostCondition> condition = decode_condition(bytes, row_from);
    if (!condition.ok()) return condition.error();
    return TimelineRow{row_host, row_from, *condition};
}

Samples<TimelineRow> former_rows() {
    Samples<TimelineRow> former = unpacked_rows();
    TimelineRow row = former.at("condition_with_role");
    former.emplace("row_of_a_change", row);
    row.condition.since = row.from;
    former.emplace("row_of_a_state", row);
    return former;
}

Samples<TimelineRow> rows() {
    const Samples<TimelineRow> former = former_rows();
    return {{"short_row_of_a_state", former.at("row_of_a_state")},
            {"short_row_of_a_change", former.at("row_of_a_change")}};
}

}  // namespace coppice::compat
