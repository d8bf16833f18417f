#include "runtime/http_outbox.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "runtime/clock.h"
#include "runtime/http_problem.h"

namespace coppice {
namespace {

constexpr std::string_view stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    "Connection: close\r\n\r\n";
constexpr std::string_view comment = ": \n\n";

/// False when the client has gone. What it still sends means nothing.
bool is_there(int socket) {
    std::array<char, 1024> unwanted;
    const ssize_t size = ::recv(socket, unwanted.data(), unwanted.size(), MSG_DONTWAIT);
    return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

}  // namespace

HttpOutbox::HttpOutbox(Loop& loop, HttpOutboxConfig config, std::function<void(Number)> on_end)
    : loop_{loop}, config_{config}, on_end_{std::move(on_end)} {}

HttpOutbox::~HttpOutbox() {
    for (const auto& [number, connection] : connections_) loop_.unwatch(connection.socket.get());
}

void HttpOutbox::answer(FileDescriptor socket, const HttpResponse& response) {
    push(add(std::move(socket), http_answer_text(response), false));
}

HttpOutbox::Number HttpOutbox::open(FileDescriptor socket) {
    const Number number = add(std::move(socket), std::string{stream_head}, true);
    push(number);
    return number;
}

HttpOutbox::Number HttpOutbox::add(FileDescriptor socket, std::string bytes, bool is_stream) {
    const Number number = next_++;
    connections_.emplace(number, Connection{.socket = std::move(socket),
                                            .waiting = std::move(bytes),
                                            .is_stream = is_stream,
                                            .due = steady_now() + config_.patience});
    if (is_stream) ++streams_;
    watch(number);
    return number;
}

/// Only a stream is looked at for its end: whoever asks may have closed its half already.
void HttpOutbox::watch(Number number) {
    const Connection& connection = connections_.at(number);
    const std::uint32_t end = connection.is_stream ? EPOLLIN | EPOLLRDHUP : 0U;
    const std::uint32_t room = connection.waits_for_room ? EPOLLOUT : 0U;
    loop_.watch(connection.socket.get(), end | room, [this, number] { on_event(number); });
}

void HttpOutbox::send(Number stream, std::string_view piece) {
    const auto found = connections_.find(stream);
    if (found == connections_.end()) return;
    Connection& connection = found->second;
    if (connection.waiting.size() - connection.sent + piece.size() > config_.stream_bytes_max) {
        ++slow_readers_;
        return remove(stream, true);
    }
    if (connection.waiting.empty()) connection.due = steady_now() + config_.patience;
    connection.waiting.append(piece);
    if (!connection.waits_for_room) push(stream);
}

void HttpOutbox::end(Number stream) {
    if (connections_.contains(stream)) remove(stream, false);
}

void HttpOutbox::push(Number number) {
    Connection& connection = connections_.at(number);
    const int fd = connection.socket.get();
    while (connection.sent < connection.waiting.size()) {
        const ssize_t size =
            ::send(fd, connection.waiting.data() + connection.sent,
                   connection.waiting.size() - connection.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return remove(number, true);
        if (size < 0) break;
        connection.sent += static_cast<std::size_t>(size);
        connection.due = steady_now() + config_.patience;
    }
    const bool waits = connection.sent < connection.waiting.size();
    if (!waits) {
        if (!connection.is_stream) return remove(number, false);
        connection.waiting = {};
        connection.sent = 0;
        connection.due = steady_now() + config_.beat;
    }
    if (waits == connection.waits_for_room) return;
    connection.waits_for_room = waits;
    loop_.unwatch(fd);
    watch(number);
}

void HttpOutbox::on_event(Number number) {
    const auto found = connections_.find(number);
    if (found == connections_.end()) return;
    const bool is_gone = found->second.is_stream && !is_there(found->second.socket.get());
    if (is_gone) return remove(number, true);
    if (found->second.waits_for_room) push(number);
}

void HttpOutbox::remove(Number number, bool tell) {
    const auto found = connections_.find(number);
    const bool was_stream = found->second.is_stream;
    loop_.unwatch(found->second.socket.get());
    connections_.erase(found);
    if (!was_stream) return;
    --streams_;
    if (tell) ended_.push_back(number);
}

Instant HttpOutbox::work(Instant now) {
    cut_off(now);
    for (const Number number : std::exchange(ended_, {})) on_end_(number);
    Instant next = ended_.empty() ? never : now;
    for (const auto& [number, connection] : connections_) next = std::min(next, connection.due);
    return next;
}

void HttpOutbox::cut_off(Instant now) {
    std::vector<Number> due;
    for (const auto& [number, connection] : connections_)
        if (connection.due <= now) due.push_back(number);
    for (const Number number : due) {
        const auto found = connections_.find(number);
        if (found == connections_.end()) continue;
        if (found->second.waiting.empty()) {
            send(number, comment);
            continue;
        }
        ++slow_readers_;
        remove(number, true);
    }
}

}  // namespace coppice
