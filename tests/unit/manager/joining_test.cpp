// Registration: tokens, names, incarnations, and what a new host is told.

#include <gtest/gtest.h>

#include "common/limits.h"

#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using testing::CellBench;

Registration refused_as(CellBench& bench, const Register& request) {
    CellBench::Host& host = bench.hosts["x"];
    host.name = "x";
    host.key[0] = 77;
    bench.request(host, request);
    bench.run(std::chrono::milliseconds{200});
    EXPECT_FALSE(host.answer.order.has_value());
    EXPECT_FALSE(host.answer.sentence.empty());
    return host.answer.result;
}

TEST(Joining, MakesTheFirstHostTheRootAndTheSecondItsUnderstudy) {
    CellBench bench;
    bench.join("a");
    bench.join("b");
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.root(), "a");
    EXPECT_EQ(bench.understudy(), "b");
    EXPECT_EQ(bench.host("a").order.role, Role::root);
    EXPECT_EQ(bench.host("a").order.parent.host, manager_host);
    EXPECT_EQ(bench.host("a").order.parent.addresses, bench.config.addresses);
    EXPECT_TRUE(bench.host("b").order.is_understudy);
    EXPECT_EQ(bench.host("b").order.parent.host, bench.host("a").id);
    EXPECT_EQ(bench.view("b").state, HostState::live);
}

TEST(Joining, RefusesEveryKindOfBadToken) {
    CellBench bench;
    bench.join("a");
    Register request = bench.registration("x");
    request.token_id = "none";
    EXPECT_EQ(refused_as(bench, request), Registration::bad_token);
    request = bench.registration("x");
    request.token_secret = {1, 2, 3};
    EXPECT_EQ(refused_as(bench, request), Registration::bad_token);

    const Digest hash = bench.notary.hash(bench.registration("x").token_secret);
    request = bench.registration("x");
    request.token_id = "short";
    static_cast<void>(bench.ask(CreateTokenCommand{
        .id = "short", .secret_hash = hash, .lifetime = std::chrono::seconds{1}}));
    bench.run(std::chrono::seconds{2});
    EXPECT_EQ(refused_as(bench, request), Registration::expired_token);

    request.token_id = "gone";
    static_cast<void>(bench.ask(CreateTokenCommand{.id = "gone", .secret_hash = hash}));
    static_cast<void>(bench.ask(RevokeTokenCommand{"gone"}));
    EXPECT_EQ(refused_as(bench, request), Registration::bad_token);

    static_cast<void>(
        bench.ask(CreateTokenCommand{.id = "once", .secret_hash = hash, .uses_max = 1}));
    Register first = bench.registration("y");
    first.token_id = "once";
    CellBench::Host& user = bench.hosts["y"];
    user.name = "y";
    user.key[0] = 78;
    bench.request(user, first);
    bench.run(std::chrono::milliseconds{200});
    EXPECT_EQ(user.answer.result, Registration::ok);
    request.token_id = "once";
    EXPECT_EQ(refused_as(bench, request), Registration::exhausted_token);

    const std::vector<TokenView> tokens =
        bench.manager->tokens(bench.unix_start + std::chrono::hours{1});
    std::map<std::string, std::string> states;
    for (const TokenView& token : tokens) states[token.record.id] = token.state;
    EXPECT_EQ(
        states,
        (std::map<std::string, std::string>{
            {"gone", "revoked"}, {"once", "exhausted"}, {"short", "expired"}, {"t", "valid"}}));
}

TEST(Joining, RefusesMalformedRequestsWithASentence) {
    CellBench bench;
    Register request = bench.registration("x y");
    EXPECT_EQ(refused_as(bench, request), Registration::bad_request);
    request = bench.registration("x");
    request.addresses = {"host:1"};
    EXPECT_EQ(refused_as(bench, request), Registration::bad_request);
    request.addresses.clear();
    EXPECT_EQ(refused_as(bench, request), Registration::bad_request);
    request = bench.registration("x");
    request.labels = {{"sp ace", "1"}};
    EXPECT_EQ(refused_as(bench, request), Registration::bad_request);
}

TEST(Joining, IsIdempotentByKey) {
    CellBench bench;
    const HostId id = bench.join("a").id;
    const Stamp stamp = bench.host("a").order.stamp;
    bench.host("a").answer = {};
    Register again = bench.registration("a");
    again.token_secret.clear();  // a known key needs no token
    bench.request(bench.host("a"), again);
    bench.run(std::chrono::milliseconds{200});
    ASSERT_TRUE(bench.host("a").answer.order.has_value());
    const auto order = std::get<Order>(bench.notary.open(*bench.host("a").answer.order).value());
    EXPECT_EQ(order.host, id);
    EXPECT_EQ(order.stamp.generation, stamp.generation);
    EXPECT_EQ(bench.manager->status().hosts.registered, 1U);
}

TEST(Joining, GivesTheTokenLabelsOverThoseOfTheHost) {
    CellBench bench;
    bench.join("a");
    EXPECT_EQ(bench.view("a").record.labels, (Labels{{"rack", "r1"}, {"zone", "z1"}}));
    EXPECT_EQ(bench.host("a").order.labels, (Labels{{"rack", "r1"}, {"zone", "z1"}}));
}

TEST(Joining, PlacesABurstInOneGeneration) {
    CellBench bench;
    bench.join_many(30);
    const std::vector<Event> registered = bench.events("host.registered");
    ASSERT_EQ(registered.size(), 1U);
    EXPECT_EQ(registered.front().hosts.size(), 30U);
    EXPECT_EQ(registered.front().generation, 1U);
    EXPECT_TRUE(bench.settle());
    EXPECT_EQ(bench.manager->status().hosts.live, 30U);
}

TEST(Joining, AnswersAnOldIncarnationWithTheNewest) {
    CellBench bench;
    bench.join("a");
    bench.join("b");
    ASSERT_TRUE(bench.settle());
    bench.restart_host("b");
    bench.run(std::chrono::milliseconds{200});
    bench.host("b").incarnation = Incarnation{1};
    bench.request(bench.host("b"), bench.registration("b"));
    bench.run(std::chrono::milliseconds{200});
    EXPECT_EQ(bench.host("b").answer.result, Registration::stale_incarnation);
    EXPECT_EQ(bench.host("b").answer.newest, Incarnation{2});
}

TEST(Joining, KeepsANameForItsFirstKeyUntilThatHostIsGoneForLong) {
    CellBench bench;
    bench.join_many(5);
    ASSERT_TRUE(bench.settle());
    const HostId first = bench.host("n0005").id;
    CellBench::Host& thief = bench.hosts["thief"];
    thief.name = "thief";
    thief.key[5] = 5;
    bench.request(thief, bench.registration("n0005"));
    bench.run(std::chrono::milliseconds{200});
    EXPECT_EQ(thief.answer.result, Registration::name_conflict);
    EXPECT_EQ(bench.events("host.conflict").size(), 1U);

    bench.kill("n0005");
    bench.run(std::chrono::minutes{11});
    bench.request(thief, bench.registration("n0005"));
    bench.run(std::chrono::milliseconds{200});
    EXPECT_EQ(thief.answer.result, Registration::ok);
    EXPECT_GT(thief.id, first);
    EXPECT_EQ(bench.view("n0005").record.id, thief.id);
    EXPECT_EQ(bench.manager->status().hosts.registered, 5U);
}

TEST(Joining, BringsARestartedLeafBackToItsPlaceAndABranchBackAsALeaf) {
    CellBench bench{2};
    bench.join_many(12);
    ASSERT_TRUE(bench.settle());
    std::string leaf;
    std::string branch;
    for (const auto& [name, host] : bench.hosts) {
        if (host.order.role == Role::leaf && !host.order.is_understudy) leaf = name;
        if (host.order.role == Role::branch) branch = name;
    }
    const HostId parent = bench.host(leaf).parent;
    bench.restart_host(leaf);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.host(leaf).parent, parent);

    bench.restart_host(branch);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.view(branch).record.role, Role::leaf);
    EXPECT_GT(bench.view(branch).record.no_role_before, UnixMillis{});
    EXPECT_EQ(bench.manager->status().hosts.live, 12U);
}

TEST(Joining, LeavesTheSlackToOrphans) {
    CellBench bench{3};
    bench.join_many(4);
    ASSERT_TRUE(bench.settle());
    const auto drain_all_but_root = [&bench](bool is_drained) {
        for (const auto& [name, host] : bench.hosts)
            if (host.order.role != Role::root && name != "late")
                static_cast<void>(bench.ask(DrainCommand{.host = name, .is_drained = is_drained}));
    };
    drain_all_but_root(true);
    bench.join("late");  // the root has as many children as its fan-out, and none may be a branch
    EXPECT_FALSE(bench.view("late").record.is_placed);
    EXPECT_FALSE(bench.view("late").record.unplaced_reason.empty());
    drain_all_but_root(false);
    EXPECT_TRUE(bench.view("late").record.is_placed);
    bench.seek(bench.host("late"), {});
    EXPECT_TRUE(bench.settle());
}

TEST(Joining, ATokenAboveTheLimitTakesThePlaceOfOneThatCannotBeUsed) {
    CellBench bench;
    const auto create = [&](std::size_t number) {
        return std::holds_alternative<Accepted>(
            bench.ask(CreateTokenCommand{.id = "t" + std::to_string(number), .secret_hash = {}}));
    };
    std::size_t made = 0;
    while (made <= limits::tokens_max && create(made)) ++made;
    EXPECT_EQ(made, limits::tokens_max - 1) << "with the first of the fleet";
    ASSERT_TRUE(std::holds_alternative<Accepted>(bench.ask(RevokeTokenCommand{.id = "t7"})));
    EXPECT_TRUE(create(made));
    EXPECT_EQ(bench.manager->tokens(bench.unix_start).size(), limits::tokens_max);
    EXPECT_FALSE(create(made + 1));
    EXPECT_EQ(bench.loaded().records.size(), limits::tokens_max + 1) << "and the fleet";
}

}  // namespace
}  // namespace coppice
