// A node run in the real world, with a node and a store that write down what happens to them.

#include "runtime/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <map>
#include <string>
#include <thread>

#include "common/overloaded.h"
#include "runtime/clock.h"
#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

const char* name_of(const Input& input) {
    return std::visit(
        Overloaded{
            [](const Started&) { return "started"; }, [](const ClockRead&) { return "clock"; },
            [](const DeadlineReached&) { return "deadline"; },
            [](const Received&) { return "received"; },
            [](const LinkDropped&) { return "dropped"; },
            [](const ProbeFinished&) { return "probed"; },
            [](const ApplyFinished&) { return "applied"; },
            [](const Measured&) { return "measured"; }, [](const StopRequested&) { return "stop"; },
            [](const CommandReceived&) { return "command"; },
            [](const LocalSaid&) { return "said"; }, [](const Reduced&) { return "reduced"; }},
        input);
}

/// What happened, in order, whoever saw it.
using Diary = std::vector<std::string>;

/// Does what the test says for each input.
class ScriptedNode final : public Node {
public:
    explicit ScriptedNode(Diary& diary) : diary_{diary} {}

    [[nodiscard]] Outputs step(const Input& input, Instant now) override {
        EXPECT_GE(now, last_) << "time went back";
        last_ = now;
        diary_.emplace_back(name_of(input));
        if (std::holds_alternative<DeadlineReached>(input)) deadline = never;
        return on_input ? on_input(input, now) : Outputs{};
    }
    [[nodiscard]] Instant next_deadline() const override { return deadline; }

    std::function<Outputs(const Input&, Instant)> on_input;
    Instant deadline = never;

private:
    Diary& diary_;
    Instant last_ = Instant::min();
};

class DiaryStore final : public Store {
public:
    explicit DiaryStore(Diary& diary) : diary_{diary} {}
    [[nodiscard]] Result<Done> commit(std::span<const Write> writes) override {
        diary_.push_back("commit " + std::to_string(writes.size()));
        if (fails) return Error{"disk full"};
        return Done{};
    }
    bool fails = false;

private:
    Diary& diary_;
};

class Daemons : public testing::Test {
protected:
    Daemons() {
        node_.on_input = [this](const Input& input, Instant now) {
            const auto found = reactions_.find(name_of(input));
            return found == reactions_.end() ? Outputs{} : found->second(input, now);
        };
        on("stop", [](const Input&, Instant) { return stopped(); });
    }

    void on(const std::string& input, std::function<Outputs(const Input&, Instant)> reaction) {
        reactions_[input] = std::move(reaction);
    }
    static Outputs stopped() {
        Outputs out;
        out.stopped = true;
        return out;
    }
    static Write some_write() { return Put{.record = AppliedRecord{.topic = "motd"}}; }

    DaemonParts parts() {
        return {.node = node_,
                .store = store_,
                .link = *link_,
                .notice = [this](const Notice& notice) { diary_.push_back(notice.what); },
                .reply = [this](const Reply&) { diary_.emplace_back("reply"); },
                .measure = [] { return std::vector<Measurement>{{.name = "load1", .value = 1}}; }};
    }

    static std::unique_ptr<ZmqLink> open_link(const CurveKeys& keys) {
        auto link =
            ZmqLink::open({.keys = keys, .listen = "tcp://127.0.0.1:0"}, [](const Notice&) {});
        EXPECT_TRUE(link.ok());
        return std::move(*link);
    }

    Signals signals_;  // first, as in main: the link starts threads, which inherit the mask
    Diary diary_;
    ScriptedNode node_{diary_};
    DiaryStore store_{diary_};
    std::map<std::string, std::function<Outputs(const Input&, Instant)>> reactions_;
    CurveKeys keys_ = make_curve_keys();
    std::unique_ptr<ZmqLink> link_ = open_link(keys_);
};

TEST_F(Daemons, StartTheNodeFirstAndEndWhenItHasStopped) {
    UnixMillis told{};
    on("started", [&](const Input& input, Instant) {
        told = std::get<Started>(input).unix_time;
        return Outputs{};
    });
    Daemon daemon{parts()};
    daemon.request_stop();
    EXPECT_EQ(daemon.run(), 0);
    EXPECT_THAT(diary_, ElementsAre("started", "stop"));
    EXPECT_LT(unix_now() - told, std::chrono::seconds{10});
}

TEST_F(Daemons, CallTheNodeAtItsDeadlineAndNotBefore) {
    Instant wanted = never;
    on("started", [&](const Input&, Instant now) {
        node_.deadline = wanted = now + milliseconds{30};
        return Outputs{};
    });
    on("deadline", [&](const Input&, Instant now) {
        EXPECT_GE(now, wanted);
        EXPECT_LT(now, wanted + std::chrono::seconds{5});
        return stopped();
    });
    Daemon daemon{parts()};
    EXPECT_EQ(daemon.run(), 0);
    EXPECT_THAT(diary_, ElementsAre("started", "deadline"));
}

TEST_F(Daemons, CommitBeforeAnythingIsToldAndOncePerBatch) {
    const auto react = [](const Input&, Instant) {
        Outputs out;
        out.writes.push_back(some_write());
        out.replies.emplace_back();
        return out;
    };
    on("started", react);
    on("clock", react);
    Daemon daemon{parts()};
    daemon.submit(ClockRead{});
    daemon.request_stop();
    EXPECT_EQ(daemon.run(), 0);
    EXPECT_THAT(diary_, ElementsAre("started", "clock", "stop", "commit 2", "reply", "reply"));
}

TEST_F(Daemons, EndWithoutTellingAnythingWhenACommitFails) {
    store_.fails = true;
    on("started", [](const Input&, Instant) {
        Outputs out;
        out.writes.push_back(some_write());
        out.replies.emplace_back();
        return out;
    });
    Daemon daemon{parts()};
    EXPECT_EQ(daemon.run(), 1);
    EXPECT_THAT(diary_, ElementsAre("started", "commit 1", "store.commit_failed"));
}

TEST_F(Daemons, RunTasksOfOtherThreadsOnlyWhenEverythingIsDurable) {
    on("command", [](const Input&, Instant) {
        Outputs out;
        out.writes.push_back(some_write());
        out.replies.emplace_back();
        return out;
    });
    Daemon daemon{parts()};
    std::thread other{[&] {
        EXPECT_TRUE(daemon.post([&] {
            diary_.emplace_back("task");
            daemon.submit(CommandReceived{});
            EXPECT_TRUE(daemon.post([&] {
                diary_.emplace_back("second task");
                daemon.request_stop();
            }));
        }));
    }};
    EXPECT_EQ(daemon.run(), 0);
    other.join();
    EXPECT_THAT(diary_, ElementsAre("started", "task", "command", "commit 1", "reply",
                                    "second task", "stop"));
}

TEST_F(Daemons, MeasureWhenAsked) {
    on("started", [](const Input&, Instant) {
        Outputs out;
        out.measure = true;
        return out;
    });
    on("measured", [](const Input& input, Instant) {
        EXPECT_EQ(std::get<Measured>(input).measurements.at(0).name, "load1");
        return stopped();
    });
    Daemon daemon{parts()};
    EXPECT_EQ(daemon.run(), 0);
}

TEST_F(Daemons, ProbeWhenAsked) {
    on("started", [&](const Input&, Instant) {
        Outputs out;
        out.probes.push_back({.probe = ProbeId{5},
                              .addresses = {link_->endpoint()},
                              .time_limit = std::chrono::seconds{10}});
        return out;
    });
    on("probed", [](const Input& input, Instant) {
        EXPECT_EQ(std::get<ProbeFinished>(input).probe, ProbeId{5});
        EXPECT_EQ(std::get<ProbeFinished>(input).result, ProbeResult::connected);
        return stopped();
    });
    Daemon daemon{parts()};
    EXPECT_EQ(daemon.run(), 0);
}

TEST_F(Daemons, ApplyPushesAndRefuseThemWithoutAnApplier) {
    on("started", [](const Input&, Instant) {
        Outputs out;
        out.applies.push_back({.push = PushId{1},
                               .topic = "motd",
                               .version = 1,
                               .content = std::make_shared<const PushContent>()});
        return out;
    });
    std::vector<bool> is_applied;
    on("applied", [&](const Input& input, Instant) {
        is_applied.push_back(!std::get<ApplyFinished>(input).refusal);
        return stopped();
    });
    const TemporaryDirectory directory;
    PushApplier applier{directory.path() / "topics"};
    DaemonParts with_applier = parts();
    with_applier.applier = &applier;
    Daemon first{with_applier};
    EXPECT_EQ(first.run(), 0);
    Daemon second{parts()};
    EXPECT_EQ(second.run(), 0);
    EXPECT_THAT(is_applied, ElementsAre(true, false));
}

TEST_F(Daemons, CarryFramesToAndFromAnotherProcessLoop) {
    const CurveKeys peer_keys = make_curve_keys();
    const std::unique_ptr<ZmqLink> peer_link = open_link(peer_keys);
    const PeerAddress peer{
        .host = HostId{1}, .key = peer_keys.public_key, .addresses = {peer_link->endpoint()}};
    constexpr Route route{1};
    constexpr std::uint64_t rounds = 200;

    Diary peer_diary;
    ScriptedNode echo{peer_diary};
    DiaryStore peer_store{peer_diary};
    echo.on_input = [](const Input& input, Instant) {
        Outputs out;
        if (const auto* frame = std::get_if<Received>(&input))
            out.sends.push_back({.route = frame->route, .frame = frame->frame});
        out.stopped = std::holds_alternative<StopRequested>(input);
        return out;
    };
    Daemon peer_daemon{{.node = echo, .store = peer_store, .link = *peer_link}};
    std::thread peer_thread{[&] { EXPECT_EQ(peer_daemon.run(), 0); }};

    on("started", [&](const Input&, Instant) {
        Outputs out;
        out.connects.push_back({.route = route, .peer = peer});
        out.sends.push_back(
            {.route = route, .frame = {.header = {.sequence = 1}, .body = Leave{}}});
        return out;
    });
    on("received", [&](const Input& input, Instant) {
        Outputs out;
        Frame frame = std::get<Received>(input).frame;
        if (frame.header.sequence == rounds) {
            out.disconnects.push_back({.route = route});
            out.stopped = true;
            return out;
        }
        ++frame.header.sequence;
        out.sends.push_back({.route = route, .frame = frame});
        return out;
    });
    Daemon daemon{parts()};
    EXPECT_EQ(daemon.run(), 0);
    EXPECT_TRUE(peer_daemon.post([&] { peer_daemon.request_stop(); }));
    peer_thread.join();
    EXPECT_EQ(std::count(diary_.begin(), diary_.end(), "received"),
              static_cast<std::ptrdiff_t>(rounds));
}

TEST_F(Daemons, StopOnASignal) {
    DaemonParts with_signals = parts();
    with_signals.signals = &signals_;
    Daemon daemon{with_signals};
    ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
    EXPECT_EQ(daemon.run(), 0);
    EXPECT_THAT(diary_, ElementsAre("started", "stop"));
}

TEST_F(Daemons, DoNotWaitForAGoodbyeWhenAskedTwice) {
    on("stop", [](const Input&, Instant) { return Outputs{}; });
    Daemon daemon{parts()};
    const Instant start = steady_now();
    daemon.request_stop();
    daemon.request_stop();
    EXPECT_EQ(daemon.run(), 0);
    EXPECT_LT(steady_now() - start, Daemon::stop_time_max);
    EXPECT_EQ(diary_.back(), "daemon.stopped_early");
}

TEST_F(Daemons, DoNotWaitForAGoodbyeForEver) {
    on("stop", [](const Input&, Instant) { return Outputs{}; });
    Daemon daemon{parts()};
    const Instant start = steady_now();
    daemon.request_stop();
    EXPECT_EQ(daemon.run(), 0);
    EXPECT_GE(steady_now() - start, Daemon::stop_time_max);
    EXPECT_THAT(diary_, ElementsAre("started", "stop", "daemon.stopped_early"));
}

TEST_F(Daemons, SleepWhileNothingHappens) {
    Daemon daemon{parts()};
    constexpr int beats_max = 20;
    int beats = 0;
    const auto beat = [&](const Input&, Instant now) {
        node_.deadline = now + milliseconds{20};
        return ++beats > beats_max ? stopped() : Outputs{};
    };
    on("started", beat);
    on("deadline", beat);
    const std::clock_t before = std::clock();
    EXPECT_EQ(daemon.run(), 0);
    const double cpu_s = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    EXPECT_LT(cpu_s, 0.1) << "of 0.4 s: the loop spins";
}

}  // namespace
}  // namespace coppice
