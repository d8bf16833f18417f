// Runs one node through the driver and turns its effects into events.
#include "simulator/virtual_host.h"

#include <algorithm>
#include <utility>

#include "common/ensure.h"
#include "simulator/message_text.h"

namespace coppice {

namespace {

constexpr Duration clock_period = std::chrono::seconds{60};
constexpr Duration measure_time = std::chrono::milliseconds{1};
/// A timer that finds its deadline still passed runs again after this, as a real loop would.
constexpr Duration timer_step = std::chrono::milliseconds{1};
constexpr std::uint64_t early_timers_max = 1000;
/// Inputs that wait together share a commit.
constexpr std::size_t batch_max = 16;

}  // namespace

void VirtualHost::later(Duration delay, std::function<void()> action) {
    around_.schedule.after(delay, [this, run = run_, todo = std::move(action)] {
        if (run_ == run && phase_ != Phase::down) todo();
    });
}

UnixMillis VirtualHost::unix_time() const {
    return around_.options.unix_start +
           std::chrono::duration_cast<UnixMillis>(around_.schedule.now().time_since_epoch());
}

void VirtualHost::start() {
    COPPICE_ENSURE(phase_ == Phase::down, "a process was started twice");
    phase_ = Phase::running;
    ++run_;
    node_ = setup_.make_node(store_.load(), run_);
    driver_.emplace(*node_, static_cast<Store&>(*this), static_cast<World&>(*this));
    around_.network.process_started(index_);
    for (Witness* witness : around_.witnesses) witness->on_process(index_, true);
    handle(Started{unix_time()});
    read_clock_later();
}

void VirtualHost::read_clock_later() {
    later(clock_period, [this] {
        read_clock_later();
        handle(ClockRead{unix_time()});
    });
}

void VirtualHost::pause() {
    if (phase_ != Phase::running) return;
    phase_ = Phase::paused;
    around_.network.set_stalled(index_, true);
}

void VirtualHost::resume() {
    if (phase_ != Phase::paused) return;
    phase_ = Phase::running;
    around_.network.set_stalled(index_, false);
    armed_.reset();
    // A real loop may look at its timer or at its sockets first.
    if (around_.random.below(2) == 0) inbox_.push_front(DeadlineReached{});
    const std::deque<Input> inputs = std::exchange(inbox_, {});
    std::size_t fed = 0;
    for (const Input& input : inputs) {
        if (phase_ != Phase::running) return;
        feed(input);
        if (++fed % batch_max == 0) flush();
    }
    if (phase_ == Phase::running) flush();
}

void VirtualHost::handle(const Input& input) {
    if (phase_ == Phase::down) return;
    if (phase_ == Phase::paused) return inbox_.push_back(input);
    feed(input);
    flush();
}

void VirtualHost::feed(const Input& input) {
    Trace& trace = around_.trace;
    const Instant now = around_.schedule.now();
    trace.mix(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    trace.mix(index_ << 8U | input.index());
    if (trace.is_textual()) {
        const auto* received = std::get_if<Received>(&input);
        const std::string what = received == nullptr
                                     ? std::string{name_of(input)}
                                     : text_of(received->frame.body) + ", from #" +
                                           std::to_string(received->frame.header.sender.value);
        trace.line(now, setup_.name + " <- " + what);
    }
    for (Witness* witness : around_.witnesses) witness->on_input(index_, input);
    driver_->feed(input, now);
}

void VirtualHost::flush() {
    const Result<Done> flushed = driver_->flush();
    if (!flushed.ok()) return end(false);
    for (Witness* witness : around_.witnesses) witness->on_step(index_, *node_);
    if (is_stopping_) return end(true);
    arm();
}

void VirtualHost::end(bool is_polite) {
    if (phase_ == Phase::down) return;
    phase_ = Phase::down;
    around_.network.process_gone(index_, is_polite);
    driver_.reset();
    node_.reset();
    inbox_.clear();
    armed_.reset();
    early_timers_ = 0;
    writer_free_at_ = Instant{};
    is_stopping_ = false;
    for (Witness* witness : around_.witnesses) witness->on_process(index_, false);
}

void VirtualHost::arm() {
    const Instant deadline = node_->next_deadline();
    if (deadline == never) return;
    const Instant now = around_.schedule.now();
    const Instant time = deadline > now ? deadline : now + timer_step;
    if (armed_.has_value() && *armed_ <= time) return;
    armed_ = time;
    around_.schedule.at(time, [this, run = run_, time] {
        if (run_ == run && armed_ == time) on_timer();
    });
}

void VirtualHost::on_timer() {
    armed_.reset();
    if (phase_ != Phase::running) return;
    const Instant now = around_.schedule.now();
    if (node_->next_deadline() > now) return arm();
    handle(DeadlineReached{});
    const bool is_early = phase_ == Phase::running && node_->next_deadline() <= now;
    early_timers_ = is_early ? early_timers_ + 1 : 0;
    if (early_timers_ == early_timers_max)
        around_.trace.fault(now, setup_.name + " spins: its deadline never lies ahead");
}

void VirtualHost::refuse(const std::string& topic, const std::string& reason) {
    if (reason.empty())
        refusals_.erase(topic);
    else
        refusals_[topic] = reason;
}

Result<Done> VirtualHost::commit(std::span<const Write> writes) {
    Result<Done> committed = store_.commit(writes);
    if (committed.ok())
        for (Witness* witness : around_.witnesses) witness->on_commit(index_, writes);
    return committed;
}

void VirtualHost::connect(const Connect& connect) { around_.network.connect(index_, connect); }

void VirtualHost::send(Send send) {
    for (Witness* witness : around_.witnesses) witness->on_send(index_, send);
    around_.network.send(index_, send);
}

void VirtualHost::disconnect(Route route) { around_.network.disconnect(index_, route); }

void VirtualHost::probe(const Probe& probe) { around_.network.probe(index_, probe); }

void VirtualHost::apply(const Apply& apply) {
    const Instant now = around_.schedule.now();
    const Duration time =
        around_.random.between(around_.options.apply_min, around_.options.apply_max);
    writer_free_at_ = std::max(writer_free_at_, now) + time;  // one writer: in the order asked
    later(writer_free_at_ - now, [this, apply] {
        const auto refusal = refusals_.find(apply.topic);
        if (refusal != refusals_.end()) return handle(ApplyFinished{apply.push, refusal->second});
        AppliedFile& file = disk_[apply.topic];
        if (apply.version < file.version)
            around_.trace.fault(around_.schedule.now(), setup_.name + " went back from version " +
                                                            std::to_string(file.version) + " of " +
                                                            apply.topic + " to " +
                                                            std::to_string(apply.version));
        file = AppliedFile{apply.version, apply.push, apply.content->payload};
        handle(ApplyFinished{apply.push, std::nullopt});
    });
}

void VirtualHost::reply(Reply reply) { around_.on_reply(index_, reply); }

void VirtualHost::notice(const Notice& notice) {
    Trace& trace = around_.trace;
    if (trace.is_textual())
        trace.line(around_.schedule.now(),
                   setup_.name + " says " + notice.what + ": " + notice.text);
}

void VirtualHost::measure() {
    later(measure_time, [this] { handle(Measured{setup_.measurements}); });
}

}  // namespace coppice
