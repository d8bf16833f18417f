// Every effect of every step is looked at before it happens.
#include "tests/fuzz/contract.h"

#include "common/limits.h"
#include "schemas/codec.h"
#include "tests/fuzz/decisions.h"

namespace coppice::fuzz {
namespace {

/// Steps at one instant after which a node is taken to run in circles.
constexpr int steps_at_once_max = 64;

bool is_own(Route route) { return route.value % 2 == 1; }

}  // namespace

Loaded NodeRunner::restart() {
    connections_.clear();
    accepted_.clear();
    links_.clear();
    asked_.clear();
    is_stopped_ = false;
    return store_.load();
}

LinkId NodeRunner::link_on(Route route) const {
    const auto found = links_.find(route);
    return found == links_.end() ? LinkId{} : found->second;
}

Outputs NodeRunner::feed(const Input& input) {
    if (is_stopped_) return {};
    if (const auto* received = std::get_if<Received>(&input))
        if (!is_own(received->route)) accepted_.insert(received->route);
    if (const auto* command = std::get_if<CommandReceived>(&input)) asked_.insert(command->request);
    if (const auto* said = std::get_if<LocalSaid>(&input)) asked_.insert(said->request);
    Outputs out = node_->step(input, now_);
    check(out, input);
    is_stopped_ = out.stopped;
    return out;
}

std::vector<Outputs> NodeRunner::wait(Duration span_max) {
    std::vector<Outputs> all;
    const Instant due = node_->next_deadline();
    now_ = std::max(now_, std::min(due, now_ + span_max));
    for (int steps = 0; !is_stopped_ && node_->next_deadline() <= now_; ++steps) {
        COPPICE_ENSURE(steps < steps_at_once_max, "a deadline ends when it is reached");
        all.push_back(feed(DeadlineReached{}));
    }
    return all;
}

void NodeRunner::check(const Outputs& out, const Input& input) {
    COPPICE_ENSURE(store_.commit(out.writes).ok(), "writes can be committed");
    for (const Connect& connect : out.connects) {
        COPPICE_ENSURE(is_own(connect.route), "a node opens odd routes");
        COPPICE_ENSURE(connections_.emplace(connect.route, connect.peer).second, "each once");
    }
    COPPICE_ENSURE(out.sends.size() <= bounds_.sends_max, "one step sends too much");
    const auto* received = std::get_if<Received>(&input);
    for (const Send& send : out.sends) {
        // To answer on a connection that is being closed is no mistake.
        const bool is_answer = received != nullptr && received->route == send.route;
        const bool is_open =
            is_own(send.route) ? connections_.contains(send.route) : accepted_.contains(send.route);
        COPPICE_ENSURE(is_answer || is_open, "a frame goes to a route that stands");
        check_frame(send);
    }
    for (const Disconnect& gone : out.disconnects)
        COPPICE_ENSURE(connections_.erase(gone.route) == 1, "a node closes what it has opened");
    COPPICE_ENSURE(connections_.size() <= bounds_.connections_max, "too many connections");
    for (const Reply& reply : out.replies)
        COPPICE_ENSURE(asked_.erase(reply.request) == 1, "a command is answered once");
    const bool is_heard = received != nullptr && out.heard.size() == 1 &&
                          received->frame.body == Message{out.heard[0].message} &&
                          received->frame.header.sender == out.heard[0].from;
    COPPICE_ENSURE(out.heard.empty() || is_heard, "what is heard is what came, from who sent it");
    for (const Probe& probe : out.probes)
        COPPICE_ENSURE(probe.time_limit > Duration{}, "a probe has time");
    for (const Reduce& reduce : out.reductions) {
        COPPICE_ENSURE(reduce.parts->size() > 1, "there is something to reduce");
        COPPICE_ENSURE(reduce.time_limit >= Duration{}, "a reducer has time");
    }
    const bool is_command = std::holds_alternative<CommandReceived>(input);
    COPPICE_ENSURE(is_command || out.notices.size() <= bounds_.sends_max, "too many notices");
}

void NodeRunner::check_frame(const Send& send) {
    const Bytes bytes = encode(send.frame);
    COPPICE_ENSURE(bytes.size() <= limits::frame_bytes_max, "a frame is too large");
    const Result<Frame> decoded = decode_frame(bytes);
    COPPICE_ENSURE(decoded.ok(), "a frame that was sent can be read");
    COPPICE_ENSURE(*decoded == send.frame, "as it was sent");
    links_[send.route] = send.frame.header.link;
}

}  // namespace coppice::fuzz
