#include "runtime/daemon.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "common/ensure.h"
#include "runtime/clock.h"
#include "runtime/service_manager.h"

namespace coppice {

Daemon::Daemon(DaemonParts parts)
    : parts_{std::move(parts)},
      driver_{parts_.node, parts_.store, *this},
      prober_{loop_, [this](const ProbeFinished& finished) { submit(finished); }} {
    watch_sources();
}

Daemon::~Daemon() = default;

void Daemon::watch_sources() {
    bool is_watching = loop_.watch(parts_.link.fd(), EPOLLIN, [] {}) &&  // received by each batch
                       loop_.watch(wall_clock_.fd(), EPOLLIN, [this] {
                           if (wall_clock_.take()) submit(ClockRead{.unix_time = unix_now()});
                       });
    if (parts_.applier != nullptr)
        is_watching = is_watching && loop_.watch(parts_.applier->fd(), EPOLLIN, [this] {
            for (ApplyFinished& finished : parts_.applier->take()) submit(std::move(finished));
        });
    if (parts_.signals != nullptr)
        is_watching = is_watching && loop_.watch(parts_.signals->fd(), EPOLLIN, [this] {
            while (parts_.signals->take()) request_stop();
        });
    COPPICE_ENSURE(is_watching, "epoll takes sockets, timers and signals");
}

int Daemon::run() {
    bool is_ready_told = false;
    // Not before: what a node takes for the time would be as late as the process is slow to start.
    driver_.feed(Started{.unix_time = unix_now()}, steady_now());
    while (run_batch()) {
        if (!std::exchange(is_ready_told, true)) tell_service_manager("READY=1");
        if (is_stopped_) return 0;
        if (stop_at_ <= steady_now()) {
            notice(
                {.severity = Severity::warning,
                 .what = "daemon.stopped_early",
                 .text = "ended without the node's goodbye: its peers will find out by silence"});
            return 0;
        }
        loop_.turn(next_wake());
    }
    return 1;
}

bool Daemon::run_batch() {
    const Instant start = steady_now();
    prober_.expire(start);
    feed_waiting(start);
    parts_.link.receive([this](const Input& input) { driver_.feed(input, steady_now()); });
    const Result<Done> flushed = driver_.flush();
    if (flushed.ok() && parts_.settled) parts_.settled();
    if (!flushed.ok())
        notice({.severity = Severity::error,
                .what = "store.commit_failed",
                .text = "the store does not take writes, so this process ends and starts anew: " +
                        flushed.error().message});
    return flushed.ok();
}

void Daemon::feed_waiting(Instant start) {
    Instant now = start;
    for (std::size_t count = 0; count < inputs_per_batch && !inbox_.empty(); ++count) {
        if (now - start > batch_time) break;
        driver_.feed(inbox_.front(), now);
        inbox_.pop_front();
        now = steady_now();
    }
    if (parts_.node.next_deadline() <= now) driver_.feed(DeadlineReached{}, now);
}

Instant Daemon::next_wake() const {
    if (!inbox_.empty() || parts_.link.needs_receive()) return Instant::min();
    return std::min({parts_.node.next_deadline(), prober_.next_deadline(), stop_at_});
}

void Daemon::request_stop() {
    const bool is_repeated = stop_at_ != never;
    stop_at_ = is_repeated ? Instant::min() : steady_now() + stop_time_max;
    if (!is_repeated) tell_service_manager("STOPPING=1");
    submit(StopRequested{});
}

void Daemon::connect(const Connect& connect) { parts_.link.connect(connect); }
void Daemon::send(Send send) { parts_.link.send(send.route, send.frame); }
void Daemon::disconnect(Route route) { parts_.link.disconnect(route); }
void Daemon::probe(const Probe& probe) { prober_.start(probe); }

void Daemon::apply(const Apply& apply) {
    if (parts_.applier != nullptr) return parts_.applier->apply(apply);
    submit(ApplyFinished{.push = apply.push, .refusal = "this process takes no pushes"});
}

void Daemon::reply(Reply reply) {
    if (parts_.reply) parts_.reply(std::move(reply));
}

void Daemon::hear(const LocalHeard& heard) {
    if (parts_.heard) parts_.heard(heard);
}

void Daemon::reduce(const Reduce& reduce) {
    if (!parts_.reduce || !parts_.reduce(reduce)) submit(Reduced{.reduction = reduce.reduction});
}

void Daemon::notice(const Notice& notice) {
    if (parts_.notice) parts_.notice(notice);
}

void Daemon::measure() {
    Measured measured;
    if (parts_.measure) measured.measurements = parts_.measure();
    if (parts_.contributions) measured.contributions = parts_.contributions();
    submit(std::move(measured));
}

void Daemon::stop() { is_stopped_ = true; }

}  // namespace coppice
