// Rows of a store: store.capnp.
#include "common/overloaded.h"
#include "schemas/convert.h"

namespace coppice::wire {
namespace {

constexpr std::size_t any = limits::record_bytes_max;

IdentityRecord read(schema::IdentityRecord::Reader in) {
    return {.name = text(in.getName(), any, "the name"),
            .host = HostId{in.getHost()},
            .incarnation = Incarnation{in.getIncarnation()},
            .order = wire::read(in.getOrder()),
            .run = enumeration<RunMark::ended, schema::IdentityRecord::RunMark::ENDED>(
                in.getRun(), "the mark of the run"),
            .oom_kills = in.getOomKills()};
}

void write(const IdentityRecord& record, schema::IdentityRecord::Builder out) {
    out.setName(text(record.name));
    out.setHost(record.host.value);
    out.setIncarnation(record.incarnation.value);
    wire::write(record.order, out.initOrder());
    out.setRun(static_cast<schema::IdentityRecord::RunMark>(record.run));
    out.setOomKills(record.oom_kills);
}

AppliedRecord read(schema::AppliedRecord::Reader in) {
    return {.topic = text(in.getTopic(), any, "the topic"),
            .version = in.getVersion(),
            .push = PushId{in.getPush()},
            .is_withdrawn = in.getIsWithdrawn()};
}

void write(const AppliedRecord& record, schema::AppliedRecord::Builder out) {
    out.setTopic(text(record.topic));
    out.setVersion(record.version);
    out.setPush(record.push.value);
    out.setIsWithdrawn(record.is_withdrawn);
}

FleetRecord read(schema::FleetRecord::Reader in) {
    return {.fleet = text(in.getFleet(), any, "the fleet's name"),
            .next_host = HostId{in.getNextHost()},
            .next_push = PushId{in.getNextPush()},
            .next_event = in.getNextEvent()};
}

void write(const FleetRecord& record, schema::FleetRecord::Builder out) {
    out.setFleet(text(record.fleet));
    out.setNextHost(record.next_host.value);
    out.setNextPush(record.next_push.value);
    out.setNextEvent(record.next_event);
}

CellRecord read(schema::CellRecord::Reader in) {
    return {.id = CellId{in.getId()},
            .name = text(in.getName(), any, "the cell's name"),
            .generation = in.getGeneration(),
            .root = HostId{in.getRoot()},
            .understudy = HostId{in.getUnderstudy()}};
}

void write(const CellRecord& record, schema::CellRecord::Builder out) {
    out.setId(record.id.value);
    out.setName(text(record.name));
    out.setGeneration(record.generation);
    out.setRoot(record.root.value);
    out.setUnderstudy(record.understudy.value);
}

TokenRecord read(schema::TokenRecord::Reader in) {
    return {.id = text(in.getId(), any, "the token's id"),
            .secret_hash = array<32>(in.getSecretHash(), "the hash of the secret"),
            .created = UnixMillis{in.getCreated()},
            .expires = UnixMillis{in.getExpires()},
            .uses_max = in.getUsesMax(),
            .uses = in.getUses(),
            .is_revoked = in.getIsRevoked(),
            .labels = read_labels(in.getLabels(), any)};
}

void write(const TokenRecord& record, schema::TokenRecord::Builder out) {
    out.setId(text(record.id));
    out.setSecretHash(blob(record.secret_hash));
    out.setCreated(record.created.count());
    out.setExpires(record.expires.count());
    out.setUsesMax(record.uses_max);
    out.setUses(record.uses);
    out.setIsRevoked(record.is_revoked);
    write_labels(record.labels, out.initLabels(count(record.labels.size())));
}

PushRecord read(schema::PushRecord::Reader in) {
    return {.push = PushId{in.getPush()},
            .topic = text(in.getTopic(), any, "the topic"),
            .version = in.getVersion(),
            .selector = text(in.getSelector(), any, "the selector"),
            .committed = UnixMillis{in.getCommitted()},
            .payload_bytes = in.getPayloadBytes(),
            .target = host_set(in.getTarget(), "the target"),
            .effective = host_set(in.getEffective(), "the effective target"),
            .late_joiners = host_set(in.getLateJoiners(), "the late joiners"),
            .content = wire::read(in.getContent()),
            .rule = PushId{in.getRule()},
            .reissue_of = PushId{in.getReissueOf()},
            .phase = enumeration<PushPhase::cancelled, schema::PushRecord::PushPhase::CANCELLED>(
                in.getPhase(), "the phase"),
            .is_withdrawal = in.getIsWithdrawal(),
            .signed_selector = text(in.getSignedSelector(), any, "the signed selector"),
            .offered = UnixMillis{in.getOffered()},
            .not_before = UnixMillis{in.getNotBefore()},
            .deadline = UnixMillis{in.getDeadline()}};
}

void write(const PushRecord& record, schema::PushRecord::Builder out) {
    out.setPush(record.push.value);
    out.setTopic(text(record.topic));
    out.setVersion(record.version);
    out.setSelector(text(record.selector));
    out.setCommitted(record.committed.count());
    out.setPayloadBytes(record.payload_bytes);
    out.setTarget(blob(record.target.to_bytes()));
    out.setEffective(blob(record.effective.to_bytes()));
    out.setLateJoiners(blob(record.late_joiners.to_bytes()));
    wire::write(record.content, out.initContent());
    out.setRule(record.rule.value);
    out.setReissueOf(record.reissue_of.value);
    out.setPhase(static_cast<schema::PushRecord::PushPhase>(record.phase));
    out.setIsWithdrawal(record.is_withdrawal);
    out.setSignedSelector(text(record.signed_selector));
    out.setOffered(record.offered.count());
    out.setNotBefore(record.not_before.count());
    out.setDeadline(record.deadline.count());
}

ReceiptRecord read(schema::ReceiptRecord::Reader in) {
    ReceiptRecord record{.push = PushId{in.getPush()},
                         .applied = host_set(in.getApplied(), "the hosts that applied"),
                         .refused = {},
                         .completed = UnixMillis{in.getCompleted()},
                         .applied_after_ms = list(in.getAppliedAfterMs(), any, "the times",
                                                  [](std::uint64_t time) { return time; }),
                         .late = UnixMillis{in.getLate()},
                         .laggards = host_set(in.getLaggards(), "the laggards"),
                         .stages = read_stages(in.getStagesUs())};
    for (const auto refused : in.getRefused())
        record.refused.emplace(text(refused.getReason(), any, "a refusal's reason"),
                               host_set(refused.getHosts(), "the hosts that refused"));
    return record;
}

void write(const ReceiptRecord& record, schema::ReceiptRecord::Builder out) {
    out.setPush(record.push.value);
    out.setApplied(blob(record.applied.to_bytes()));
    auto refused = out.initRefused(count(record.refused.size()));
    unsigned i = 0;
    for (const auto& [reason, hosts] : record.refused) {
        refused[i].setReason(text(reason));
        refused[i].setHosts(blob(hosts.to_bytes()));
        ++i;
    }
    out.setCompleted(record.completed.count());
    auto times = out.initAppliedAfterMs(count(record.applied_after_ms.size()));
    for (i = 0; i < times.size(); ++i) times.set(i, record.applied_after_ms[i]);
    out.setLate(record.late.count());
    out.setLaggards(blob(record.laggards.to_bytes()));
    write_stages(record.stages, out.initStagesUs(count(record.stages.size())));
}

TreeChangeRecord read(schema::TreeChangeRecord::Reader in) {
    TreeChangeRecord record{
        .generation = in.getGeneration(),
        .part = in.getPart(),
        .time = UnixMillis{in.getTime()},
        .reasons = list(in.getReasons(), any, "the reasons",
                        [](capnp::Text::Reader reason) { return text(reason, any, "a reason"); }),
        .moves = {},
        .moves_more = in.getMovesMore(),
        .placed = in.getPlaced(),
        .kept_after = in.getKeptAfter()};
    for (const auto move : in.getMoves()) {
        if (move.getReason() >= record.reasons.size())
            throw Malformed{"a move has a reason that is not there"};
        record.moves.push_back(
            {.host = HostId{move.getHost()},
             .from = HostId{move.getFrom()},
             .to = HostId{move.getTo()},
             .by = enumeration<MovedBy::people, schema::TreeChangeRecord::MovedBy::PEOPLE>(
                 move.getBy(), "who moved a host"),
             .reason = move.getReason()});
    }
    return record;
}

void write(const TreeChangeRecord& record, schema::TreeChangeRecord::Builder out) {
    out.setGeneration(record.generation);
    out.setPart(record.part);
    out.setTime(record.time.count());
    write_texts(record.reasons, out.initReasons(count(record.reasons.size())));
    auto moves = out.initMoves(count(record.moves.size()));
    for (unsigned i = 0; i < moves.size(); ++i) {
        const TreeChangeRecord::Move& move = record.moves[i];
        moves[i].setHost(move.host.value);
        moves[i].setFrom(move.from.value);
        moves[i].setTo(move.to.value);
        moves[i].setBy(static_cast<schema::TreeChangeRecord::MovedBy>(move.by));
        moves[i].setReason(move.reason);
    }
    out.setMovesMore(record.moves_more);
    out.setPlaced(record.placed);
    out.setKeptAfter(record.kept_after);
}

IsolationRecord read(schema::IsolationRecord::Reader in) {
    return {.host = HostId{in.getHost()},
            .since = UnixMillis{in.getSince()},
            .cause = read_cause(in.getCause(), "the cause"),
            .reason = text(in.getReason(), any, "the reason"),
            .failures = in.getFailures()};
}

void write(const IsolationRecord& record, schema::IsolationRecord::Builder out) {
    out.setHost(record.host.value);
    out.setSince(record.since.count());
    out.setCause(static_cast<schema::Cause>(record.cause));
    out.setReason(text(record.reason));
    out.setFailures(record.failures);
}

}  // namespace

Record read(schema::Record::Reader in) {
    using Kind = schema::Record;
    switch (in.which()) {
        case Kind::IDENTITY:
            return read(in.getIdentity());
        case Kind::APPLIED:
            return read(in.getApplied());
        case Kind::FLEET:
            return read(in.getFleet());
        case Kind::CELL:
            return read(in.getCell());
        case Kind::HOST:
            return read(in.getHost());
        case Kind::TOKEN:
            return read(in.getToken());
        case Kind::PUSH:
            return read(in.getPush());
        case Kind::RECEIPT:
            return read(in.getReceipt());
        case Kind::TREE_CHANGE:
            return read(in.getTreeChange());
        case Kind::ISOLATION:
            return read(in.getIsolation());
        case Kind::SERIES:
            return wire::read(in.getSeries());
    }
    throw Malformed{"the kind of record is of a newer release"};
}

void write(const Record& record, schema::Record::Builder out) {
    std::visit(Overloaded{
                   [&](const IdentityRecord& row) { write(row, out.initIdentity()); },
                   [&](const AppliedRecord& row) { write(row, out.initApplied()); },
                   [&](const FleetRecord& row) { write(row, out.initFleet()); },
                   [&](const CellRecord& row) { write(row, out.initCell()); },
                   [&](const HostRecord& row) { write(row, out.initHost()); },
                   [&](const TokenRecord& row) { write(row, out.initToken()); },
                   [&](const PushRecord& row) { write(row, out.initPush()); },
                   [&](const ReceiptRecord& row) { write(row, out.initReceipt()); },
                   [&](const TreeChangeRecord& row) { write(row, out.initTreeChange()); },
                   [&](const IsolationRecord& row) { write(row, out.initIsolation()); },
                   [&](const SeriesRecord& row) { wire::write(row, out.initSeries()); },
               },
               record);
}

Event read(schema::Event::Reader in) {
    Event event{.id = in.getId(),
                .revision = in.getRevision(),
                .time = UnixMillis{in.getTime()},
                .kind = text(in.getKind(), any, "the kind"),
                .hosts = host_set(in.getHosts(), "the hosts"),
                .cause = text(in.getCause(), any, "the cause"),
                .evidence = {},
                .cell = CellId{in.getCell()},
                .generation = in.getGeneration()};
    for (const schema::Label::Reader item : in.getEvidence())
        event.evidence.emplace(text(item.getKey(), any, "the key of an item of evidence"),
                               text(item.getValue(), any, "an item of evidence"));
    return event;
}

void write(const Event& event, schema::Event::Builder out) {
    out.setId(event.id);
    out.setRevision(event.revision);
    out.setTime(event.time.count());
    out.setKind(text(event.kind));
    out.setHosts(blob(event.hosts.to_bytes()));
    out.setCause(text(event.cause));
    write_labels(event.evidence, out.initEvidence(count(event.evidence.size())));
    out.setCell(event.cell.value);
    out.setGeneration(event.generation);
}

}  // namespace coppice::wire
