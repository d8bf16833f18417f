#include "client/stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace coppice::client {

Stream::Stream(std::string socket, Request request, Handlers handlers)
    : socket_{std::move(socket)}, request_{std::move(request)}, handlers_{std::move(handlers)} {}

void Stream::work(Clock::time_point now) {
    if (connection_.is_open() || now < due_) return;
    Outcome<Descriptor> opened = send_request(socket_, request_);
    if (!opened) return close(now);
    connection_ = std::move(opened).take();
    due_ = Clock::time_point::max();
}

void Stream::on_readable(Clock::time_point now) {
    std::array<char, 16UL * 1024> piece;
    const ssize_t size = ::recv(connection_.get(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return close(now);
    const std::string_view text{piece.data(), static_cast<std::size_t>(size)};
    if (has_head_) {
        if (!reader_.feed(text)) return close(now);
    } else {
        head_.append(text);
        read_head();
    }
    while (std::optional<StreamEvent> event = reader_.take()) {
        if (!event->id.empty()) request_.last_event_id = event->id;
        handlers_.event(*event);
    }
}

/// A refusal ends the connection by itself: it is asked again later.
void Stream::read_head() {
    constexpr std::string_view end_of_head = "\r\n\r\n";
    const std::size_t end = head_.find(end_of_head);
    if (end == std::string::npos) return;
    const std::string rest = head_.substr(end + end_of_head.size());
    if (status_in(head_) != 200) return;
    has_head_ = true;
    pause_ = pause_min;
    handlers_.connection(true);
    static_cast<void>(reader_.feed(rest));
}

void Stream::close(Clock::time_point now) {
    connection_ = Descriptor{};
    head_.clear();
    reader_ = EventReader{};
    due_ = now + pause_;
    pause_ = std::min(pause_ * 2, pause_max);
    if (std::exchange(has_head_, false)) handlers_.connection(false);
}

}  // namespace coppice::client
