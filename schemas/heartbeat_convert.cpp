// What every link carries once per interval: heartbeat.capnp.
#include "schemas/convert.h"

namespace coppice::wire {
namespace {

HostFact read(schema::HostFact::Reader in) {
    return {.host = HostId{in.getHost()},
            .incarnation = Incarnation{in.getIncarnation()},
            .attachment = Attachment{in.getAttachment()},
            .revision = in.getRevision(),
            .state = enumeration<HostState::left, schema::HostState::LEFT>(in.getState(),
                                                                           "a host's state"),
            .cause = read_cause(in.getCause(), "a state's cause"),
            .parent = HostId{in.getParent()},
            .stamp = read_stamp(in.getStamp())};
}

void write(const HostFact& fact, schema::HostFact::Builder out) {
    out.setHost(fact.host.value);
    out.setIncarnation(fact.incarnation.value);
    out.setAttachment(fact.attachment.value);
    out.setRevision(fact.revision);
    out.setState(static_cast<schema::HostState>(fact.state));
    out.setCause(static_cast<schema::Cause>(fact.cause));
    out.setParent(fact.parent.value);
    write_stamp(fact.stamp, out.getStamp());
}

template <class Reader>
SetKey read_set_key(Reader in) {
    return {.kind = enumeration<SetKind::refused, schema::SetKind::REFUSED>(in.getKind(),
                                                                            "a set's kind"),
            .push = PushId{in.getPush()},
            .reason = text(in.getReason(), limits::refusal_reason_bytes_max, "a refusal's reason")};
}

template <class Builder>
void write_set_key(const SetKey& key, Builder out) {
    out.setKind(static_cast<schema::SetKind>(key.kind));
    out.setPush(key.push.value);
    if (!key.reason.empty()) out.setReason(text(key.reason));
}

SetReport read(schema::SetReport::Reader in) {
    return {.key = read_set_key(in.getKey()),
            .base_digest = in.getBaseDigest(),
            .digest = in.getDigest(),
            .added = host_set(in.getAdded(), "the added hosts of a set"),
            .removed = host_set(in.getRemoved(), "the removed hosts of a set"),
            .times = read_stages(in.getTimesUs())};
}

void write(const SetReport& report, schema::SetReport::Builder out) {
    write_set_key(report.key, out.getKey());
    out.setBaseDigest(report.base_digest);
    out.setDigest(report.digest);
    if (!report.added.empty()) out.setAdded(blob(report.added.to_bytes()));
    if (!report.removed.empty()) out.setRemoved(blob(report.removed.to_bytes()));
    if (!report.times.empty())
        write_stages(report.times, out.initTimesUs(count(report.times.size())));
}

SetAck read(schema::SetAck::Reader in) {
    return {.key = read_set_key(in.getKey()), .digest = in.getDigest()};
}

void write(const SetAck& ack, schema::SetAck::Builder out) {
    write_set_key(ack.key, out.getKey());
    out.setDigest(ack.digest);
}

Held read(schema::Held::Reader in) {
    return {.push = PushId{in.getPush()}, .target_digest = in.getTargetDigest()};
}

void write(const Held& held, schema::Held::Builder out) {
    out.setPush(held.push.value);
    out.setTargetDigest(held.target_digest);
}

/// An empty list of structs that is written costs 8 bytes more than one that is left out.
template <class Value, class Builder>
void write_all(const std::vector<Value>& values, Builder out) {
    for (unsigned i = 0; i < out.size(); ++i) write(values[i], out[i]);
}

constexpr auto read_one = [](auto in) { return read(in); };

}  // namespace

Heartbeat read(schema::Heartbeat::Reader in) {
    Heartbeat message{
        .stamp = read_stamp(in.getStamp()),
        .is_hint = in.getIsHint(),
        .facts_revision = in.getFactsRevision(),
        .facts = list(in.getFacts(), limits::facts_per_heartbeat_max, "the facts", read_one),
        .sets = list(in.getSets(), limits::sets_per_heartbeat_max, "the sets", read_one),
        .held_digest = in.getHeldDigest(),
        .held = {}};
    if (in.hasHeld())
        message.held = list(in.getHeld(), limits::held_max, "the held pushes", read_one);
    return message;
}

void write(const Heartbeat& message, schema::Heartbeat::Builder out) {
    write_stamp(message.stamp, out.getStamp());
    out.setIsHint(message.is_hint);
    out.setFactsRevision(message.facts_revision);
    if (!message.facts.empty())
        write_all(message.facts, out.initFacts(count(message.facts.size())));
    if (!message.sets.empty()) write_all(message.sets, out.initSets(count(message.sets.size())));
    out.setHeldDigest(message.held_digest);
    if (message.held) write_all(*message.held, out.initHeld(count(message.held->size())));
}

HeartbeatAnswer read(schema::HeartbeatAnswer::Reader in) {
    return {.facts_acked = in.getFactsAcked(),
            .sets = list(in.getSets(), limits::sets_per_heartbeat_max, "the sets", read_one),
            .held_digest = in.getHeldDigest(),
            .path = read_hosts(in.getPath(), limits::depth_max + 1, "the path"),
            .root_age = duration(in.getRootAge()),
            .cell = read_stamp(in.getCell()),
            .term_instance = in.getTermInstance(),
            .wants_beat = in.getWantsBeat(),
            .heard = in.getHeard()};
}

void write(const HeartbeatAnswer& message, schema::HeartbeatAnswer::Builder out) {
    out.setFactsAcked(message.facts_acked);
    if (!message.sets.empty()) write_all(message.sets, out.initSets(count(message.sets.size())));
    out.setHeldDigest(message.held_digest);
    write_hosts(message.path, out.initPath(count(message.path.size())));
    out.setRootAge(message.root_age.count());
    write_stamp(message.cell, out.getCell());
    out.setTermInstance(message.term_instance);
    out.setWantsBeat(message.wants_beat);
    out.setHeard(message.heard);
}

}  // namespace coppice::wire
