// Runs one node through the driver and turns its effects into events.
#include "simulator/virtual_host.h"

#include <algorithm>
#include <utility>

#include "common/ensure.h"
#include "simulator/message_text.h"

namespace coppice {

namespace {

constexpr Duration clock_period = std::chrono::seconds{60};
constexpr Duration clock_step = std::chrono::milliseconds{1};
constexpr std::int64_t million = 1'000'000;
// What a call of the schedule is for.
constexpr std::uint64_t timer_event = 0;
constexpr std::uint64_t clock_event = 1;
constexpr std::uint64_t work_event = 2;
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

// --- clocks -------------------------------------------------------------------------------------

Instant VirtualHost::local(Instant world) const {
    return world + world.time_since_epoch() / million * clock_.ppm;
}

Instant VirtualHost::world_time(Instant local_time) const {
    if (clock_.ppm == 0) return local_time;
    const Duration passed = local_time.time_since_epoch();
    Instant world{passed - passed / (million + clock_.ppm) * clock_.ppm};
    while (local(world) < local_time) world += clock_step;
    return world;
}

UnixMillis VirtualHost::unix_time(Instant world) const {
    return around_.options.unix_start + clock_.offset +
           std::chrono::duration_cast<UnixMillis>(local(world).time_since_epoch());
}

void VirtualHost::set_clock(const ClockError& error) {
    COPPICE_ENSURE(phase_ == Phase::down, "the clock of a running process was changed");
    clock_ = error;
}

void VirtualHost::read_clock() {
    const Instant now = around_.schedule.now();
    clock_due_ = now + clock_period;
    around_.schedule.at(clock_due_, *this, clock_event);
    handle(ClockRead{unix_time(now)});
}

// --- the life of a process ----------------------------------------------------------------------

void VirtualHost::start() {
    COPPICE_ENSURE(phase_ == Phase::down, "a process was started twice");
    phase_ = Phase::running;
    ++run_;
    node_ = setup_.make_node(store_.load(), run_);
    driver_.emplace(*node_, static_cast<Store&>(*this), static_cast<World&>(*this));
    around_.network.process_started(index_);
    for (Witness* witness : around_.witnesses) witness->on_process(index_, true);
    const Instant now = around_.schedule.now();
    clock_due_ = now + clock_period;
    around_.schedule.at(clock_due_, *this, clock_event);
    handle(Started{unix_time(now)});
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
    if (around_.random.below(2) == 0) inbox_.insert(inbox_.begin(), DeadlineReached{});
    work_off();
}

/// Whatever has waited, in batches that share a commit.
void VirtualHost::work_off() {
    work_due_.reset();
    is_working_off_ = true;
    const std::vector<Input> inputs = std::exchange(inbox_, {});
    std::size_t fed = 0;
    for (const Input& input : inputs) {
        if (phase_ != Phase::running) break;
        // What the clock shows when the process gets to reading it.
        const bool is_clock = std::holds_alternative<ClockRead>(input);
        feed(is_clock ? ClockRead{unix_time(around_.schedule.now())} : input);
        if (++fed % batch_max == 0) flush();
    }
    if (phase_ == Phase::running) flush();
    is_working_off_ = false;
    if (phase_ != Phase::running) return;
    overloaded_until_ = around_.schedule.now() + per_input_ * static_cast<Duration::rep>(fed);
    work_when_free();
}

void VirtualHost::work_when_free() {
    if (phase_ != Phase::running || is_working_off_ || inbox_.empty()) return;
    const Instant time = std::max(free_at(), around_.schedule.now());
    if (work_due_ == time) return;
    work_due_ = time;
    around_.schedule.at(time, *this, work_event);
}

void VirtualHost::set_overload(Duration per_input) {
    per_input_ = per_input;
    if (per_input > Duration{}) return;
    overloaded_until_ = Instant{};
    work_when_free();
}

void VirtualHost::handle(Input&& input) {
    if (phase_ == Phase::down) return;
    const Instant now = around_.schedule.now();
    const bool is_busy = free_at() > now || is_working_off_ || !inbox_.empty();
    if (phase_ == Phase::paused || is_busy) {
        inbox_.push_back(std::move(input));
        return work_when_free();
    }
    overloaded_until_ = now + per_input_;
    feed(input);
    flush();
}

void VirtualHost::feed(const Input& input) {
    const Instant now = around_.schedule.now();
    const Trace& trace = around_.trace;
    if (trace.is_textual()) {
        const auto* received = std::get_if<Received>(&input);
        const std::string what = received == nullptr
                                     ? std::string{name_of(input)}
                                     : text_of(received->frame.body) + ", from #" +
                                           std::to_string(received->frame.header.sender.value);
        trace.line(now, setup_.name + " <- " + what);
    }
    for (Witness* witness : around_.witnesses) witness->on_input(index_, input);
    driver_->feed(input, local(now));
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
    under_way_ = 0;
    writer_free_at_ = Instant{};
    work_due_.reset();
    overloaded_until_ = Instant{};
    committing_until_ = Instant{};
    is_stopping_ = false;
    for (Witness* witness : around_.witnesses) witness->on_process(index_, false);
}

// --- timers -------------------------------------------------------------------------------------

void VirtualHost::arm() {
    const Instant deadline = node_->next_deadline();
    if (deadline == never) return;
    const Instant now = around_.schedule.now();
    const Instant wanted = world_time(deadline);
    const Instant time = wanted > now ? wanted : now + timer_step;
    if (armed_.has_value() && *armed_ <= time) return;
    armed_ = time;
    around_.schedule.at(time, *this, timer_event);
}

/// Timers of an earlier run, and those that an earlier one overtook, are void: only the armed
/// instant counts.
void VirtualHost::happen(std::uint64_t what) {
    const Instant now = around_.schedule.now();
    if (phase_ == Phase::down) return;
    if (what == clock_event) {
        if (clock_due_ == now) read_clock();
    } else if (what == work_event) {
        if (work_due_ == now && phase_ == Phase::running) work_off();
    } else if (armed_ == now) {
        on_timer();
    }
}

void VirtualHost::on_timer() {
    armed_.reset();
    if (phase_ != Phase::running) return;
    const Instant now = around_.schedule.now();
    if (node_->next_deadline() > local(now)) return arm();
    handle(DeadlineReached{});
    const bool is_early = phase_ == Phase::running && node_->next_deadline() <= local(now);
    early_timers_ = is_early ? early_timers_ + 1 : 0;
    if (early_timers_ == early_timers_max)
        around_.trace.fault(now, setup_.name + " spins: its deadline never lies ahead");
}

// --- quiet stretches ----------------------------------------------------------------------------

bool VirtualHost::is_idle() const {
    return phase_ == Phase::running && clock_.ppm == 0 && inbox_.empty() && under_way_ == 0 &&
           per_input_ == Duration{};
}

void VirtualHost::catch_up() {
    armed_.reset();
    if (phase_ == Phase::down) return;
    const Instant now = around_.schedule.now();
    if (clock_due_ < now) {
        const Instant read = now - (now - clock_due_) % clock_period;
        clock_due_ = read + clock_period;
        static_cast<void>(node_->step(ClockRead{unix_time(read)}, read));
    }
    around_.schedule.at(clock_due_, *this, clock_event);
    arm();
}

// --- effects ------------------------------------------------------------------------------------

void VirtualHost::refuse(const std::string& topic, const std::string& reason) {
    if (reason.empty())
        refusals_.erase(topic);
    else
        refusals_[topic] = reason;
}

Result<Done> VirtualHost::commit(std::span<const Write> writes) {
    Result<Done> committed = store_.commit(writes);
    if (!committed.ok()) return committed;
    for (const Write& write : writes) around_.trace.mix(around_.schedule.now(), index_, write);
    for (Witness* witness : around_.witnesses) witness->on_commit(index_, writes);
    // What follows from a slow commit waits for it, and so does every later input.
    if (store_.commit_time() > Duration{})
        committing_until_ = around_.schedule.now() + store_.commit_time();
    return committed;
}

void VirtualHost::connect(const Connect& connect) { around_.network.connect(index_, connect); }

void VirtualHost::send(Send send) {
    for (Witness* witness : around_.witnesses) witness->on_send(index_, send);
    const Instant now = around_.schedule.now();
    if (committing_until_ <= now) return around_.network.send(index_, send);
    later(committing_until_ - now,
          [this, held_back = std::move(send)] { around_.network.send(index_, held_back); });
}

void VirtualHost::disconnect(Route route) { around_.network.disconnect(index_, route); }

void VirtualHost::probe(const Probe& probe) { around_.network.probe(index_, probe); }

void VirtualHost::apply(const Apply& apply) {
    const Instant now = around_.schedule.now();
    const Duration time =
        around_.random.between(around_.options.apply_min, around_.options.apply_max) + apply_delay_;
    writer_free_at_ = std::max(writer_free_at_, now) + time;  // one writer: in the order asked
    ++under_way_;
    later(writer_free_at_ - now, [this, apply] {
        --under_way_;
        const auto refusal = refusals_.find(apply.topic);
        if (refusal != refusals_.end()) {
            refused_[apply.topic] = apply.push;
            return handle(ApplyFinished{apply.push, refusal->second});
        }
        refused_.erase(apply.topic);
        AppliedFile& file = disk_[apply.topic];
        if (apply.version < file.version)
            around_.trace.fault(around_.schedule.now(), setup_.name + " went back from version " +
                                                            std::to_string(file.version) + " of " +
                                                            apply.topic + " to " +
                                                            std::to_string(apply.version));
        file = AppliedFile{apply.version, apply.push, apply.content->payload,
                           apply.content->is_withdrawal};
        handle(ApplyFinished{apply.push, std::nullopt});
    });
}

void VirtualHost::reply(Reply reply) { around_.on_reply(index_, reply); }

void VirtualHost::hear(const LocalHeard& heard) {
    for (Witness* witness : around_.witnesses) witness->on_heard(index_, heard);
}

void VirtualHost::reduce(const Reduce& reduce) {
    std::optional<ReducerAnswer> answer = answer_to(reduce, reducer_);
    if (!answer) return;
    ++under_way_;
    later(answer->after, [this, reduced = std::move(answer->reduced)] {
        --under_way_;
        handle(Reduced{reduced});
    });
}

void VirtualHost::notice(const Notice& notice) {
    Trace& trace = around_.trace;
    if (trace.is_textual())
        trace.line(around_.schedule.now(),
                   setup_.name + " says " + notice.what + ": " + notice.text);
}

void VirtualHost::measure() {
    ++under_way_;
    later(measure_time, [this] {
        --under_way_;
        handle(Measured{setup_.measurements, contributions_of(index_)});
    });
}

}  // namespace coppice
