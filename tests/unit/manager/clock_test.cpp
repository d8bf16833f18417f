// The wall clock is set forward and back under a manager: it is for people and tokens alone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cell_bench.h"

namespace coppice::testing {
namespace {

using namespace std::chrono_literals;

constexpr UnixMillis day = 24h;

class Clocks : public ::testing::Test {
protected:
    void SetUp() override {
        bench.join_many(9);
        ASSERT_TRUE(bench.settle());
    }
    [[nodiscard]] UnixMillis unix_now() const {
        return bench.unix_start +
               std::chrono::duration_cast<UnixMillis>(bench.now.time_since_epoch());
    }
    /// A host that cools down.
    std::string restarted() {
        const std::string name = bench.hosts.begin()->first;
        bench.kill(name);
        bench.run(10s);
        bench.restart_host(name);
        bench.run(1s);
        return name;
    }
    void set_clock(UnixMillis ahead) { bench.feed(ClockRead{unix_now() + ahead}); }

    CellBench bench;
};

TEST_F(Clocks, JumpsLoseNobodyMoveNobodyAndKeepEventsInOrder) {
    const double moves = bench.metric("coppice_moves_total");
    const std::uint64_t before = bench.manager->status().hosts.live;
    for (const UnixMillis ahead : {day, -day, UnixMillis{-50 * 365 * day}, 100 * 365 * day}) {
        set_clock(ahead);
        bench.run(30s);
        ASSERT_TRUE(std::holds_alternative<PushAccepted>(
            bench.ask(PushCommand{.topic = "t", .selector = {}, .payload = {1}})));
    }
    EXPECT_EQ(bench.manager->status().hosts.live, before);
    EXPECT_EQ(bench.metric("coppice_moves_total"), moves);
    EXPECT_EQ(bench.metric("coppice_hosts_lost_total"), 0);
    std::uint64_t newest = 0;
    for (const Event& event : bench.journal) {
        EXPECT_GT(event.id, newest);
        newest = event.id;
    }
}

TEST_F(Clocks, TokensExpireByTheClockAsItIsReadNow) {
    ASSERT_TRUE(std::holds_alternative<Accepted>(
        bench.ask(CreateTokenCommand{.id = "hour", .secret_hash = {}, .lifetime = 1h})));
    const auto state = [&](UnixMillis ahead) {
        for (const TokenView& token : bench.manager->tokens(unix_now() + ahead))
            if (token.record.id == "hour") return token.state;
        return std::string{};
    };
    EXPECT_EQ(state(0h), "valid");
    EXPECT_EQ(state(2h), "expired");
    EXPECT_EQ(state(-day), "valid");
}

TEST_F(Clocks, AClockThatIsSetBackDoesNotProlongACoolDown) {
    const std::string name = restarted();
    ASSERT_GT(bench.view(name).record.no_role_before, UnixMillis{});
    set_clock(-day);
    EXPECT_LE(bench.view(name).record.no_role_before,
              unix_now() - day + std::chrono::duration_cast<UnixMillis>(bench.config.cool_down));
}

TEST_F(Clocks, AManagerThatStartsWithItsClockSetBackLimitsCoolDowns) {
    const std::string name = restarted();
    ASSERT_GT(bench.view(name).record.no_role_before, UnixMillis{});
    bench.unix_start -= day;
    bench.restart_manager();
    EXPECT_LE(bench.view(name).record.no_role_before,
              unix_now() + std::chrono::duration_cast<UnixMillis>(bench.config.cool_down));
}

TEST_F(Clocks, MoreRegistrationsThanAManagerTakesAtOnceAreToldToComeAgain) {
    for (std::size_t number = 0; number < 5000; ++number) {
        PublicKey key{};
        key[0] = 0xee;
        key[1] = static_cast<std::uint8_t>(number >> 8U);
        key[2] = static_cast<std::uint8_t>(number);
        const Register body = bench.registration("flood" + std::to_string(number));
        bench.feed(Received{Route{1'000'000 + 2 * number},
                            key,
                            {{.incarnation = {1}, .lane = Lane::management}, body}});
    }
    EXPECT_EQ(bench.metric("coppice_registrations_refused_total{reason=\"unavailable\"}"),
              5000 - 4096);
    bench.run(5s);
    EXPECT_EQ(bench.metric("coppice_hosts_lost_total"), 0);
}

}  // namespace
}  // namespace coppice::testing
