#include "swarm/member.h"

#include <utility>

#include "common/ensure.h"
#include "runtime/clock.h"

namespace coppice {

Member::Member(SharedLink::Number number, AgentConfig config, MemberWorld& world)
    : number_{number}, config_{std::move(config)}, world_{world} {
    config_.key = keys_.public_key;
}

Result<Done> Member::start(Instant now) {
    const std::string before = config_.addresses.empty() ? "" : config_.addresses.front();
    Result<std::string> address = world_.link.add(number_, keys_, before);
    if (!address.ok()) return address.error();
    config_.addresses = {std::move(*address)};
    ++config_.seed;  // it differs between the runs of one host
    agent_ = std::make_unique<Agent>(config_, store_.load(), world_.notary);
    World& own = *this;  // a private base
    driver_ = std::make_unique<Driver>(*agent_, store_, own);
    state_ = State::running;
    feed(Started{.unix_time = unix_now()}, now);
    return Done{};
}

void Member::kill() {
    if (state_ == State::down) return;
    state_ = State::down;
    waiting_.clear();
    driver_.reset();
    agent_.reset();
    world_.link.remove(number_);
}

void Member::pause() { state_ = State::paused; }

void Member::resume(Instant now) {
    state_ = State::running;
    feed(ClockRead{.unix_time = unix_now()}, now);
}

void Member::feed(const Input& input, Instant now) {
    if (state_ == State::down) return;
    if (state_ == State::running || waiting_.size() < held_max) waiting_.push_back(input);
    while (state_ == State::running && !waiting_.empty()) {
        const Input next = std::move(waiting_.front());
        waiting_.pop_front();
        step(next, now);
        if (is_stopped_) kill();
    }
}

void Member::step(const Input& input, Instant now) {
    driver_->feed(input, now);
    const Result<Done> flushed = driver_->flush();
    COPPICE_ENSURE(flushed.ok(), "a store in memory takes every write");
}

Instant Member::next_deadline() const {
    return state_ == State::running ? agent_->next_deadline() : never;
}

void Member::connect(const Connect& connect) { world_.link.connect(number_, connect); }

void Member::send(Send send) {
    if (std::holds_alternative<Heartbeat>(send.frame.body)) ++world_.figures.heartbeats;
    world_.link.send(number_, send.route, send.frame);
}

void Member::disconnect(Route route) { world_.link.disconnect(number_, route); }
void Member::probe(const Probe& probe) { world_.probe(number_, probe); }

void Member::apply(const Apply& apply) {
    topics_[apply.topic] = apply.content;
    ++world_.figures.applied;
    waiting_.push_back(ApplyFinished{.push = apply.push, .refusal = std::nullopt});
}

void Member::reply(Reply /*reply*/) {}
void Member::reduce(const Reduce& reduce) {
    waiting_.push_back(Reduced{.reduction = reduce.reduction});
}
void Member::notice(const Notice& notice) { world_.notice(notice); }
void Member::measure() { waiting_.push_back(Measured{.measurements = world_.measure()}); }
void Member::stop() { is_stopped_ = true; }

}  // namespace coppice
