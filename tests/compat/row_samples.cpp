// Rows of timelines, and as they were before, and of series.
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

Samples<Sample> windows() {
    return {{"window",
             {.at = row_from,
              .took = std::chrono::milliseconds{12},
              .window = {{3, 17}, 5},
              .asked = 40,
              .missing = {HostId{7}, HostId{9}},
              .rows = {{.key = {"r1", "z1"}, .hosts = 20, .values = {0.5, std::nullopt}},
                       {.key = {"r2", ""}, .hosts = 18, .values = {-2.0, 1e300}}},
              .groups_more = 3}}};
}

Result<Sample> decode_window(std::span<const std::uint8_t> bytes) {
    return decode_sample(bytes, row_from);
}

}  // namespace coppice::compat
