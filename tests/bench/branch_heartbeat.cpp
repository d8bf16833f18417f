// What a heartbeat of a child costs a parent in CPU, its answer included, all threads of ZeroMQ
// counted: our link and our parent half, beside bare ROUTER and DEALER sockets.
//
//   bench_branch_heartbeat [--children N] [--rate N] [--seconds N] [--json]
//
// Each parent is a process of its own, so that its CPU is its own. The children are N connections
// of one socket here. Paced: --rate heartbeats a second, evenly. Saturated: each child sends its
// next heartbeat when the last one is answered.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "common/hub.h"
#include "runtime/daemon.h"
#include "runtime/process_limits.h"
#include "schemas/codec.h"
#include "simulator/virtual_notary.h"
#include "swarm/memory_store.h"
#include "tests/bench/flags.h"

namespace coppice {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::uint32_t children = 1000;
    std::uint32_t rate = 1000;
    std::uint32_t seconds = 10;
    bool is_json = false;
};

constexpr HostId parent_host{1};
const VirtualNotary notary{1};

// --- parents, each in a process of its own ------------------------------------------------------

/// A branch that is attached and fresh, without the half that looks upward.
class ParentNode final : public Node {
public:
    explicit ParentNode(std::uint32_t children) {
        hub_.set_identity({.fleet = "f", .self = parent_host, .incarnation = {1}});
        standing_.path = {parent_host};
        standing_.is_fresh = true;
        standing_.children_max = children;
    }
    [[nodiscard]] Outputs step(const Input& input, Instant now) override {
        Outputs out;
        if (const auto* received = std::get_if<Received>(&input))
            hub_.on_frame(*received, standing_, now, out);
        hub_.on_deadline(standing_, now, out);
        static_cast<void>(hub_.settle({}, {}, now, out));
        return out;
    }
    [[nodiscard]] Instant next_deadline() const override { return hub_.next_deadline(); }

private:
    Timing timing_{.interval = std::chrono::seconds{60}};
    Hub hub_{notary, timing_, Relay::Retention::until_answered};
    Standing standing_;
};

using Tell = std::function<void(const std::string& endpoint)>;

void serve_coppice(const CurveKeys& keys, std::uint32_t children, const Tell& tell) {
    auto link = ZmqLink::open({.keys = keys, .listen = "tcp://127.0.0.1:0"}, [](const Notice&) {});
    ParentNode node{children};
    MemoryStore store;
    Daemon daemon{{.node = node, .store = store, .link = **link}};
    tell((*link)->endpoint());
    static_cast<void>(daemon.run());
}

/// Answers each message with as many bytes as our parent does.
void serve_bare(const CurveKeys* keys, std::size_t answer_bytes, const Tell& tell) {
    zmq::context_t context{1};
    zmq::socket_t socket{context, zmq::socket_type::router};
    socket.set(zmq::sockopt::sndhwm, 0);
    socket.set(zmq::sockopt::rcvhwm, 0);
    if (keys != nullptr) {
        socket.set(zmq::sockopt::curve_server, true);
        socket.set(zmq::sockopt::curve_secretkey, zmq::buffer(keys->secret_key));
    }
    socket.bind("tcp://127.0.0.1:*");
    tell(socket.get(zmq::sockopt::last_endpoint));
    const Bytes answer(answer_bytes);
    zmq::message_t name;
    zmq::message_t body;
    while (socket.recv(name) && socket.recv(body)) {
        socket.send(name, zmq::send_flags::sndmore);
        socket.send(zmq::buffer(answer), zmq::send_flags::none);
    }
}

/// A parent that runs until this object goes.
class Process {
public:
    explicit Process(const std::function<void(const Tell&)>& serve) {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) std::abort();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            serve([&](const std::string& endpoint) {
                if (::write(ends[1], endpoint.data(), endpoint.size()) < 0) ::_exit(1);
            });
            ::_exit(0);
        }
        ::close(ends[1]);
        std::array<char, 128> text{};
        const ssize_t size = ::read(ends[0], text.data(), text.size());
        ::close(ends[0]);
        if (size <= 0) {
            std::fprintf(stderr, "a parent did not start\n");
            std::exit(1);
        }
        endpoint_ = {text.data(), static_cast<std::size_t>(size)};
    }
    ~Process() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
    /// Time that its threads have been running.
    [[nodiscard]] double cpu_microseconds() const {
        double total = 0;
        const std::filesystem::path tasks = "/proc/" + std::to_string(pid_) + "/task";
        for (const auto& task : std::filesystem::directory_iterator{tasks}) {
            double nanoseconds = 0;
            std::ifstream{task.path() / "schedstat"} >> nanoseconds;
            total += nanoseconds / 1e3;
        }
        return total;
    }

private:
    pid_t pid_ = -1;
    std::string endpoint_;
};

// --- children -----------------------------------------------------------------------------------

/// All children in one socket: a ROUTER that connects once for each.
class Children {
public:
    Children(const Process& parent, const CurveKeys* server, std::uint32_t count)
        : keys_{make_curve_keys()}, count_{count}, next_sequence_(count, 0) {
        socket_.set(zmq::sockopt::sndhwm, 0);
        socket_.set(zmq::sockopt::rcvhwm, 0);
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::ipv6, true);
        if (server != nullptr) {
            socket_.set(zmq::sockopt::curve_publickey, zmq::buffer(keys_.public_key));
            socket_.set(zmq::sockopt::curve_secretkey, zmq::buffer(keys_.secret_key));
            socket_.set(zmq::sockopt::curve_serverkey, zmq::buffer(server->public_key));
        }
        for (std::uint32_t child = 0; child < count; ++child) {
            socket_.set(zmq::sockopt::connect_routing_id, name_of(child));
            socket_.connect(parent.endpoint());
        }
    }

    /// Every child becomes one of the parent's.
    void join() {
        for (std::uint32_t child = 0; child < count_; ++child) {
            const Order order{.fleet = "f",
                              .host = host_of(child),
                              .key = keys_.public_key,
                              .name = "n" + std::to_string(child),
                              .stamp = {1, 1},
                              .is_placed = true,
                              .parent = {.host = parent_host, .key = {}, .addresses = {}}};
            send(child, Join{.attachment = {1}, .order = notary.seal(order), .addresses = {}});
            const Frame answer = decode_frame(receive()).value();
            if (!std::holds_alternative<Welcome>(answer.body)) {
                std::fprintf(stderr, "a child was not welcome\n");
                std::exit(1);
            }
        }
    }

    /// Until all are connected.
    void warm_up() {
        for (std::uint32_t child = 0; child < count_; ++child) beat();
        for (std::uint32_t child = 0; child < count_; ++child) static_cast<void>(receive());
    }
    /// Heartbeats that were answered; the last answers are waited for.
    std::uint64_t run_paced(std::uint32_t rate, std::chrono::seconds span) {
        const Clock::time_point start = Clock::now();
        const std::uint64_t total = std::uint64_t{rate} * static_cast<std::uint64_t>(span.count());
        std::uint64_t answered = 0;
        for (std::uint64_t sent = 0; sent < total; ++sent) {
            std::this_thread::sleep_until(start +
                                          std::chrono::nanoseconds{std::nano::den} * sent / rate);
            beat();
            while (take_answer()) ++answered;
        }
        for (; answered < total; ++answered) static_cast<void>(receive());
        return total;
    }
    std::uint64_t run_saturated(std::chrono::seconds span) {
        const Clock::time_point end = Clock::now() + span;
        for (std::uint32_t child = 0; child < count_; ++child) beat();
        std::uint64_t answered = 0;
        for (; Clock::now() < end; ++answered) {
            static_cast<void>(receive());
            beat();
        }
        for (std::uint32_t child = 0; child < count_; ++child) static_cast<void>(receive());
        return answered + count_;
    }

private:
    /// Of a connection; must not begin with a zero byte.
    static std::string name_of(std::uint32_t child) {
        std::string name(1 + sizeof child, 'c');
        std::memcpy(name.data() + 1, &child, sizeof child);
        return name;
    }
    static HostId host_of(std::uint32_t child) { return HostId{child + 2}; }

    void beat() {
        send(next_, Heartbeat{.stamp = {1, 1}});
        next_ = (next_ + 1) % count_;
    }
    void send(std::uint32_t child, Message body) {
        const HostId host = host_of(child);
        const Header header{.cell = CellId{1},
                            .sender = host,
                            .incarnation = {1},
                            .link = LinkId{0x9e3779b97f4a7c15 * host.value},
                            .sequence = ++next_sequence_[child]};
        const Bytes bytes = encode(Frame{header, std::move(body)});
        socket_.send(zmq::buffer(name_of(child)), zmq::send_flags::sndmore);
        socket_.send(zmq::buffer(bytes), zmq::send_flags::none);
    }
    std::span<const std::uint8_t> receive() {
        if (!socket_.recv(received_) || !socket_.recv(received_)) std::abort();
        return {static_cast<const std::uint8_t*>(received_.data()), received_.size()};
    }
    bool take_answer() {
        return socket_.recv(received_, zmq::recv_flags::dontwait) && socket_.recv(received_);
    }

    CurveKeys keys_;
    std::uint32_t count_;
    zmq::context_t context_{1};
    zmq::socket_t socket_{context_, zmq::socket_type::router};
    zmq::message_t received_;
    std::vector<std::uint64_t> next_sequence_;
    std::uint32_t next_ = 0;
};

// --- measuring ----------------------------------------------------------------------------------

struct Cost {
    double paced_us = 0;
    double saturated_us = 0;
    double saturated_per_second = 0;
};

Cost measure(const Options& options, const Process& parent, Children& children) {
    const std::chrono::seconds span{options.seconds};
    Cost cost;
    children.warm_up();
    double before = parent.cpu_microseconds();
    std::uint64_t beats = children.run_paced(options.rate, span);
    cost.paced_us = (parent.cpu_microseconds() - before) / static_cast<double>(beats);
    before = parent.cpu_microseconds();
    beats = children.run_saturated(span);
    cost.saturated_us = (parent.cpu_microseconds() - before) / static_cast<double>(beats);
    cost.saturated_per_second = static_cast<double>(beats) / static_cast<double>(span.count());
    return cost;
}

void print(const Options& options, const char* name, const Cost& cost) {
    const char* const format =
        options.is_json
            ? "{\"parent\": \"%s\", \"paced_us\": %.1f, \"rate\": %u, \"saturated_us\": %.1f, "
              "\"saturated_rate\": %.0f}\n"
            : "%-12s %5.1f us a heartbeat at %u a second, %5.1f us at %.0f a second\n";
    std::printf(format, name, cost.paced_us, options.rate, cost.saturated_us,
                cost.saturated_per_second);
    std::fflush(stdout);
}

int run(const Options& options) {
    constexpr std::size_t answer_bytes = 52;  // of a leaf two links below the root
    if (const auto prepared = prepare_process(); !prepared.ok()) {
        std::fprintf(stderr, "%s\n", prepared.error().message.c_str());
        return 1;
    }
    const CurveKeys keys = make_curve_keys();
    {
        const Process parent{[&](const Tell& tell) { serve_bare(nullptr, answer_bytes, tell); }};
        Children children{parent, nullptr, options.children};
        print(options, "bare", measure(options, parent, children));
    }
    {
        const Process parent{[&](const Tell& tell) { serve_bare(&keys, answer_bytes, tell); }};
        Children children{parent, &keys, options.children};
        print(options, "bare, CURVE", measure(options, parent, children));
    }
    const Process parent{[&](const Tell& tell) { serve_coppice(keys, options.children, tell); }};
    Children children{parent, &keys, options.children};
    children.join();
    print(options, "coppice", measure(options, parent, children));
    std::fflush(stdout);
    return 0;
}

Options read_options(int count, char** words) {
    Options options;
    read_flags(count, words,
               {{"--children", "N", Flag::Number{&options.children}},
                {"--rate", "N", Flag::Number{&options.rate}},
                {"--seconds", "N", Flag::Number{&options.seconds}},
                {"--json", "", &options.is_json}});
    return options;
}

}  // namespace
}  // namespace coppice

int main(int count, char** words) { return coppice::run(coppice::read_options(count, words)); }
