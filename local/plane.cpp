#include "local/plane.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/limits.h"
#include "runtime/clock.h"
#include "runtime/http_problem.h"
#include "runtime/http_request.h"

namespace coppice::local {
namespace {

/// The largest is a message whose every character is escaped.
constexpr std::size_t body_bytes_max = 32UL * 1024;

}  // namespace

Plane::Plane(PlaneConfig config, OwnOfHost& own) : config_{std::move(config)} {
    const StreamPort port{.send = [this](std::uint64_t stream,
                                         std::string_view piece) { outbox_->send(stream, piece); },
                          .open = [this] { return outbox_->streams(); }};
    HubEffects effects;
    effects.keep = [this](const Apply& apply) { applier_->keep(apply); };
    effects.refuse = [this](PushId push, const std::string& reason) {
        applier_->refuse(push, reason);
    };
    // With a full queue of the agent it is as if the daemon had not answered.
    effects.reduced = [this](Reduced reduced) { static_cast<void>(submit_(std::move(reduced))); };
    hub_.emplace(config_.hub, own, port, std::move(effects));
}

Result<std::unique_ptr<Plane>> Plane::open(PlaneConfig config, OwnOfHost& own) {
    std::unique_ptr<Plane> plane{new Plane{std::move(config), own}};
    auto reception = HttpReception::open(
        {.unix_socket = plane->config_.socket, .body_bytes_max = body_bytes_max},
        plane->handlers());
    if (!reception.ok()) return reception.error();
    plane->reception_ = std::move(*reception);
    plane->outbox_.emplace(
        plane->reception_->loop(), HttpOutboxConfig{},
        [hub = &*plane->hub_](std::uint64_t stream) { hub->on_stream_end(stream, steady_now()); });
    return plane;
}

Plane::~Plane() { stop(); }

HttpReception::Handlers Plane::handlers() {
    return {.take = [this](HttpArrival& arrival) { return take(arrival); },
            .answer =
                [](HttpTurnedAway why) {
                    return http_answer_text(http_turned_away(why, HttpReceptionConfig{}.patience));
                },
            .failed_accept = [] {},
            .admits = [this](int socket) { return admits(socket); },
            .work = [this](Instant now) { return work(now); }};
}

void Plane::start(PushApplier& applier, Submit submit) {
    applier_ = &applier;
    submit_ = std::move(submit);
    reception_->start();
}

void Plane::stop() {
    if (!reception_) return;
    reception_->stop();
    ::unlink(config_.socket.path.c_str());
    outbox_.reset();
    reception_.reset();
}

/// The mode of the file says the same, but a file can be given another mode, and reached from
/// containers in which other users have the same number.
bool Plane::admits(int socket) const {
    const std::optional<Peer> peer = peer_of(socket);
    if (!peer) return false;
    if (peer->user == 0 || peer->user == ::geteuid()) return true;
    const auto& group = config_.socket.group;
    return group &&
           std::find(peer->groups.begin(), peer->groups.end(), *group) != peer->groups.end();
}

bool Plane::take(HttpArrival& arrival) {
    if (arrival.is_cut) {
        const std::string text =
            http_answer_text(http_problem(413, "a body has a Content-Length of at most " +
                                                   std::to_string(body_bytes_max) + " bytes"));
        ::send(arrival.socket.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        reception_->dismiss(std::move(arrival.socket));
        return true;
    }
    const Result<HttpRequest> request = parse_http_request(arrival.bytes);
    if (!request.ok()) {
        outbox_->answer(std::move(arrival.socket), http_problem(400, request.error().message));
        return true;
    }
    Reply reply = hub_->answer(*request, steady_now());
    if (reply.said) {
        say(std::move(*reply.said), std::move(arrival.socket));
    } else if (reply.begin) {
        reply.begin(outbox_->open(std::move(arrival.socket)));
    } else {
        outbox_->answer(std::move(arrival.socket), reply.response);
    }
    return true;
}

Instant Plane::work(Instant now) {
    hub_->work(now, boot_now());
    return std::min(outbox_->work(now), hub_->next_deadline(now, boot_now()));
}

void Plane::say(LocalSaid said, FileDescriptor socket) {
    const RequestId request{++newest_request_.value};
    said.request = request;
    const bool has_room = speaking_.size() < limits::local_messages_unsent_max;
    if (has_room && submit_(std::move(said))) {
        speaking_.emplace(request, std::move(socket));
        return;
    }
    outbox_->answer(std::move(socket),
                    http_problem(503, "the agent is too busy to send it; try again in a second"));
}

void Plane::answer(const coppice::Reply& reply) {
    auto speaker = speaking_.extract(reply.request);
    outbox_->answer(std::move(speaker.mapped()), response_to(reply.answer));
}

// --- on the thread of main ----------------------------------------------------------------------

void Plane::show(const Agent& agent) {
    show_role(agent);
    show_topics(agent);
    show_replies();
}

void Plane::show_role(const Agent& agent) {
    const AgentGlance glance = agent.glance();
    const Instant expires_at = agent.role_expires_at();
    const bool is_leaving = agent.is_leaving();
    const bool is_same =
        is_shown_ && glance == glance_ && expires_at == expires_at_ && is_leaving == is_leaving_;
    if (is_same) return;
    RoleShown role{.name = config_.name, .view = agent.view(), .expires = std::nullopt};
    if (expires_at != never)
        role.expires =
            expiry_clock_.expiry(expires_at, agent.role_lease(), steady_now(), boot_now());
    // With a full queue it is tried again after the next batch.
    is_shown_ =
        reception_->post([this, role = std::move(role)] { hub_->on_role(role, boot_now()); });
    glance_ = glance;
    expires_at_ = expires_at;
    is_leaving_ = is_leaving;
}

void Plane::show_topics(const Agent& agent) {
    if (agent.applied_count() == applied_) return;
    bool is_all = true;
    for (const auto& [topic, record] : agent.applied()) {
        if (topic == stop_topic) continue;  // the agent's own
        const TopicShown shown{record.version, record.is_withdrawn};
        const auto known = topics_.find(topic);
        if (known != topics_.end() && known->second == shown) continue;
        const bool is_posted =
            reception_->post([this, name = topic, shown] { hub_->on_topic(name, shown); });
        if (is_posted) topics_.insert_or_assign(topic, shown);
        is_all = is_all && is_posted;
    }
    if (is_all) applied_ = agent.applied_count();
}

/// With a full queue it is tried again after the next batch.
void Plane::show_replies() {
    if (replies_.empty()) return;
    const bool is_posted = reception_->post([this, replies = replies_] {
        for (const coppice::Reply& reply : replies) answer(reply);
    });
    if (is_posted) replies_.clear();
}

void Plane::on_heard(const LocalHeard& heard) {
    const std::size_t bytes = heard.message.channel.size() + heard.message.body.size();
    if (heard_bytes_ + bytes > limits::local_heard_bytes_max) return;
    heard_bytes_ += bytes;
    const bool is_posted = reception_->post([this, heard, bytes] {
        heard_bytes_ -= bytes;
        hub_->on_heard(heard);
    });
    if (!is_posted) heard_bytes_ -= bytes;
}

bool Plane::reduce(const Reduce& reduce) {
    return reception_->post([this, reduce] { hub_->reduce(reduce, steady_now()); });
}

bool Plane::hand_over(const Apply& apply) {
    return reception_->post([this, apply] {
        if (!hub_->take(apply, steady_now())) applier_->write(apply);
    });
}

}  // namespace coppice::local
