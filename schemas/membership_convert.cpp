// Messages of the management lane, of joining and of leaving: membership.capnp.
#include "schemas/convert.h"

namespace coppice::wire {

Register read(schema::Register::Reader in) {
    return {.token_id = text(in.getTokenId(), limits::name_bytes_max, "the token's id"),
            .token_secret = bytes(in.getTokenSecret(), limits::secret_bytes_max, "the secret"),
            .name = text(in.getName(), limits::name_bytes_max, "the host's name"),
            .machine_id = text(in.getMachineId(), limits::name_bytes_max, "the machine id"),
            .addresses =
                read_texts(in.getAddresses(), {limits::addresses_max, limits::address_bytes_max},
                           "the list of addresses"),
            .labels = read_labels(in.getLabels(), limits::labels_max),
            .resources = read_measurements(in.getResources(), limits::measurements_max),
            .release = text(in.getRelease(), limits::name_bytes_max, "the release"),
            .former_end = read_cause(in.getFormerEnd(), "the end of the former run"),
            .is_short_of_memory = in.getIsShortOfMemory()};
}

void write(const Register& message, schema::Register::Builder out) {
    out.setTokenId(text(message.token_id));
    out.setTokenSecret(blob(message.token_secret));
    out.setName(text(message.name));
    out.setMachineId(text(message.machine_id));
    write_texts(message.addresses, out.initAddresses(count(message.addresses.size())));
    write_labels(message.labels, out.initLabels(count(message.labels.size())));
    write_measurements(message.resources, out.initResources(count(message.resources.size())));
    out.setRelease(text(message.release));
    out.setFormerEnd(static_cast<schema::Cause>(message.former_end));
    out.setIsShortOfMemory(message.is_short_of_memory);
}

Registered read(schema::Registered::Reader in) {
    Registered message{
        .result = enumeration<Registration::stale_incarnation,
                              schema::Registered::Result::STALE_INCARNATION>(
            in.getResult(), "the result of a registration"),
        .sentence = text(in.getSentence(), limits::sentence_bytes_max, "the sentence"),
        .order = {},
        .newest = Incarnation{in.getNewest()}};
    if (in.hasOrder()) message.order = read(in.getOrder());
    return message;
}

void write(const Registered& message, schema::Registered::Builder out) {
    out.setResult(static_cast<schema::Registered::Result>(message.result));
    out.setSentence(text(message.sentence));
    if (message.order) write(*message.order, out.initOrder());
    out.setNewest(message.newest.value);
}

Seek read(schema::Seek::Reader in) {
    return {.stamp = read_stamp(in.getStamp()),
            .lost_parent = HostId{in.getLostParent()},
            .has_parent = in.getHasParent(),
            .attachment = Attachment{in.getAttachment()},
            .is_leaving = in.getIsLeaving()};
}

void write(const Seek& message, schema::Seek::Builder out) {
    write_stamp(message.stamp, out.getStamp());
    out.setLostParent(message.lost_parent.value);
    out.setHasParent(message.has_parent);
    out.setIsLeaving(message.is_leaving);
    out.setAttachment(message.attachment.value);
}

Ordered read(schema::Ordered::Reader in) {
    return {.destination = HostId{in.getDestination()}, .order = read(in.getOrder())};
}

void write(const Ordered& message, schema::Ordered::Builder out) {
    out.setDestination(message.destination.value);
    write(message.order, out.initOrder());
}

Join read(schema::Join::Reader in) {
    return {.attachment = Attachment{in.getAttachment()},
            .order = read(in.getOrder()),
            .addresses =
                read_texts(in.getAddresses(), {limits::addresses_max, limits::address_bytes_max},
                           "the list of addresses"),
            .is_orphan = in.getIsOrphan(),
            .was_paused = in.getWasPaused()};
}

void write(const Join& message, schema::Join::Builder out) {
    out.setAttachment(message.attachment.value);
    write(message.order, out.initOrder());
    write_texts(message.addresses, out.initAddresses(count(message.addresses.size())));
    out.setIsOrphan(message.is_orphan);
    out.setWasPaused(message.was_paused);
}

Welcome read(schema::Welcome::Reader in) {
    return {.path = read_hosts(in.getPath(), limits::depth_max + 1, "the path"),
            .root_age = duration(in.getRootAge()),
            .first_window = read_window(in.getFirstWindow())};
}

void write(const Welcome& message, schema::Welcome::Builder out) {
    write_hosts(message.path, out.initPath(count(message.path.size())));
    out.setRootAge(message.root_age.count());
    write_window(message.first_window, out.getFirstWindow());
}

Refused read(schema::Refused::Reader in) {
    return {.reason =
                enumeration<Refusal::stale_incarnation, schema::Refused::Reason::STALE_INCARNATION>(
                    in.getReason(), "the reason of a refusal")};
}

void write(const Refused& message, schema::Refused::Builder out) {
    out.setReason(static_cast<schema::Refused::Reason>(message.reason));
}

Leave read(schema::Leave::Reader in) { return {.is_moving = in.getIsMoving()}; }

void write(const Leave& message, schema::Leave::Builder out) { out.setIsMoving(message.is_moving); }

}  // namespace coppice::wire
