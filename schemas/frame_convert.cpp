// The frame itself, and small messages: frame, push and local.capnp.
#include "common/overloaded.h"
#include "schemas/convert.h"

namespace coppice::wire {

PushDown read(schema::PushDown::Reader in) {
    PushDown message{.push = PushId{in.getPush()},
                     .topic = text(in.getTopic(), limits::topic_bytes_max, "the topic"),
                     .version = in.getVersion(),
                     .target = host_set(in.getTarget(), "the target of a push"),
                     .content = nullptr};
    if (in.hasContent()) message.content = std::make_shared<const Sealed>(read(in.getContent()));
    return message;
}

void write(const PushDown& message, schema::PushDown::Builder out) {
    out.setPush(message.push.value);
    out.setTopic(text(message.topic));
    out.setVersion(message.version);
    out.setTarget(blob(message.target.to_bytes()));
    if (message.content) write(*message.content, out.initContent());
}

LocalMessage read(schema::LocalMessage::Reader in) {
    return {.channel = text(in.getChannel(), limits::channel_bytes_max, "the channel"),
            .body = bytes(in.getBody(), limits::local_message_bytes_max, "the body of a message")};
}

void write(const LocalMessage& message, schema::LocalMessage::Builder out) {
    out.setChannel(text(message.channel));
    out.setBody(blob(message.body));
}

namespace {

Header read_header(schema::Frame::Header::Reader in) {
    return {.protocol = in.getProtocol(),
            .cell = CellId{in.getCell()},
            .sender = HostId{in.getSender()},
            .incarnation = Incarnation{in.getIncarnation()},
            .link = LinkId{in.getLink()},
            .lane = enumeration<Lane::bulk, schema::Lane::BULK>(in.getLane(), "the lane"),
            .sequence = in.getSequence()};
}

void write_header(const Header& header, schema::Frame::Header::Builder out) {
    out.setProtocol(header.protocol);
    out.setCell(header.cell.value);
    out.setSender(header.sender.value);
    out.setIncarnation(header.incarnation.value);
    out.setLink(header.link.value);
    out.setLane(static_cast<schema::Lane>(header.lane));
    out.setSequence(header.sequence);
}

Message read_body(schema::Frame::Body::Reader in) {
    using Body = schema::Frame::Body;
    switch (in.which()) {
        case Body::NOT_UNDERSTOOD:
            return NotUnderstood{};
        case Body::REGISTER:
            return read(in.getRegister());
        case Body::REGISTERED:
            return read(in.getRegistered());
        case Body::SEEK:
            return read(in.getSeek());
        case Body::ORDERED:
            return read(in.getOrdered());
        case Body::JOIN:
            return read(in.getJoin());
        case Body::WELCOME:
            return read(in.getWelcome());
        case Body::REFUSED:
            return read(in.getRefused());
        case Body::HEARTBEAT:
            return read(in.getHeartbeat());
        case Body::HEARTBEAT_ANSWER:
            return read(in.getHeartbeatAnswer());
        case Body::LEAVE:
            return read(in.getLeave());
        case Body::PUSH_DOWN:
            return read(in.getPushDown());
        case Body::WINDOW_OPENED:
            return read(in.getWindowOpened());
        case Body::WINDOW_CLOSED:
            return read(in.getWindowClosed());
        case Body::LOCAL_MESSAGE:
            return read(in.getLocalMessage());
    }
    return NotUnderstood{};  // a member of a newer release
}

void write_body(const Message& message, schema::Frame::Body::Builder out) {
    std::visit(Overloaded{
                   [&](const Register& body) { write(body, out.initRegister()); },
                   [&](const Registered& body) { write(body, out.initRegistered()); },
                   [&](const Seek& body) { write(body, out.initSeek()); },
                   [&](const Ordered& body) { write(body, out.initOrdered()); },
                   [&](const Join& body) { write(body, out.initJoin()); },
                   [&](const Welcome& body) { write(body, out.initWelcome()); },
                   [&](const Refused& body) { write(body, out.initRefused()); },
                   [&](const Heartbeat& body) { write(body, out.initHeartbeat()); },
                   [&](const HeartbeatAnswer& body) { write(body, out.initHeartbeatAnswer()); },
                   [&](const Leave& body) { write(body, out.initLeave()); },
                   [&](const PushDown& body) { write(body, out.initPushDown()); },
                   [&](const WindowOpened& body) { write(body, out.initWindowOpened()); },
                   [&](const WindowClosed& body) { write(body, out.initWindowClosed()); },
                   [&](const NotUnderstood&) { out.setNotUnderstood(); },
                   [&](const LocalMessage& body) { write(body, out.initLocalMessage()); },
               },
               message);
}

}  // namespace

Frame read(schema::Frame::Reader in) {
    return {.header = read_header(in.getHeader()), .body = read_body(in.getBody())};
}

void write(const Frame& frame, schema::Frame::Builder out) {
    write_header(frame.header, out.getHeader());
    write_body(frame.body, out.getBody());
}

}  // namespace coppice::wire
