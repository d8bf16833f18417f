// What a manager signs: statement.capnp.
#include "common/overloaded.h"
#include "schemas/convert.h"

namespace coppice::wire {
namespace {

PeerAddress read(schema::PeerAddress::Reader in) {
    return {.host = HostId{in.getHost()},
            .key = array<32>(in.getKey(), "a peer's key"),
            .addresses =
                read_texts(in.getAddresses(), {limits::addresses_max, limits::address_bytes_max},
                           "the list of addresses")};
}

void write(const PeerAddress& peer, schema::PeerAddress::Builder out) {
    out.setHost(peer.host.value);
    out.setKey(blob(peer.key));
    write_texts(peer.addresses, out.initAddresses(count(peer.addresses.size())));
}

using Peers = capnp::List<schema::PeerAddress>;

std::vector<PeerAddress> read_peers(Peers::Reader in, const char* name) {
    return list(in, limits::peers_max, name,
                [](schema::PeerAddress::Reader peer) { return read(peer); });
}

void write_peers(const std::vector<PeerAddress>& peers, Peers::Builder out) {
    for (unsigned i = 0; i < out.size(); ++i) write(peers[i], out[i]);
}

/// The labels of the host and those of its token.
constexpr std::size_t labels_max = 2 * limits::labels_max;

Order read(schema::Order::Reader in) {
    return {.fleet = text(in.getFleet(), limits::name_bytes_max, "the fleet's name"),
            .host = HostId{in.getHost()},
            .key = array<32>(in.getKey(), "the host's key"),
            .name = text(in.getName(), limits::name_bytes_max, "the host's name"),
            .cell = CellId{in.getCell()},
            .stamp = read_stamp(in.getStamp()),
            .term_instance = in.getTermInstance(),
            .role = enumeration<Role::root, schema::Role::ROOT>(in.getRole(), "the role"),
            .is_understudy = in.getIsUnderstudy(),
            .is_placed = in.getIsPlaced(),
            .reason = text(in.getReason(), limits::sentence_bytes_max, "the reason"),
            .parent = read(in.getParent()),
            .spares = read_peers(in.getSpares(), "the list of spares"),
            .managers = read_peers(in.getManagers(), "the list of managers"),
            .labels = read_labels(in.getLabels(), labels_max),
            .fanout = in.getFanout(),
            .slack = in.getSlack(),
            .interval = duration(in.getInterval()),
            .expires_unix_s = in.getExpiresUnixS()};
}

void write(const Order& order, schema::Order::Builder out) {
    out.setFleet(text(order.fleet));
    out.setHost(order.host.value);
    out.setKey(blob(order.key));
    out.setName(text(order.name));
    out.setCell(order.cell.value);
    write_stamp(order.stamp, out.getStamp());
    out.setTermInstance(order.term_instance);
    out.setRole(static_cast<schema::Role>(order.role));
    out.setIsUnderstudy(order.is_understudy);
    out.setIsPlaced(order.is_placed);
    out.setReason(text(order.reason));
    write(order.parent, out.initParent());
    write_peers(order.spares, out.initSpares(count(order.spares.size())));
    write_peers(order.managers, out.initManagers(count(order.managers.size())));
    write_labels(order.labels, out.initLabels(count(order.labels.size())));
    out.setFanout(order.fanout);
    out.setSlack(order.slack);
    out.setInterval(order.interval.count());
    out.setExpiresUnixS(order.expires_unix_s);
}

PushContent read(schema::PushContent::Reader in) {
    return {.fleet = text(in.getFleet(), limits::name_bytes_max, "the fleet's name"),
            .push = PushId{in.getPush()},
            .topic = text(in.getTopic(), limits::topic_bytes_max, "the topic"),
            .version = in.getVersion(),
            .selector = text(in.getSelector(), limits::selector_bytes_max, "the selector"),
            .payload = bytes(in.getPayload(), limits::payload_bytes_max, "the payload"),
            .is_withdrawal = in.getIsWithdrawal()};
}

void write(const PushContent& content, schema::PushContent::Builder out) {
    out.setFleet(text(content.fleet));
    out.setPush(content.push.value);
    out.setTopic(text(content.topic));
    out.setVersion(content.version);
    out.setSelector(text(content.selector));
    out.setPayload(blob(content.payload));
    out.setIsWithdrawal(content.is_withdrawal);
}

}  // namespace

Statement read(schema::Statement::Reader in) {
    switch (in.which()) {
        case schema::Statement::ORDER:
            return read(in.getOrder());
        case schema::Statement::PUSH:
            return read(in.getPush());
    }
    throw Malformed{"the kind of statement is of a newer release"};
}

void write(const Statement& statement, schema::Statement::Builder out) {
    std::visit(Overloaded{
                   [&](const Order& order) { write(order, out.initOrder()); },
                   [&](const PushContent& content) { write(content, out.initPush()); },
               },
               statement);
}

}  // namespace coppice::wire
