// A peer that has stolen the folder of a host and says what no agent says; prints what it is
// answered, a line a case.
//
//   hostile_peer manager FOLDER VICTIM         to the manager of the folder's token
//   hostile_peer parent FOLDER VICTIM          to the parent that the folder's order names
//   hostile_peer children FOLDER LISTEN PUSH   as that parent, to its children, until it is ended

#include <poll.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <thread>
#include <zmq.hpp>

#include "common/limits.h"
#include "runtime/clock.h"
#include "runtime/curve_keys.h"
#include "runtime/join_token.h"
#include "runtime/sodium_notary.h"
#include "runtime/sqlite_store.h"
#include "runtime/zmq_link.h"
#include "runtime/zmq_socket.h"
#include "schemas/codec.h"

namespace {

using namespace coppice;
using std::chrono::milliseconds;

template <class T>
T must(Result<T> result) {
    if (result.ok()) return std::move(*result);
    std::cerr << result.error().message << '\n';
    std::exit(1);
}

struct Stolen {
    explicit Stolen(const std::filesystem::path& folder)
        : keys{must(load_or_create_curve_keys(folder / "agent.key"))} {
        std::ifstream in{folder / "token"};
        token = must(parse_join_token(std::string{std::istreambuf_iterator<char>{in}, {}}));
        for (const Record& record :
             must(must(SqliteStore::open(folder / "agent.db"))->load()).records)
            if (const auto* found = std::get_if<IdentityRecord>(&record)) identity = *found;
        order = std::get<Order>(must(SodiumNotary{token.fleet_key}.open(identity.order)));
    }

    CurveKeys keys;
    JoinToken token;
    IdentityRecord identity;
    Order order;
};

/// A connection on which anything can be sent.
class Line {
public:
    Line(const CurveKeys& keys, const PublicKey& server, const std::string& address) {
        set_common_options(socket_);
        set_keys(socket_, keys);
        socket_.set(zmq::sockopt::curve_serverkey, zmq::const_buffer{server.data(), server.size()});
        socket_.connect(address);
    }

    void send(const std::string& bytes, bool has_more = false) {
        socket_.send(zmq::buffer(bytes),
                     has_more ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
    void send(const Frame& frame) {
        const Bytes bytes = encode(frame);
        send(std::string{bytes.begin(), bytes.end()});
    }
    /// What comes back soon, as a word. What parents say unasked is passed over, and so is what
    /// they answer to heartbeats, unless that is wanted.
    std::string answer(bool wants_beat = false) {
        socket_.set(zmq::sockopt::rcvtimeo, 1000);
        zmq::message_t part;
        while (socket_.recv(part)) {
            const Result<Frame> frame = decode_frame(bytes_of(part));
            if (!frame.ok()) return "garbage";
            const Message& body = frame->body;
            if (const auto* refused = std::get_if<Refused>(&body))
                return "refused " + std::to_string(static_cast<int>(refused->reason));
            if (const auto* registered = std::get_if<Registered>(&body))
                return "registered " + std::to_string(static_cast<int>(registered->result));
            if (std::holds_alternative<Welcome>(body)) return "welcome";
            if (std::holds_alternative<NotUnderstood>(body)) return "not understood";
            if (wants_beat && std::holds_alternative<HeartbeatAnswer>(body)) return "answered";
        }
        return "nothing";
    }

private:
    zmq::context_t context_{1};
    zmq::socket_t socket_{context_, zmq::socket_type::dealer};
};

void say(const std::string& name, const std::string& outcome) {
    std::cout << name << ": " << outcome << std::endl;
}

void send_rubbish(Line& line) {
    line.send(std::string{"this is no frame"});
    line.send(std::string{});
    line.send(std::string{"one part"}, true);
    line.send(std::string{"and another"});
}

/// A fact as false as can be: newer than any that is true.
Heartbeat accusation(HostId victim) {
    return {.facts_revision = 1,
            .facts = {{.host = victim,
                       .incarnation = {~0ULL},
                       .attachment = {~0ULL},
                       .state = HostState::lost,
                       .cause = Cause::crashed}}};
}

void attack_manager(const Stolen& stolen, HostId victim) {
    const PeerAddress& manager = stolen.order.managers.front();
    const Header as_victim{.sender = victim, .incarnation = {~0ULL}, .link = {1}, .sequence = 1};
    Line line{stolen.keys, manager.key, manager.addresses.front()};
    send_rubbish(line);
    line.send({as_victim, accusation(victim)});
    say("accuse as another", line.answer());
    line.send({as_victim, Join{.order = stolen.identity.order}});
    say("join as another", line.answer());
    Line stranger{make_curve_keys(), manager.key, manager.addresses.front()};
    stranger.send({as_victim, accusation(victim)});
    say("stranger accuses", stranger.answer());
    stranger.send({as_victim, Seek{}});
    say("stranger seeks", stranger.answer());
    stranger.send({as_victim, Register{.token_id = stolen.token.id,
                                       .token_secret = Bytes(join_secret_bytes),
                                       .name = "stranger",
                                       .addresses = {"tcp://127.0.0.1:1"}}});
    say("stranger registers", stranger.answer());
    line.send(std::string(limits::frame_bytes_max + 1, 'x'));
    say("oversize", line.answer());
}

void attack_parent(const Stolen& stolen, HostId victim) {
    const PeerAddress& parent = stolen.order.parent;
    Header own{.cell = stolen.order.cell,
               .sender = stolen.order.host,
               .incarnation = stolen.identity.incarnation,
               .link = {77},
               .sequence = 1};
    Header as_victim = own;
    as_victim.sender = victim;
    const Join join{.attachment = {1000}, .order = stolen.identity.order};
    Line line{stolen.keys, parent.key, parent.addresses.front()};
    send_rubbish(line);
    line.send({as_victim, join});
    say("join as another", line.answer());
    Join forged = join;
    forged.order.signature[0] ^= 1U;
    line.send({own, forged});
    say("forged ticket", line.answer());
    Line stranger{make_curve_keys(), parent.key, parent.addresses.front()};
    stranger.send({own, join});
    say("stolen ticket", stranger.answer());
    line.send({own, join});
    say("own ticket", line.answer());
    own.sequence = 2;
    line.send({own, Heartbeat{}});
    say("own heartbeat", line.answer(true));
    own.sequence = 3;
    line.send({own, Ordered{victim, stolen.identity.order}});
    say("order from below", line.answer());
    line.send({own, accusation(victim)});
    say("replayed", line.answer());
    Header stale = own;
    stale.link = {76};
    stale.sequence = 4;
    line.send({stale, accusation(victim)});
    say("stale link", line.answer());
    as_victim.sequence = 5;
    line.send({as_victim, accusation(victim)});
    say("accuse as another", line.answer());
}

void mislead(const Stolen& stolen, ZmqLink& link, const Received& received, PushId push) {
    const Header& theirs = received.frame.header;
    Header header{.sender = stolen.order.host, .link = theirs.link, .sequence = ~0ULL - 8};
    const auto send = [&](Message body) {
        ++header.sequence;
        link.send(received.route, {header, std::move(body)});
    };
    PushContent content{.fleet = stolen.order.fleet, .push = push, .topic = "poison", .version = 1};
    send(PushDown{.push = push,
                  .topic = "poison",
                  .version = 1,
                  .target = {theirs.sender},
                  .content = std::make_shared<const Sealed>(Sealed{encode(Statement{content})})});
    Order order = stolen.order;
    order.host = theirs.sender;
    order.key = received.key;
    order.role = Role::root;
    order.stamp.term += 100;
    send(Ordered{theirs.sender, Sealed{encode(Statement{order})}});
    send(Ordered{theirs.sender, stolen.identity.order});
    say("misled", std::to_string(theirs.sender.value));
}

[[noreturn]] void attack_children(const Stolen& stolen, const std::string& listen, PushId push) {
    const auto link =
        must(ZmqLink::open({.keys = stolen.keys, .listen = listen}, [](const Notice&) {}));
    std::set<HostId> misled;
    say("listens", listen);
    while (true) {
        link->receive([&](const Input& input) {
            const auto* received = std::get_if<Received>(&input);
            if (received == nullptr) return;
            if (misled.insert(received->frame.header.sender).second)
                mislead(stolen, *link, *received, push);
        });
        pollfd waiting{.fd = link->fd(), .events = POLLIN, .revents = 0};
        if (!link->needs_receive()) ::poll(&waiting, 1, 100);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words{argv + 1, argv + argc};
    if (words.size() < 3) {
        std::cerr << "usage: see the top of hostile_peer.cpp\n";
        return 2;
    }
    const Stolen stolen{words[1]};
    if (words[0] == "children") attack_children(stolen, words[2], {std::stoull(words[3])});
    const HostId victim{static_cast<std::uint32_t>(std::stoul(words[2]))};
    if (words[0] == "manager") attack_manager(stolen, victim);
    if (words[0] == "parent") attack_parent(stolen, victim);
    return 0;
}
