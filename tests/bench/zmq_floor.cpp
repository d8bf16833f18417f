// The least that a push and its receipts, or a question and its answers, can cost over ZeroMQ: a
// tree of bare ROUTER and DEALER sockets on loopback, some bytes down every link, some up every
// link once the subtree has answered. No CURVE, no disk, no encoding. Interior hosts are real
// sockets in one thread; all leaves are played by one client-side ROUTER in another.
//
//   bench_zmq_floor [--hosts N] [--fanout N] [--down BYTES] [--up BYTES] [--rounds N] [--json]

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "tests/bench/flags.h"

namespace {

constexpr int warm_up_rounds = 3;
constexpr rlim_t spare_descriptors = 200;

struct Options {
    std::uint32_t hosts = 1000;
    std::uint32_t fanout = 32;
    std::uint32_t down_bytes = 100;
    std::uint32_t up_bytes = 20;
    std::uint32_t rounds = 200;
    bool is_json = false;
};

/// Hosts are numbered level by level, the root is zero.
struct Tree {
    std::uint32_t hosts;
    std::uint32_t fanout;
    std::string down;  // what goes over each link
    std::string up;

    [[nodiscard]] std::uint32_t first_child(std::uint32_t host) const { return host * fanout + 1; }
    [[nodiscard]] std::uint32_t end_child(std::uint32_t host) const {
        return std::min(first_child(host) + fanout, hosts);
    }
    [[nodiscard]] std::uint32_t parent(std::uint32_t host) const { return (host - 1) / fanout; }
    [[nodiscard]] bool is_interior(std::uint32_t host) const { return first_child(host) < hosts; }
    [[nodiscard]] std::uint32_t interiors() const { return parent(hosts - 1) + 1; }
};

/// A routing id; ids must not begin with a zero byte.
std::array<char, 5> id_of(std::uint32_t host) {
    std::array<char, 5> id{'h'};
    std::memcpy(id.data() + 1, &host, sizeof host);
    return id;
}

zmq::const_buffer bytes_of(const std::array<char, 5>& id) { return zmq::buffer(id); }

void prepare(zmq::socket_t& socket) {
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::sndhwm, 0);
    socket.set(zmq::sockopt::rcvhwm, 0);
}

/// An interior host: passes what comes to its children and answers when all of them have.
class Interior {
public:
    Interior(zmq::context_t& context, const Tree& tree, std::uint32_t host)
        : tree_{tree}, host_{host}, children_{context, zmq::socket_type::router} {
        prepare(children_);
        children_.set(zmq::sockopt::router_mandatory, true);
        children_.bind("tcp://127.0.0.1:*");
    }

    [[nodiscard]] std::string endpoint() const {
        return children_.get(zmq::sockopt::last_endpoint);
    }

    void connect(zmq::context_t& context, const std::string& parent) {
        parent_ = std::make_unique<zmq::socket_t>(context, zmq::socket_type::dealer);
        prepare(*parent_);
        const auto id = id_of(host_);
        parent_->set(zmq::sockopt::routing_id, bytes_of(id));
        parent_->connect(parent);
    }

    [[nodiscard]] std::vector<int> descriptors() const {
        std::vector<int> descriptors{children_.get(zmq::sockopt::fd)};
        if (parent_) descriptors.push_back(parent_->get(zmq::sockopt::fd));
        return descriptors;
    }

    void push() {
        for (std::uint32_t child = tree_.first_child(host_); child < tree_.end_child(host_);
             ++child) {
            const auto id = id_of(child);
            children_.send(bytes_of(id), zmq::send_flags::sndmore);
            children_.send(zmq::buffer(tree_.down), zmq::send_flags::none);
        }
    }

    /// Takes in all that has come. True when every child has answered (or, at first, joined).
    bool drain() {
        bool is_complete = false;
        bool has_moved = true;
        while (has_moved) {  // a send may swallow the signal of the descriptor, so look again
            has_moved = false;
            zmq::message_t part;
            while (parent_ && parent_->recv(part, zmq::recv_flags::dontwait)) {
                has_moved = true;
                push();
            }
            while (children_.recv(part, zmq::recv_flags::dontwait)) {
                if (part.more()) continue;
                has_moved = true;
                if (++answered_ < tree_.end_child(host_) - tree_.first_child(host_)) continue;
                answered_ = 0;
                is_complete = true;
                if (parent_) parent_->send(zmq::buffer(tree_.up), zmq::send_flags::none);
            }
        }
        return is_complete;
    }

private:
    const Tree& tree_;
    std::uint32_t host_;
    std::uint32_t answered_ = 0;
    zmq::socket_t children_;
    std::unique_ptr<zmq::socket_t> parent_;
};

/// Every leaf in one socket: a ROUTER that connects once for each.
void play_leaves(zmq::context_t& context, const Tree& tree,
                 const std::vector<std::string>& endpoints) {
    zmq::socket_t socket{context, zmq::socket_type::router};
    prepare(socket);
    for (std::uint32_t host = 1; host < tree.hosts; ++host) {
        if (tree.is_interior(host)) continue;
        const auto id = id_of(host);
        socket.set(zmq::sockopt::routing_id, bytes_of(id));
        socket.set(zmq::sockopt::connect_routing_id, std::string{id.data(), id.size()});
        socket.connect(endpoints[tree.parent(host)]);
        socket.send(bytes_of(id), zmq::send_flags::sndmore);
        socket.send(zmq::buffer(tree.up), zmq::send_flags::none);
    }
    zmq::message_t id;
    zmq::message_t payload;
    while (socket.recv(id) && socket.recv(payload)) {
        socket.send(id, zmq::send_flags::sndmore);
        socket.send(zmq::buffer(tree.up), zmq::send_flags::none);
    }
}

class Floor {
public:
    explicit Floor(Tree tree) : tree_{std::move(tree)} {
        tree_context_.set(zmq::ctxopt::max_sockets, static_cast<int>(2 * tree_.interiors() + 8));
        for (std::uint32_t host = 0; host < tree_.interiors(); ++host) {
            interiors_.push_back(std::make_unique<Interior>(tree_context_, tree_, host));
            endpoints_.push_back(interiors_.back()->endpoint());
            if (host > 0) interiors_.back()->connect(tree_context_, endpoints_[tree_.parent(host)]);
        }
        watch();
        std::thread{[this] { play_leaves(leaf_context_, tree_, endpoints_); }}.detach();
        wait_for_root();
    }

    std::chrono::duration<double, std::milli> round() {
        const auto start = std::chrono::steady_clock::now();
        interiors_.front()->push();
        wait_for_root();
        return std::chrono::steady_clock::now() - start;
    }

private:
    void watch() {
        for (std::uint32_t host = 0; host < tree_.interiors(); ++host)
            for (const int descriptor : interiors_[host]->descriptors()) {
                epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u32 = host}};
                epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
            }
    }

    void wait_for_root() {
        bool is_done = interiors_.front()->drain();
        std::array<epoll_event, 64> events{};
        while (!is_done) {
            const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
            for (int i = 0; i < count; ++i) {
                const std::uint32_t host = events[static_cast<std::size_t>(i)].data.u32;
                const bool is_complete = interiors_[host]->drain();
                is_done = is_done || (is_complete && host == 0);
            }
        }
    }

    const Tree tree_;
    zmq::context_t tree_context_{1};
    zmq::context_t leaf_context_{1};
    std::vector<std::unique_ptr<Interior>> interiors_;
    std::vector<std::string> endpoints_;
    int epoll_ = epoll_create1(EPOLL_CLOEXEC);
};

double cpu_microseconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

/// Raises the soft limit of descriptors; ends the program when the hard one is too low.
void need_descriptors(rlim_t count) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= count) return;
    std::fprintf(stderr, "%lu descriptors are needed, the limit is %lu: ask for fewer --hosts\n",
                 count, limit.rlim_cur);
    std::exit(1);
}

Options read_options(int count, char** words) {
    using Number = coppice::Flag::Number;
    Options options;
    coppice::read_flags(count, words,
                        {{"--hosts", "N", Number{&options.hosts, 2}},
                         {"--fanout", "N", Number{&options.fanout, 2}},
                         {"--down", "BYTES", Number{&options.down_bytes}},
                         {"--up", "BYTES", Number{&options.up_bytes}},
                         {"--rounds", "N", Number{&options.rounds}},
                         {"--json", "", &options.is_json}});
    return options;
}

}  // namespace

int main(int count, char** words) {
    const Options options = read_options(count, words);
    const Tree tree{.hosts = options.hosts,
                    .fanout = options.fanout,
                    .down = std::string(options.down_bytes, '.'),
                    .up = std::string(options.up_bytes, '.')};
    need_descriptors(2 * rlim_t{tree.hosts} + 4 * rlim_t{tree.interiors()} + spare_descriptors);
    Floor floor{tree};
    for (int round = 0; round < warm_up_rounds; ++round) floor.round();

    std::vector<double> times;
    const double cpu_before = cpu_microseconds();
    for (std::uint32_t round = 0; round < options.rounds; ++round)
        times.push_back(floor.round().count());
    const double messages = 2.0 * (tree.hosts - 1) * options.rounds;
    const double cpu = (cpu_microseconds() - cpu_before) / messages;

    std::sort(times.begin(), times.end());
    const double median = times[times.size() / 2];
    const double p99 = times[times.size() * 99 / 100];
    const char* const format =
        options.is_json
            ? "{\"hosts\": %u, \"fanout\": %u, \"rounds\": %u, \"median_ms\": %.3f, \"p99_ms\": "
              "%.3f, "
              "\"cpu_us_per_message\": %.2f}\n"
            : "%u hosts, fan-out %u, %u rounds: first byte to last answer %.3f ms median, %.3f ms "
              "p99; "
              "%.2f us CPU a message\n";
    std::printf(format, tree.hosts, tree.fanout, options.rounds, median, p99, cpu);
    std::fflush(stdout);
    _exit(0);  // closing a socket with thousands of connections is quadratic
}
