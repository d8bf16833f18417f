// The driver: nothing is told before it is durable.
#include "common/driver.h"

#include <gmock/gmock.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace coppice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Trace = std::vector<std::string>;

/// Answers each input with the next outputs that the test laid out.
class ScriptedNode final : public Node {
public:
    [[nodiscard]] Outputs step(const Input&, Instant) override {
        Outputs outputs = std::move(script.front());
        script.pop_front();
        return outputs;
    }
    [[nodiscard]] Instant next_deadline() const override { return never; }

    std::deque<Outputs> script;
};

class TracingStore final : public Store {
public:
    explicit TracingStore(Trace& trace) : trace_{trace} {}
    [[nodiscard]] Result<Done> commit(std::span<const Write> writes) override {
        trace_.push_back("commit " + std::to_string(writes.size()));
        if (is_broken) return Error{"disk full"};
        return Done{};
    }

    bool is_broken = false;

private:
    Trace& trace_;
};

class TracingWorld final : public World {
public:
    explicit TracingWorld(Trace& trace) : trace_{trace} {}
    void connect(const Connect& connect) override { say("connect", connect.route.value); }
    void send(Send send) override { say("send", send.route.value); }
    void disconnect(Route route) override { say("disconnect", route.value); }
    void probe(const Probe& probe) override { say("probe", probe.probe.value); }
    void apply(const Apply& apply) override { say("apply", apply.push.value); }
    void reply(Reply reply) override { say("reply", reply.request.value); }
    void hear(const LocalHeard& heard) override { say("hear", heard.from.value); }
    void reduce(const Reduce& reduce) override { say("reduce", reduce.reduction.value); }
    void notice(const Notice& notice) override { trace_.push_back("notice " + notice.what); }
    void measure() override { trace_.emplace_back("measure"); }
    void stop() override { trace_.emplace_back("stop"); }

private:
    void say(const std::string& what, std::uint64_t number) {
        trace_.push_back(what + ' ' + std::to_string(number));
    }
    Trace& trace_;
};

class DriverTest : public testing::Test {
protected:
    void feed(Outputs outputs) {
        node_.script.push_back(std::move(outputs));
        driver_.feed(DeadlineReached{}, Instant{});
    }

    static Outputs sending(std::uint64_t route) {
        Outputs outputs;
        outputs.sends.push_back({.route = {route}, .frame = {}});
        return outputs;
    }
    static Outputs writing_and_sending(std::uint64_t route) {
        Outputs outputs = sending(route);
        outputs.writes.emplace_back(Put{FleetRecord{}});
        return outputs;
    }

    Trace trace_;
    ScriptedNode node_;
    TracingStore store_{trace_};
    TracingWorld world_{trace_};
    Driver driver_{node_, store_, world_};
};

TEST_F(DriverTest, NothingIsCarriedOutBeforeTheFlush) {
    feed(writing_and_sending(1));
    EXPECT_THAT(trace_, IsEmpty());
    EXPECT_TRUE(driver_.has_pending());
}

TEST_F(DriverTest, ABatchIsCommittedOnceAndThenToldInOrderOfItsInputs) {
    feed(writing_and_sending(1));
    feed(sending(2));
    feed(writing_and_sending(3));
    EXPECT_TRUE(driver_.flush().ok());
    EXPECT_THAT(trace_, ElementsAre("commit 2", "send 1", "send 2", "send 3"));
    EXPECT_FALSE(driver_.has_pending());
}

TEST_F(DriverTest, AFailedCommitTellsNothing) {
    store_.is_broken = true;
    feed(sending(1));
    feed(writing_and_sending(2));
    const Result<Done> flushed = driver_.flush();
    ASSERT_FALSE(flushed.ok());
    EXPECT_EQ(flushed.error().message, "disk full");
    EXPECT_THAT(trace_, ElementsAre("commit 1"));
}

TEST_F(DriverTest, ABatchWithoutWritesLeavesTheStoreAlone) {
    feed(sending(1));
    EXPECT_TRUE(driver_.flush().ok());
    EXPECT_THAT(trace_, ElementsAre("send 1"));
    EXPECT_TRUE(driver_.flush().ok());
    EXPECT_THAT(trace_, ElementsAre("send 1"));
}

TEST_F(DriverTest, EffectsOfOneInputFollowTheOrderOfOutputs) {
    Outputs outputs = writing_and_sending(1);
    outputs.connects.push_back({.route = {1}, .peer = {}});
    outputs.disconnects.push_back({.route = {3}});
    outputs.probes.push_back({.probe = {4}, .addresses = {}, .time_limit = {}});
    outputs.applies.push_back({.push = {5}, .topic = {}, .version = 1, .content = nullptr});
    outputs.replies.push_back({.request = {6}, .answer = Accepted{}});
    outputs.heard.push_back({.from = {7}, .message = {}});
    outputs.reductions.push_back({.reduction = {8}, .name = {}, .parts = nullptr});
    outputs.notices.push_back({.severity = Severity::info, .what = "a.b", .text = "text"});
    outputs.measure = true;
    outputs.stopped = true;
    feed(std::move(outputs));
    EXPECT_TRUE(driver_.flush().ok());
    EXPECT_THAT(trace_,
                ElementsAre("commit 1", "connect 1", "send 1", "disconnect 3", "probe 4", "apply 5",
                            "reply 6", "hear 7", "reduce 8", "notice a.b", "measure", "stop"));
}

}  // namespace
}  // namespace coppice
