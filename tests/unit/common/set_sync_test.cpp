// Two ends of a link keep their sets equal, whatever the link loses, repeats or reorders.
#include "common/set_sync.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <set>
#include <utility>
#include <vector>

#include "common/limits.h"
#include "common/random.h"

namespace coppice {
namespace {

const SetKey members{.kind = SetKind::members, .push = {}, .reason = {}};
const SetKey applied{.kind = SetKind::applied, .push = {7}, .reason = {}};
const SetKey refused{.kind = SetKind::refused, .push = {7}, .reason = "disk is full"};

NamedSets without_empty(NamedSets sets) {
    std::erase_if(sets, [](const auto& entry) { return entry.second.empty(); });
    return sets;
}

SetAck take(SetReceiver& parent, const SetReport& report) {
    parent.on_report(report);
    return parent.ack(report.key);
}

/// One heartbeat and its answer over a link that works.
void beat(SetSender& child, SetReceiver& parent, const NamedSets& current) {
    for (const SetReport& report : child.reports(current, false))
        child.on_ack(take(parent, report));
}

/// A link as docs/protocol.md has it: it may lose, repeat and delay; what arrives behind something
/// newer is dropped by its sequence number.
template <class Payload>
class LossyLink {
public:
    explicit LossyLink(Random& random) : random_{random} {}

    void send(Payload payload) {
        ++sent_;
        if (random_.below(4) == 0) return;
        under_way_.emplace_back(sent_, payload);
        if (random_.below(4) == 0) under_way_.emplace_back(sent_, std::move(payload));
    }

    /// Something that is under way arrives; nothing when it is too late.
    std::vector<Payload> receive() {
        if (under_way_.empty()) return {};
        const auto chosen =
            under_way_.begin() + static_cast<std::ptrdiff_t>(random_.below(under_way_.size()));
        auto [sequence, payload] = std::move(*chosen);
        under_way_.erase(chosen);
        if (sequence <= newest_) return {};
        newest_ = sequence;
        return {std::move(payload)};
    }

private:
    Random& random_;
    std::uint64_t sent_ = 0;
    std::uint64_t newest_ = 0;
    std::deque<std::pair<std::uint64_t, Payload>> under_way_;
};

void change(NamedSets& sets, Random& random) {
    HostSet& set = sets[std::array{members, applied, refused}[random.below(3)]];
    const HostId host{static_cast<std::uint32_t>(random.below(4))};
    switch (random.below(4)) {
        case 0:
            set.erase(host);
            break;
        case 1:
            set.clear();
            break;
        default:
            set.insert(host);
    }
}

TEST(SetSync, AParentLearnsEverySetInOneBeat) {
    SetSender child;
    SetReceiver parent;
    const NamedSets current{{members, {{1}, {2}}}, {applied, {{1}}}, {refused, {{2}}}};
    beat(child, parent, current);
    EXPECT_EQ(parent.sets(), current);
    EXPECT_TRUE(child.reports(current, false).empty());
    EXPECT_FALSE(child.has_news(current));
}

TEST(SetSync, AReportCarriesOnlyTheDifference) {
    SetSender child;
    SetReceiver parent;
    beat(child, parent, {{members, {{1}, {2}, {3}}}});
    const auto reports = child.reports({{members, {{2}, {3}, {4}}}}, false);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].added, (HostSet{{4}}));
    EXPECT_EQ(reports[0].removed, (HostSet{{1}}));
    EXPECT_EQ(reports[0].base_digest, (HostSet{{1}, {2}, {3}}.digest()));
    parent.on_report(reports[0]);
    EXPECT_EQ(parent.set(members), (HostSet{{2}, {3}, {4}}));
}

TEST(SetSync, ASetThatEndsIsForgottenByBoth) {
    SetSender child;
    SetReceiver parent;
    beat(child, parent, {{applied, {{1}}}});
    beat(child, parent, {});
    EXPECT_TRUE(parent.sets().empty());
    EXPECT_TRUE(child.reports({}, false).empty());
}

TEST(SetSync, AHintCarriesEachChangeOnceAndTheSecondBeatRepeatsIt) {
    SetSender child;
    const NamedSets current{{members, {{1}}}};
    EXPECT_TRUE(child.has_news(current));
    EXPECT_EQ(child.reports(current, true).size(), 1U);
    EXPECT_FALSE(child.has_news(current));
    EXPECT_TRUE(child.reports(current, true).empty());
    // The acknowledgement may be on its way.
    EXPECT_TRUE(child.reports(current, false).empty());
    EXPECT_TRUE(child.has_open(current));
    EXPECT_EQ(child.reports(current, false).size(), 1U);
}

TEST(SetSync, AReceiptThatLosesHostsWaitsForTheNextBeat) {
    SetSender child;
    SetReceiver parent;
    beat(child, parent, {{members, {{1}, {2}}}, {applied, {{1}, {2}}}});
    EXPECT_FALSE(child.has_news({{members, {{1}, {2}}}, {applied, {{1}}}}));
    EXPECT_TRUE(child.has_news({{members, {{1}}}, {applied, {{1}, {2}}}}));
    EXPECT_TRUE(child.has_news({{members, {{1}, {2}}}, {applied, {{1}, {3}}}}));
    beat(child, parent, {{members, {{1}, {2}}}});
    EXPECT_TRUE(parent.set(applied).empty());
}

TEST(SetSync, AChangeWhileAReportIsUnderWayFollowsItsAcknowledgement) {
    SetSender child;
    SetReceiver parent;
    const auto first = child.reports({{members, {{1}}}}, true);
    const NamedSets later{{members, {{1}, {2}}}};
    EXPECT_FALSE(child.has_news(later));
    child.on_ack(take(parent, first[0]));
    EXPECT_TRUE(child.has_news(later));
    const auto second = child.reports(later, true);
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].added, (HostSet{{2}}));
}

TEST(SetSync, AStaleBaseChangesNothing) {
    SetSender child;
    SetReceiver parent;
    beat(child, parent, {{members, {{1}}}});
    const SetReport foreign{
        .key = members, .base_digest = 99, .digest = 98, .added = {{5}}, .removed = {{1}}};
    EXPECT_EQ(take(parent, foreign).digest, HostSet{{1}}.digest());
    EXPECT_EQ(parent.set(members), (HostSet{{1}}));
}

TEST(SetSync, AnUnknownAcknowledgementStartsFromNothing) {
    SetSender child;
    SetReceiver parent;
    const NamedSets current{{members, {{1}, {2}}}};
    beat(child, parent, current);
    parent.clear();
    child.on_ack({.key = members, .digest = 0});
    const auto reports = child.reports(current, false);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].base_digest, 0U);
    EXPECT_EQ(reports[0].added, (HostSet{{1}, {2}}));
}

TEST(SetSync, ASetThatIsEmptiedWhileAReportIsUnderWayIsEmptiedAtTheParent) {
    SetSender child;
    SetReceiver parent;
    beat(child, parent, {{members, {{1}}}});
    const auto grown = child.reports({{members, {{1}, {2}}}}, false);
    const auto emptied = child.reports({}, false);
    child.on_ack(take(parent, grown[0]));
    child.on_ack(take(parent, emptied[0]));
    for (int round = 0; round < 2; ++round) beat(child, parent, {});
    EXPECT_TRUE(parent.sets().empty());
}

TEST(SetSync, AChangeThatIsTakenBackWhileItsAcknowledgementIsLostIsTakenBackAtTheParent) {
    SetSender child;
    SetReceiver parent;
    const NamedSets before{{members, {{1}}}};
    beat(child, parent, before);
    parent.on_report(child.reports({{members, {{1}, {2}}}}, false)[0]);
    for (int round = 0; round < 2; ++round) beat(child, parent, before);
    EXPECT_EQ(parent.sets(), before);
}

TEST(SetSync, ANewLinkCarriesTheWholeState) {
    SetSender child;
    SetReceiver old_parent;
    const NamedSets current{{members, {{1}}}, {applied, {{1}}}};
    beat(child, old_parent, current);
    child.reset();
    SetReceiver new_parent;
    EXPECT_TRUE(child.has_news(current));
    beat(child, new_parent, current);
    EXPECT_EQ(new_parent.sets(), current);
}

TEST(SetSync, EndsConvergeOverABadLink) {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        SCOPED_TRACE(seed);
        Random random{seed};
        SetSender child;
        SetReceiver parent;
        LossyLink<std::vector<SetReport>> up{random};
        LossyLink<std::vector<SetAck>> down{random};
        NamedSets current;
        std::set<SetKey> owed;
        const auto deliver = [&] {
            for (const auto& reports : up.receive()) {
                for (const SetReport& report : reports) {
                    parent.on_report(report);
                    owed.insert(report.key);
                }
                if (random.below(3) == 0) continue;  // a later answer acknowledges these
                std::vector<SetAck> acks;
                for (const SetKey& key : std::exchange(owed, {})) acks.push_back(parent.ack(key));
                down.send(std::move(acks));
            }
            for (const auto& acks : down.receive())
                for (const SetAck& ack : acks) child.on_ack(ack);
        };
        for (int step = 0; step < 60; ++step) {
            if (random.below(2) == 0) change(current, random);
            const bool is_hint = random.below(2) == 0;
            if (!is_hint || child.has_news(current)) up.send(child.reports(current, is_hint));
            if (random.below(3) != 0) deliver();
        }
        // The link works again: what was under way is gone, four beats are enough.
        for (int round = 0; round < 4; ++round) beat(child, parent, current);
        ASSERT_EQ(without_empty(parent.sets()), without_empty(current));
        ASSERT_TRUE(child.reports(current, false).empty());
    }
}

TEST(SetSync, AParentTakesOnlySoManySetsOfAChild) {
    SetReceiver parent;
    const auto report = [&parent](std::uint64_t push) {
        const HostSet added{HostId{1}};
        return take(parent, {.key = {.kind = SetKind::applied, .push = {push}, .reason = {}},
                             .digest = added.digest(),
                             .added = added,
                             .removed = {}});
    };
    for (std::uint64_t push = 1; push <= limits::sets_per_heartbeat_max; ++push)
        ASSERT_NE(report(push).digest, 0U);
    EXPECT_EQ(report(limits::sets_per_heartbeat_max + 1).digest, 0U) << "one too many";
    EXPECT_NE(report(1).digest, 0U) << "what it has it keeps";
    EXPECT_EQ(parent.sets().size(), limits::sets_per_heartbeat_max);
}

}  // namespace
}  // namespace coppice
