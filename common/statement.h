#pragma once
// What a manager signs: orders and pushes. Interior hosts can delay these, not forge them.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/ids.h"
#include "common/labels.h"
#include "common/time.h"

namespace coppice {

/// Where and as whom a host is reached.
struct PeerAddress {
    HostId host;      // manager_host for a manager
    PublicKey key{};  // its CURVE key; a link to it is authentic or does not stand
    std::vector<std::string> addresses;  // "tcp://host:port", tried in order
    friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

/// What one host is to be. It is also the ticket that the host shows to a parent: it names the
/// host, its key and every parent that may admit it.
struct Order {
    std::string fleet;
    HostId host;
    PublicKey key{};
    std::string name;
    CellId cell;
    Stamp stamp;                      // this host's own; never decreases
    std::uint64_t term_instance = 0;  // tells two managers that claim one term apart
    Role role = Role::leaf;
    bool is_understudy = false;  // keeps a link to the manager, to become root without delay
    bool is_placed = false;      // false: no room; `reason` says why, and the host asks again
    std::string reason;
    PeerAddress parent;               // a manager for the root
    std::vector<PeerAddress> spares;  // in order of preference
    std::vector<PeerAddress> managers;
    Labels labels;
    std::uint32_t fanout = 32;
    std::uint32_t slack = 8;  // adopted orphans above fanout
    Duration interval = std::chrono::seconds{1};
    std::uint64_t expires_unix_s = 0;  // zero: never; a revocation ends it
    friend bool operator==(const Order&, const Order&) = default;
};

/// The topic of the stop switch: while a host has a value of it, it begins to apply nothing else.
/// It cannot be a file name, so that an agent of a release without the switch refuses it.
inline constexpr std::string_view stop_topic = "/stop";

/// One version of a topic's value, for the hosts that the selector names.
struct PushContent {
    std::string fleet;
    PushId push;
    std::string topic;
    std::uint64_t version = 0;
    std::string selector;  // the hosts that may believe it; empty for all
    Bytes payload;
    bool is_withdrawal = false;  // the topic has no value there any more; no payload
    friend bool operator==(const PushContent&, const PushContent&) = default;
};

using Statement = std::variant<Order, PushContent>;

/// A statement's encoding with the fleet's signature over it. Opened by Notary (ports.h).
struct Sealed {
    Bytes content;
    Signature signature{};
    friend bool operator==(const Sealed&, const Sealed&) = default;
};

}  // namespace coppice
