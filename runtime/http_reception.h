#pragma once
// Where HTTP connections arrive: one thread takes them in and hands over whole requests, so that a
// slow client costs a descriptor and no thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "common/result.h"
#include "common/time.h"
#include "runtime/file_descriptor.h"
#include "runtime/loop.h"
#include "runtime/unix_socket.h"

namespace coppice {

/// A request as it came.
struct HttpArrival {
    FileDescriptor socket;  // does not block
    std::string bytes;      // its head and its body
    bool is_cut = false;    // more may come that nobody wants: its body may be too large
};

/// Why a connection is sent away without having been served.
enum class HttpTurnedAway : std::uint8_t {
    too_slow,              // the request was not there within the patience
    head_too_large,        // above head_bytes_max
    too_many_connections,  // it was the oldest of those that were not there yet
    too_many_requests,     // nobody was free to serve it
    stranger,              // Handlers::admits said no
};

struct HttpReceptionConfig {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;                       // zero: any free one
    std::optional<UnixSocketConfig> unix_socket;  // instead of host and port
    /// A body that announces more is handed over without it, to be refused.
    std::size_t body_bytes_max = 0;
    /// From the connection until its request is there.
    Duration patience = std::chrono::seconds{5};
};

class HttpReception {
public:
    struct Handlers {
        /// A request is there; false, and the arrival stays as it is, when nobody is free.
        std::function<bool(HttpArrival&)> take;
        /// The whole answer to one who is sent away.
        std::function<std::string(HttpTurnedAway)> answer;
        /// The system takes no more connections: too many files are open.
        std::function<void()> failed_accept;
        /// May a connection be served? Without it all may.
        std::function<bool(int socket)> admits;
        /// Further work of this thread: called in each turn, returns when it is due again.
        std::function<Instant(Instant now)> work;
    };

    /// The handlers are called on the thread of the reception, from start() on.
    [[nodiscard]] static Result<std::unique_ptr<HttpReception>> open(
        const HttpReceptionConfig& config, Handlers handlers);
    ~HttpReception();
    HttpReception(const HttpReception&) = delete;
    HttpReception& operator=(const HttpReception&) = delete;

    void start();
    /// Afterwards no handler is called any more.
    void stop();
    /// Closes the connection when its client has read the answer: closing it while the client
    /// still sends would take the answer away. From any thread.
    void dismiss(FileDescriptor socket);

    /// Runs `task` on the thread of the reception. From any thread. False, and nothing happens,
    /// when Loop::tasks_max tasks wait already.
    [[nodiscard]] bool post(Loop::Task task) { return loop_.post(std::move(task)); }
    /// For work on the thread of the reception.
    [[nodiscard]] Loop& loop() { return loop_; }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] int listener() const { return listener_.get(); }

    static constexpr std::size_t head_bytes_max = 16UL * 1024;
    /// Connections whose request is not there yet; one more sends the oldest away.
    static constexpr std::size_t connections_max = 512;
    /// What they have sent so far; more sends the oldest away.
    static constexpr std::size_t waiting_bytes_max = 16UL * 1024 * 1024;

private:
    /// In the order in which they came, so the first is the oldest and the first to lose patience.
    using Number = std::uint64_t;
    struct Guest {
        FileDescriptor socket;
        std::string bytes;
        std::size_t wanted = 0;  // bytes of the whole request; zero until its head is there
        bool is_chunked = false;
        bool is_cut = false;      // as in HttpArrival
        bool is_leaving = false;  // was answered; what it still sends is dropped
        Instant until{};
    };

    HttpReception(const HttpReceptionConfig& config, Handlers handlers)
        : config_{config}, handlers_{std::move(handlers)} {}

    [[nodiscard]] Result<Done> listen();
    [[nodiscard]] Result<Done> listen_at_port();
    void run();
    void accept_all();
    void welcome(FileDescriptor socket);
    void admit(FileDescriptor socket, bool is_leaving);
    void on_readable(Number number);
    /// False when nothing more will come.
    [[nodiscard]] bool receive(Guest& guest);
    void look_at_head(Guest& guest) const;
    [[nodiscard]] bool is_whole(const Guest& guest) const;
    void hand_over(Number number);
    void send_away(Number number, HttpTurnedAway why);
    void make_room();
    FileDescriptor remove(Number number);
    void expire(Instant now);

    const HttpReceptionConfig config_;
    const Handlers handlers_;
    std::uint16_t port_ = 0;
    FileDescriptor listener_;
    Loop loop_;
    std::map<Number, Guest> guests_;
    Number next_ = 0;
    std::size_t waiting_bytes_ = 0;
    Instant accepts_again_ = never;  // when it rests from accepting
    bool is_ending_ = false;
    std::thread thread_;
};

}  // namespace coppice
