#pragma once
// One request that is in memory, and the connection that waits for its answer. Seen by
// http_server.cpp alone.

#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "common/time.h"
#include "runtime/clock.h"
#include "runtime/http_reception.h"

namespace coppice {

class HttpExchange final : public httplib::Stream {
public:
    /// `patience`: within which the client takes a piece of its answer.
    HttpExchange(HttpArrival& arrival, Duration patience)
        : arrival_{arrival}, patience_{patience} {}

    bool is_readable() const override { return position_ < arrival_.bytes.size(); }

    /// False when the client has gone.
    bool is_writable() const override {
        pollfd client{.fd = socket(), .events = POLLRDHUP, .revents = 0};
        return ::poll(&client, 1, 0) == 0;
    }

    ssize_t read(char* to, std::size_t size) override {
        size = std::min(size, arrival_.bytes.size() - position_);
        std::memcpy(to, arrival_.bytes.data() + position_, size);
        position_ += size;
        return static_cast<ssize_t>(size);
    }

    /// All of it, or -1 when the client has gone or reads too slowly.
    ssize_t write(const char* data, std::size_t size) override {
        for (std::size_t sent = 0; sent < size; sent += piece_bytes)
            if (!write_piece(data + sent, std::min(piece_bytes, size - sent))) return -1;
        return static_cast<ssize_t>(size);
    }

    void get_remote_ip_and_port(std::string& ip, int& port) const override {
        ip.clear();
        port = 0;
    }
    void get_local_ip_and_port(std::string& ip, int& port) const override {
        get_remote_ip_and_port(ip, port);
    }
    int socket() const override { return arrival_.socket.get(); }

    /// The client did not take its answer in time.
    [[nodiscard]] bool is_too_slow() const { return is_too_slow_; }

    /// Each piece of an answer has the whole patience.
    static constexpr std::size_t piece_bytes = 1024UL * 1024;

private:
    bool write_piece(const char* data, std::size_t size) {
        const Instant deadline = steady_now() + patience_;
        while (size > 0) {
            const ssize_t sent = ::send(socket(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent >= 0) {
                data += sent;
                size -= static_cast<std::size_t>(sent);
            } else if (errno != EINTR && (errno != EAGAIN || !wait_for_room(deadline))) {
                return false;
            }
        }
        return true;
    }

    bool wait_for_room(Instant deadline) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_now()).count();
        pollfd client{.fd = socket(), .events = POLLOUT, .revents = 0};
        is_too_slow_ = left <= 0 || ::poll(&client, 1, static_cast<int>(left)) == 0;
        return !is_too_slow_;
    }

    HttpArrival& arrival_;
    const Duration patience_;
    std::size_t position_ = 0;
    bool is_too_slow_ = false;
};

}  // namespace coppice
