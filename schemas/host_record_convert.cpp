// What a store has of a host: its record, which is the widest row, and the rows of its timeline.
#include "schemas/convert.h"

namespace coppice::wire {
namespace {

constexpr std::size_t any = limits::record_bytes_max;

std::vector<UnixMillis> read_times(capnp::List<std::int64_t>::Reader in) {
    std::vector<UnixMillis> times;
    for (const std::int64_t time : in) times.emplace_back(time);
    return times;
}

using RoleField = schema::HostCondition::Role;

/// Of a row: zero is what one has that was written without a role, so the others are one more.
constexpr int role_offset = 1;
static_assert(static_cast<int>(RoleField::ROOT) == static_cast<int>(Role::root) + role_offset);

std::optional<Role> read_role(RoleField field) {
    const auto known = enumeration<RoleField::ROOT, RoleField::ROOT>(field, "the role");
    if (known == RoleField::UNKNOWN) return std::nullopt;
    return static_cast<Role>(static_cast<int>(known) - role_offset);
}

RoleField field_of(std::optional<Role> role) {
    return role ? static_cast<RoleField>(static_cast<int>(*role) + role_offset)
                : RoleField::UNKNOWN;
}

}  // namespace

HostRecord read(schema::HostRecord::Reader in) {
    return {
        .id = HostId{in.getId()},
        .name = text(in.getName(), any, "the name"),
        .key = array<32>(in.getKey(), "the key"),
        .machine_id = text(in.getMachineId(), any, "the machine id"),
        .addresses = read_texts(in.getAddresses(), {}, "the list of addresses"),
        .labels = read_labels(in.getLabels(), any),
        .resources = read_measurements(in.getResources(), any),
        .release = text(in.getRelease(), any, "the release"),
        .token_id = text(in.getTokenId(), any, "the token's id"),
        .state = enumeration<HostState::left, schema::HostState::LEFT>(in.getState(), "the state"),
        .cause = read_cause(in.getCause(), "the cause"),
        .since = UnixMillis{in.getSince()},
        .incarnation = Incarnation{in.getIncarnation()},
        .attachment = Attachment{in.getAttachment()},
        .revision = in.getRevision(),
        .cell = CellId{in.getCell()},
        .role = enumeration<Role::root, schema::Role::ROOT>(in.getRole(), "the role"),
        .parent = HostId{in.getParent()},
        .is_placed = in.getIsPlaced(),
        .unplaced_reason = text(in.getUnplacedReason(), any, "the reason"),
        .generation = in.getGeneration(),
        .term = in.getTerm(),
        .spares = read_hosts(in.getSpares(), any, "the spares"),
        .awaits_order = in.getAwaitsOrder(),
        .is_orphan = in.getIsOrphan(),
        .is_drained = in.getIsDrained(),
        .drain_reason = text(in.getDrainReason(), any, "the reason of the drain"),
        .no_role_before = UnixMillis{in.getNoRoleBefore()},
        .is_short_of_memory = in.getIsShortOfMemory(),
        .gone_at = read_times(in.getGoneAt()),
        .unstable_since = UnixMillis{in.getUnstableSince()},
        .unstable_event = in.getUnstableEvent(),
        .times_gone = in.getTimesGone()};
}

void write(const HostRecord& record, schema::HostRecord::Builder out) {
    out.setId(record.id.value);
    out.setName(text(record.name));
    out.setKey(blob(record.key));
    out.setMachineId(text(record.machine_id));
    write_texts(record.addresses, out.initAddresses(count(record.addresses.size())));
    write_labels(record.labels, out.initLabels(count(record.labels.size())));
    write_measurements(record.resources, out.initResources(count(record.resources.size())));
    out.setRelease(text(record.release));
    out.setTokenId(text(record.token_id));
    out.setState(static_cast<schema::HostState>(record.state));
    out.setCause(static_cast<schema::Cause>(record.cause));
    out.setSince(record.since.count());
    out.setIncarnation(record.incarnation.value);
    out.setAttachment(record.attachment.value);
    out.setRevision(record.revision);
    out.setCell(record.cell.value);
    out.setRole(static_cast<schema::Role>(record.role));
    out.setParent(record.parent.value);
    out.setIsPlaced(record.is_placed);
    out.setUnplacedReason(text(record.unplaced_reason));
    out.setGeneration(record.generation);
    out.setTerm(record.term);
    write_hosts(record.spares, out.initSpares(count(record.spares.size())));
    out.setAwaitsOrder(record.awaits_order);
    out.setIsOrphan(record.is_orphan);
    out.setIsDrained(record.is_drained);
    out.setDrainReason(text(record.drain_reason));
    out.setNoRoleBefore(record.no_role_before.count());
    out.setIsShortOfMemory(record.is_short_of_memory);
    auto gone_at = out.initGoneAt(count(record.gone_at.size()));
    for (std::size_t i = 0; i < record.gone_at.size(); ++i)
        gone_at.set(count(i), record.gone_at[i].count());
    out.setUnstableSince(record.unstable_since.count());
    out.setUnstableEvent(record.unstable_event);
    out.setTimesGone(record.times_gone);
}

HostCondition read(schema::HostCondition::Reader in, UnixMillis from) {
    return {
        .state = enumeration<HostState::left, schema::HostState::LEFT>(in.getState(), "the state"),
        .cause = read_cause(in.getCause(), "the cause"),
        .since = in.getBeginsWithState() ? from : UnixMillis{in.getSince()},
        .parent = HostId{in.getParent()},
        .is_drained = in.getIsDrained(),
        .generation = in.getGeneration(),
        .role = read_role(in.getRole())};
}

void write(const TimelineRow& row, schema::HostCondition::Builder out) {
    const HostCondition& condition = row.condition;
    out.setState(static_cast<schema::HostState>(condition.state));
    out.setCause(static_cast<schema::Cause>(condition.cause));
    if (condition.since == row.from)
        out.setBeginsWithState(true);
    else
        out.setSince(condition.since.count());
    out.setParent(condition.parent.value);
    out.setIsDrained(condition.is_drained);
    out.setGeneration(condition.generation);
    out.setRole(field_of(condition.role));
}

}  // namespace coppice::wire
