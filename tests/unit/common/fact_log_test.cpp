#include "common/fact_log.h"

#include <gtest/gtest.h>

namespace coppice {
namespace {

HostFact fact(std::uint32_t host, std::uint64_t attachment, std::uint64_t revision,
              HostState state = HostState::live) {
    return {.host = HostId{host},
            .incarnation = Incarnation{1},
            .attachment = Attachment{attachment},
            .revision = revision,
            .state = state};
}

TEST(FactLog, TheNewerFactOfAHostReplacesTheOlder) {
    FactLog log;
    log.add(fact(1, 1, 1));
    log.add(fact(1, 1, 2, HostState::lost));
    const FactLog::Batch batch = log.oldest(10);
    ASSERT_EQ(batch.facts.size(), 1U);
    EXPECT_EQ(batch.facts.front().state, HostState::lost);
}

TEST(FactLog, AnOldParentsLateAccusationLosesAgainstANewerAttachment) {
    FactLog log;
    const std::uint64_t live = log.add(fact(1, 2, 1));
    EXPECT_EQ(log.add(fact(1, 1, 9, HostState::lost)), live);
    EXPECT_EQ(log.oldest(10).facts.front().state, HostState::live);
}

TEST(FactLog, AcknowledgedFactsAreForgottenAndLaterOnesKept) {
    FactLog log;
    log.add(fact(1, 1, 1));
    const std::uint64_t second = log.add(fact(2, 1, 1));
    log.add(fact(3, 1, 1));
    log.acknowledge(second);
    const FactLog::Batch batch = log.oldest(10);
    ASSERT_EQ(batch.facts.size(), 1U);
    EXPECT_EQ(batch.facts.front().host, HostId{3});
}

TEST(FactLog, AFactReplacedWhileUnderWayIsNotForgottenByTheOldAcknowledgement) {
    FactLog log;
    const std::uint64_t first = log.add(fact(1, 1, 1));
    log.add(fact(1, 1, 2, HostState::lost));
    log.acknowledge(first);
    ASSERT_FALSE(log.empty());
    EXPECT_EQ(log.oldest(1).facts.front().state, HostState::lost);
}

TEST(FactLog, ABatchIsBoundedAndStatesTheRevisionItCovers) {
    FactLog log;
    for (std::uint32_t host = 1; host <= 5; ++host) log.add(fact(host, 1, 1));
    const FactLog::Batch batch = log.oldest(2);
    EXPECT_EQ(batch.facts.size(), 2U);
    log.acknowledge(batch.revision);
    EXPECT_EQ(log.oldest(10).facts.front().host, HostId{3});
}

TEST(FactLog, AnAcknowledgementOfWhatWasNeverSaidIsIgnored) {
    FactLog log;
    log.add(fact(1, 1, 1));
    log.acknowledge(99);
    EXPECT_FALSE(log.empty());
}

}  // namespace
}  // namespace coppice
