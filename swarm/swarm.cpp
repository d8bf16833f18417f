#include "swarm/swarm.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <utility>

#include "common/random.h"
#include "runtime/clock.h"
#include "runtime/host_probe.h"
#include "runtime/log.h"
#include "runtime/loop.h"
#include "runtime/notice_throttle.h"
#include "runtime/prober.h"
#include "runtime/signals.h"
#include "runtime/wall_clock.h"
#include "swarm/member.h"

namespace coppice {
namespace {

using Number = SharedLink::Number;

constexpr Duration retry_gap = std::chrono::milliseconds{100};
constexpr Duration measure_gap = std::chrono::seconds{1};
constexpr Duration count_gap = std::chrono::seconds{2};

std::uint64_t cpu_us() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) {
        return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
               static_cast<std::uint64_t>(time.tv_usec);
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

std::uint64_t resident_bytes() {
    std::ifstream in{"/proc/self/statm"};
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    in >> size >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t open_descriptors() {
    std::error_code ignored;
    std::uint64_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd", ignored})
        count += entry.path().empty() ? 0 : 1;
    return count;
}

std::string name_of(const SwarmConfig& config, Number number) {
    constexpr std::size_t digits = 5;
    const std::string text = std::to_string(config.first + number);
    return config.prefix + std::string(digits - std::min(digits, text.size()), '0') + text;
}

}  // namespace

struct Swarm::State {
    explicit State(const SwarmConfig& given);

    void start_more(Instant now);
    void strike(Instant now);
    void bring_back(Instant now);
    /// Deadlines wait this long for others, so that heartbeats share the wakings that they cost.
    static constexpr Duration company = std::chrono::milliseconds{2};

    void run_due(Instant now);
    void feed(Number number, const Input& input);
    void arm(Number number);
    void probe(Number number, const Probe& probe);
    [[nodiscard]] std::vector<Measurement> measure();
    [[nodiscard]] Instant next_wake() const;
    [[nodiscard]] SwarmFigures figures_now();
    [[nodiscard]] std::vector<Number> pick(double share);

    struct Asked {
        Number number = 0;
        ProbeId probe;
    };
    /// A member that is down until `at`.
    struct Struck {
        Instant at;
        Number number = 0;
        friend auto operator<=>(const Struck&, const Struck&) = default;
    };

    const SwarmConfig config;
    SwarmFigures sums;
    SharedNotary notary{config.token.fleet_key};
    SharedLink link{config.process};
    Loop loop;
    Prober prober;
    WallClock wall_clock;
    Log log{LogFormat::text, Severity::info, std::cerr};
    NoticeThrottle throttle{[this](const Notice& notice) { log.write(notice); }};
    HostProbe host_probe;
    std::vector<Measurement> measured;
    Instant measured_at = Instant::min();
    std::map<std::uint64_t, Asked> probes;
    std::uint64_t last_probe = 0;
    Random random{config.seed};

    MemberWorld world{.link = link,
                      .notary = notary,
                      .figures = sums,
                      .probe = [this](Number number, const Probe& one) { probe(number, one); },
                      .measure = [this] { return measure(); },
                      .notice =
                          [this](const Notice& notice) {
                              if (notice.severity < Severity::warning) return;
                              throttle.tell(notice, steady_now());
                          }};
    std::vector<std::unique_ptr<Member>> members;
    std::vector<Instant> armed;  // by member
    std::set<std::pair<Instant, Number>> due;
    std::vector<bool> has_joined;  // by member
    Number started = 0;
    Number joined = 0;
    std::set<Struck> struck;
    Instant next_round = never;
    bool is_refused = false;
    std::uint64_t descriptors = 0;
    Instant next_count = Instant::min();
};

Swarm::State::State(const SwarmConfig& given)
    : config{given}, prober{loop, [this](const ProbeFinished& finished) {
                                const auto asked = probes.extract(finished.probe.value);
                                if (asked.empty()) return;
                                feed(asked.mapped().number,
                                     ProbeFinished{.probe = asked.mapped().probe,
                                                   .result = finished.result});
                            }} {
    const std::vector<Measurement> resources = host_probe.resources();
    const Facts facts = host_probe.facts();
    for (Number number = 0; number < config.agents; ++number) {
        AgentConfig agent{.fleet = config.token.fleet,
                          .name = name_of(config, number),
                          .token_id = config.token.id,
                          .token_secret = config.token.secret,
                          .labels = config.labels,
                          .resources = resources,
                          .facts = facts,
                          .release = COPPICE_VERSION};
        for (const std::string& address : config.managers)
            agent.managers.push_back({manager_host, config.token.manager_key, {address}});
        const Bytes seed = random_bytes(sizeof agent.seed);
        std::copy(seed.begin(), seed.end(), reinterpret_cast<std::uint8_t*>(&agent.seed));
        members.push_back(std::make_unique<Member>(number, std::move(agent), world));
    }
    armed.resize(config.agents, never);
    has_joined.resize(config.agents, false);
}

void Swarm::State::feed(Number number, const Input& input) {
    Member& member = *members[number];
    member.feed(input, steady_now());
    if (member.is_stopped()) is_refused = true;
    arm(number);
    if (has_joined[number] || member.state() != Member::State::running) return;
    if (!member.glance().is_attached) return;
    has_joined[number] = true;
    if (++joined == config.agents && config.round > Duration{})
        next_round = steady_now() + config.round;
}

void Swarm::State::arm(Number number) {
    const Instant deadline = members[number]->next_deadline();
    if (deadline == armed[number]) return;
    due.erase({armed[number], number});
    armed[number] = deadline;
    if (deadline != never) due.insert({deadline, number});
}

void Swarm::State::start_more(Instant now) {
    while (started < config.agents && started - joined < config.joining) {
        const Result<Done> start = members[started]->start(now);
        if (!start.ok()) {
            throttle.tell({.severity = Severity::error,
                           .what = "swarm.cannot_start",
                           .text = start.error().message},
                          now);
            is_refused = true;
            return;
        }
        arm(started++);
    }
}

std::vector<Number> Swarm::State::pick(double share) {
    std::vector<Number> running;
    for (Number number = 0; number < config.agents; ++number)
        if (members[number]->state() == Member::State::running) running.push_back(number);
    const auto count = static_cast<std::size_t>(std::llround(share * config.agents));
    for (std::size_t index = 0; index < std::min(count, running.size()); ++index)
        std::swap(running[index], running[index + random.below(running.size() - index)]);
    running.resize(std::min(count, running.size()));
    return running;
}

void Swarm::State::strike(Instant now) {
    next_round = now + config.round;
    std::vector<Number> killed = pick(config.killed);
    if (config.is_root_killed) {
        for (Number number = 0; number < config.agents; ++number) {
            const bool is_running = members[number]->state() == Member::State::running;
            if (is_running && members[number]->glance().role == Role::root)
                killed.push_back(number);
        }
    }
    for (const Number number : killed) {
        if (members[number]->state() == Member::State::down) continue;  // it was picked as well
        members[number]->kill();
        struck.insert({now + config.down, number});
        ++sums.killed;
        arm(number);
    }
    for (const Number number : pick(config.paused)) {
        members[number]->pause();
        struck.insert({now + config.down, number});
        ++sums.paused;
        arm(number);
    }
}

void Swarm::State::bring_back(Instant now) {
    const Struck first = *struck.begin();
    struck.erase(struck.begin());
    Member& member = *members[first.number];
    if (member.state() == Member::State::paused) {
        member.resume(now);
    } else if (!member.start(now).ok()) {  // its port may still be closing
        struck.insert({now + retry_gap, first.number});
        return;
    }
    ++sums.returned;
    arm(first.number);
}

void Swarm::State::run_due(Instant now) {
    while (!due.empty() && due.begin()->first <= now) feed(due.begin()->second, DeadlineReached{});
    while (!struck.empty() && struck.begin()->at <= now) bring_back(now);
    if (next_round <= now) strike(now);
    start_more(now);
    prober.expire(now);
}

void Swarm::State::probe(Number number, const Probe& probe) {
    Probe own = probe;
    own.probe = ProbeId{++last_probe};
    probes[last_probe] = {.number = number, .probe = probe.probe};
    // Not from within the member's step: a probe may finish at once.
    const bool is_taken = loop.post([this, own] { prober.start(own); });
    if (!is_taken) probes.erase(own.probe.value);
}

std::vector<Measurement> Swarm::State::measure() {
    const Instant now = steady_now();
    if (measured.empty() || now - measured_at > measure_gap) {
        measured = host_probe.measure(now);
        measured_at = now;
    }
    return measured;
}

Instant Swarm::State::next_wake() const {
    if (link.needs_receive()) return Instant::min();
    Instant wake = std::min(next_round, prober.next_deadline());
    if (!due.empty()) wake = std::min(wake, due.begin()->first + company);
    if (!struck.empty()) wake = std::min(wake, struck.begin()->at);
    return wake;
}

SwarmFigures Swarm::State::figures_now() {
    SwarmFigures now = sums;
    now.agents = config.agents;
    for (const auto& member : members) {
        if (member->state() != Member::State::running) continue;
        ++now.running;
        const AgentGlance glance = member->glance();
        if (!glance.is_attached) continue;
        ++now.live;
        ++(glance.role == Role::root     ? now.roots
           : glance.role == Role::branch ? now.branches
                                         : now.leaves);
    }
    if (steady_now() >= next_count) {  // it reads a line of /proc for each
        descriptors = open_descriptors();
        next_count = steady_now() + count_gap;
    }
    now.descriptors = descriptors;
    now.resident_bytes = resident_bytes();
    now.cpu_us = cpu_us();
    const SharedLinkCounters& counters = link.counters();
    now.frames = counters.sent;
    now.dropped_frames = counters.dropped;
    now.bad_frames = counters.bad_frames;
    now.statements_opened = notary.opened();
    now.signatures_checked = notary.checked();
    return now;
}

Swarm::Swarm(const SwarmConfig& config) : state_{std::make_unique<State>(config)} {}
Swarm::~Swarm() = default;

Result<Done> Swarm::run(const Tell& tell) {
    State& state = *state_;
    Signals signals;
    bool is_ending = false;
    state.loop.watch(state.link.fd(), EPOLLIN, [] {});
    state.loop.watch(signals.fd(), EPOLLIN, [&] { is_ending = signals.take() || is_ending; });
    state.loop.watch(state.wall_clock.fd(), EPOLLIN, [&] {
        if (!state.wall_clock.take()) return;
        for (Number number = 0; number < state.started; ++number)
            state.feed(number, ClockRead{.unix_time = unix_now()});
    });
    Instant next_tell = steady_now();
    while (!is_ending && !state.is_refused) {
        const Instant now = steady_now();
        state.run_due(now);
        state.link.receive([&](Number number, const Input& input) { state.feed(number, input); });
        if (now >= next_tell) {
            tell(state.figures_now());
            next_tell = now + tell_gap;
        }
        state.loop.turn(std::min(state.next_wake(), next_tell));
    }
    tell(state.figures_now());
    if (state.is_refused)
        return Error{"an agent could not start or was refused; the lines above say why"};
    return Done{};
}

}  // namespace coppice
