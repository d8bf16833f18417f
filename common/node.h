#pragma once
// The one shape of every role: an input and an instant go in, effects come out.
//
// A node computes what should happen and never makes it happen. Whoever runs it (runtime in the
// real world, simulator in a virtual one) feeds inputs one at a time, calls it again no later than
// next_deadline(), and carries the effects out in the order of `Outputs`: writes are durable
// before anything else leaves. See driver.h.

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/command.h"
#include "common/ids.h"
#include "common/message.h"
#include "common/record.h"
#include "common/time.h"

namespace coppice {

// --- inputs: things that happened ---------------------------------------------------------------

/// The first input of every node.
struct Started {
    UnixMillis unix_time{};
};
/// The wall clock was read; given at least once a minute, and after it was set.
struct ClockRead {
    UnixMillis unix_time{};
};
/// next_deadline() has come.
struct DeadlineReached {};

/// A well-formed frame arrived. `key` is who sent it, proven by the connection. `route` answers on
/// the same connection; it stays valid while the connection stands and is never used for another
/// one.
struct Received {
    Route route;
    PublicKey key{};
    Frame frame;
};

/// A hint, possibly wrong or missing: the connection of that route dropped.
struct LinkDropped {
    Route route;
};

enum class ProbeResult : std::uint8_t { connected, refused, unanswered };

struct ProbeFinished {
    ProbeId probe;
    ProbeResult result = ProbeResult::unanswered;
};

/// A writer finished. Success means durable.
struct ApplyFinished {
    PushId push;
    std::optional<std::string> refusal;  // the reason; none on success
};

/// The answer to Outputs::measure.
struct Measured {
    std::vector<Measurement> measurements;
    Contributions contributions{};
};

/// The answer to Reduce.
struct Reduced {
    enum class Outcome : std::uint8_t { reduced, failed, no_reducer };
    ReductionId reduction;
    Outcome outcome = Outcome::no_reducer;
    Bytes bytes{};         // when reduced
    std::string reason{};  // when failed: a sentence
};

/// A planned stop (SIGTERM). The node hands over what it has, says goodbye and sets
/// Outputs::stopped when it is done. Given again, it does so at once.
struct StopRequested {};

/// A daemon of this host has something to say to its counterparts on neighbouring hosts: its parent
/// and its children. Answered by a Reply: MessageSent, or the Problem why it was sent to nobody.
struct LocalSaid {
    enum class To : std::uint8_t { parent, children, host };
    RequestId request;
    To to = To::parent;
    HostId host;  // a neighbour, with To::host
    LocalMessage message;
};

/// For managers only.
struct CommandReceived {
    RequestId request;
    Command command;
};

using Input =
    std::variant<Started, ClockRead, DeadlineReached, Received, LinkDropped, ProbeFinished,
                 ApplyFinished, Measured, StopRequested, CommandReceived, LocalSaid, Reduced>;

// --- effects: things to make happen -------------------------------------------------------------

/// Open a connection to a peer and call it `route`. Frames sent before it stands are queued.
/// Routes opened by a node are odd numbers drawn by the node; routes of accepted connections are
/// even.
struct Connect {
    Route route;
    PeerAddress peer;
};

/// Best effort: lost when the connection is gone or its queue is full.
struct Send {
    Route route;
    Frame frame;
};

/// Close an own connection, after what was sent on it, within a bounded time.
struct Disconnect {
    Route route;
};

/// Try to open a plain TCP connection to any of the addresses.
struct Probe {
    ProbeId probe;
    std::vector<std::string> addresses;
    Duration time_limit{};
};

/// Make one version of a topic's value take effect on this host, durably; answered by
/// ApplyFinished.
struct Apply {
    PushId push;
    std::string topic;
    std::uint64_t version = 0;
    std::shared_ptr<const PushContent> content;
};

enum class Severity : std::uint8_t { debug, info, warning, error };

/// Have a daemon of this host make one of these parts, which are two or more; answered by Reduced,
/// which comes to nothing once the time is over.
struct Reduce {
    ReductionId reduction;
    std::string name;
    std::shared_ptr<const std::vector<Bytes>> parts;
    Duration time_limit{};
};

/// For logs: `what` is a stable name with dots, `text` a sentence.
struct Notice {
    Severity severity = Severity::info;
    std::string what;
    std::string text;
};

struct Reply {
    RequestId request;
    Answer answer;
};

/// For the daemons of this host that listen on the channel. At most once for each message.
struct LocalHeard {
    HostId from;  // a neighbour
    bool is_from_parent = false;
    LocalMessage message;
};

struct Outputs {
    std::vector<Write> writes;
    std::vector<Connect> connects;
    std::vector<Send> sends;
    std::vector<Disconnect> disconnects;
    std::vector<Probe> probes;
    std::vector<Apply> applies;
    std::vector<Reply> replies;
    std::vector<LocalHeard> heard;
    std::vector<Reduce> reductions;
    std::vector<Notice> notices;
    bool measure = false;  // measure this host now; answered by Measured
    bool stopped = false;  // nothing more will come: the process may end
};

class Node {
public:
    Node() = default;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    virtual ~Node() = default;

    [[nodiscard]] virtual Outputs step(const Input& input, Instant now) = 0;
    /// `never` when the node waits for nothing but inputs.
    [[nodiscard]] virtual Instant next_deadline() const = 0;
};

}  // namespace coppice
