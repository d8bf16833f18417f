#pragma once
// libcoppice: what a daemon on a host uses of the agent there: the host's role, topics,
// measurements, reducers of questions, messages to its counterparts on neighbouring hosts.
// docs/local.md is the manual of what is behind it.
//
// Threads. A Client belongs to the thread that calls run(): all handlers run there, one after the
// other, and may call anything but run(). From any other thread: post(), stop(), current_role() and
// everything that asks (role(), get(), set(), contribute(), send()). Handlers are set before run().
// No thread is started and no signal is touched.
//
// Binary interface. The name of the shared library carries its number (libcoppice.so.0), which
// changes when something here is changed or removed; additions keep it. Client hides its inside;
// structs only grow with a new number. Types of the C++ library are part of the interface: compile
// with the same one.
//
// Needs nothing but the C++ library and the system.

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#define COPPICE_API __attribute__((visibility("default")))

namespace coppice::client {

/// Why something did not come about.
struct Failure {
    enum class Kind : std::uint8_t {
        unreachable,  // no agent answers at the socket, or it cannot do it now; try again later
        refused,      // the agent said no; asking again the same says no again
    };
    Kind kind = Kind::unreachable;
    std::string sentence;  // for a person: what is wrong and what to do
};

template <class Value>
class Outcome {
public:
    Outcome(Value value) : content_{std::move(value)} {}
    Outcome(Failure failure) : content_{std::move(failure)} {}

    [[nodiscard]] bool ok() const { return content_.index() == 0; }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Value& operator*() const { return std::get<0>(content_); }
    [[nodiscard]] const Value* operator->() const { return &std::get<0>(content_); }
    [[nodiscard]] Value take() && { return std::get<0>(std::move(content_)); }
    [[nodiscard]] const Failure& failure() const { return std::get<1>(content_); }

private:
    std::variant<Value, Failure> content_;
};

struct Done {};

enum class Role : std::uint8_t { leaf, branch, root };
[[nodiscard]] COPPICE_API const char* to_text(Role role);

/// Of the order that gave the role; a greater one is newer. Hand it to whatever must not obey a
/// holder of before: it keeps the greatest that it has seen, and refuses those below.
struct Fence {
    std::uint64_t term = 0;
    std::uint64_t generation = 0;
    friend auto operator<=>(const Fence&, const Fence&) = default;
};

struct RoleState {
    std::uint32_t host = 0;
    std::string name;
    Role role = Role::leaf;
    bool is_attached = false;
    std::optional<std::uint32_t> parent;  // a host; none: the root, or nobody
    std::vector<std::uint32_t> path;      // hosts from the root down to this one
    std::uint32_t children = 0;
    Fence fence;
    /// Of CLOCK_BOOTTIME: a branch or root is none any more from then on, unless the agent has put
    /// it off by then. Nothing for a leaf.
    std::optional<std::chrono::nanoseconds> expires_at;

    /// Reads the clock and asks nobody, so that a process that stood still finds out by itself.
    /// Look right before each act that only the holder of the role may do.
    [[nodiscard]] COPPICE_API bool is_valid() const;
    [[nodiscard]] COPPICE_API std::chrono::nanoseconds expires_in() const;
};

struct Topic {
    std::string name;
    std::uint64_t version = 0;
    bool is_withdrawn = false;  // it has no value on this host since that version
};

struct Value {
    std::string topic;
    std::uint64_t version = 0;
    std::string payload;
    bool is_current =
        false;  // it took effect on this host before, in this run of the daemon or not
    bool is_withdrawn = false;  // the topic is to have no value any more; no payload
};

/// A sentence that says why a value is refused; nothing: it has taken effect, and will have after a
/// loss of power too.
using Verdict = std::optional<std::string>;

struct Measurement {
    std::string name;  // [a-z0-9_]{1,63}
    double value = 0;
    std::chrono::milliseconds lifetime{60'000};  // it is forgotten unless it is set again by then
};

/// What this host gives to `reduce(NAME)`.
struct Contribution {
    std::string name;                            // [a-z0-9_]{1,63}
    std::string bytes;                           // at most 16 KiB
    std::chrono::milliseconds lifetime{60'000};  // it is forgotten unless it is given again by then
};

/// Makes one part of several: each is the contribution of a host, or what was made of some on this
/// host or below it. The order of parts means nothing, and which of them come together changes with
/// the tree: so the same has to come out however they are put together. At most 16 KiB; whatever it
/// throws is a failure, which the answer tells with the text of a std::exception.
using Reducer = std::function<std::string(const std::vector<std::string>& parts)>;

/// From a daemon on the parent or on a child of this host.
struct Message {
    std::string channel;
    std::uint32_t from = 0;  // a host
    bool is_from_parent = false;
    std::string body;
};

/// To the daemons there that listen on the channel.
struct Address {
    enum class To : std::uint8_t { parent, children, host };
    To to = To::parent;
    std::uint32_t host = 0;  // a neighbour, with To::host
};

class COPPICE_API Client {
public:
    /// Connects when it is used.
    explicit Client(std::string socket = default_socket());
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// COPPICE_SOCKET, or the one below the agent's usual folder.
    [[nodiscard]] static std::string default_socket();

    // --- handlers, to be set before run()
    // ---------------------------------------------------------

    /// The role at the beginning, whenever it changes, and when it has expired. While no agent
    /// answers a branch or root is told to have expired.
    void on_role(std::function<void(const RoleState&)> handler);
    /// A version of any topic has taken effect on this host.
    void on_topic(std::function<void(const Topic&)> handler);
    /// Messages on these channels ([A-Za-z0-9._-]{1,63}). Best effort: one may be lost, none comes
    /// twice.
    void on_message(std::vector<std::string> channels, std::function<void(const Message&)> handler);
    /// True when the agent is reached, false when it is lost. It is tried again by itself.
    void on_connection(std::function<void(bool is_connected)> handler);
    /// While run() runs, values of these topics take effect through `apply`. "app/*" is every topic
    /// that begins with "app/". First it gets the values that have taken effect before, whose
    /// verdict means nothing; it may get one twice. The verdict is due within the agent's
    /// --apply-limit.
    void subscribe(std::vector<std::string> topics, std::function<Verdict(const Value&)> apply);

    /// While run() runs, `reduce(NAME)` is reduced on this host by that. Call it for each name, of
    /// 16 at most. A reducer has a part of the question's deadline, some 100 ms to a second by
    /// default: after that its parts go up as they are.
    void reduce(std::string name, Reducer reducer);

    // --- running
    // ----------------------------------------------------------------------------------

    /// Serves the handlers until stop().
    void run();
    /// From any thread and from handlers.
    void stop();
    /// Runs the task on the thread of run(), soon.
    void post(std::function<void()> task);

    // --- asking, from any thread; waits up to 5 s
    // ---------------------------------------------------

    [[nodiscard]] Outcome<RoleState> role() const;
    /// What run() knows; expired while no agent is connected.
    [[nodiscard]] RoleState current_role() const;
    [[nodiscard]] Outcome<std::vector<Topic>> topics() const;
    /// The newest value that has taken effect on this host; of that version or newer.
    [[nodiscard]] Outcome<Value> get(const std::string& topic) const;
    [[nodiscard]] Outcome<Done> set(const Measurement& measurement) const;
    [[nodiscard]] Outcome<Done> contribute(const Contribution& contribution) const;
    /// At most 4096 bytes of UTF-8. The hosts on whose links it is: neighbours at this moment. That
    /// it arrives, and that a daemon listens there, only an answer tells.
    [[nodiscard]] Outcome<std::vector<std::uint32_t>> send(const std::string& channel,
                                                           const Address& to,
                                                           const std::string& body) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coppice::client
