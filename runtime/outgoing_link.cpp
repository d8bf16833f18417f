#include "runtime/outgoing_link.h"

#include <utility>

namespace coppice {
namespace {

constexpr int wanted_events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                              ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED;

}  // namespace

OutgoingLink::OutgoingLink(zmq::context_t& context, const CurveKeys& own, const Connect& connect)
    : key_{connect.peer.key},
      addresses_{connect.peer.addresses},
      socket_{context, zmq::socket_type::dealer},
      monitor_{context, socket_, std::to_string(connect.route.value), wanted_events} {
    constexpr int reconnect_ms = 200;
    constexpr int reconnect_max_ms = 5'000;
    constexpr int connect_timeout_ms = 2'000;
    set_common_options(socket_);
    set_keys(socket_, own);
    socket_.set(zmq::sockopt::curve_serverkey, zmq::const_buffer{key_.data(), key_.size()});
    socket_.set(zmq::sockopt::reconnect_ivl, reconnect_ms);
    socket_.set(zmq::sockopt::reconnect_ivl_max, reconnect_max_ms);
    socket_.set(zmq::sockopt::connect_timeout, connect_timeout_ms);
    connect_to(0);
}

std::vector<int> OutgoingLink::fds() const {
    return {socket_.get(zmq::sockopt::fd), monitor_.fd()};
}

SendOutcome OutgoingLink::send(std::vector<std::uint8_t> bytes) {
    if (is_up_) return send_part(socket_, bytes, false);
    waiting_bytes_ += bytes.size();
    waiting_.push_back(std::move(bytes));
    SendOutcome outcome = SendOutcome::sent;
    while (waiting_.size() > waiting_max || waiting_bytes_ > waiting_bytes_max) {
        waiting_bytes_ -= waiting_.front().size();
        waiting_.pop_front();
        outcome = SendOutcome::full;
    }
    return outcome;
}

bool OutgoingLink::receive(zmq::message_t& body) {
    if (!receive_part(socket_, body)) return false;
    if (drop_rest(socket_, body)) body.rebuild();
    return true;
}

OutgoingLink::News OutgoingLink::follow_events(Instant now) {
    News news;
    while (const std::optional<SocketEvent> event = monitor_.next()) {
        if (event->kind == ZMQ_EVENT_CONNECTED) {
            make_thin(event->value);
            continue;
        }
        if (event->kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            on_up();
            news.is_up = true;
            continue;
        }
        if (event->kind == ZMQ_EVENT_CONNECT_RETRIED && std::exchange(is_pausing_, false)) continue;
        is_pausing_ = event->kind == ZMQ_EVENT_DISCONNECTED;
        if (!std::exchange(is_up_, false)) on_failure();
        news.has_dropped = news.has_dropped || failures_ == 0 || failures_ >= addresses_.size();
    }
    if (now < next_drop_) news.has_dropped = false;
    if (news.has_dropped) next_drop_ = now + drop_gap;
    return news;
}

void OutgoingLink::connect_to(std::size_t index) {
    for (std::size_t tried = 0; tried < addresses_.size(); ++tried) {
        current_ = (index + tried) % addresses_.size();
        if (zmq_connect(socket_.handle(), addresses_[current_].c_str()) == 0) return;
    }
}

void OutgoingLink::on_up() {
    is_up_ = true;
    failures_ = 0;
    for (const auto& bytes : std::exchange(waiting_, {}))
        static_cast<void>(send_part(socket_, bytes, false));
    waiting_bytes_ = 0;
}

void OutgoingLink::on_failure() {
    ++failures_;
    const bool is_first_round = failures_ < addresses_.size();
    const bool is_second_try = failures_ % 2 == 0;
    if (addresses_.size() < 2 || !(is_first_round || is_second_try)) return;
    zmq_disconnect(socket_.handle(), addresses_[current_].c_str());
    is_pausing_ = false;
    connect_to(current_ + 1);
}

}  // namespace coppice
