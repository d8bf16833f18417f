#include "runtime/sqlite_timelines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/sqlite_store.h"
#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr UnixMillis day = 24h;
constexpr UnixMillis start = 20'000 * day;
constexpr HostId host{7};

class TimelinesInSqlite : public ::testing::Test {
protected:
    Write begin(UnixMillis from, HostState state = HostState::live, HostId of = host) {
        return Begin{{of, from, {.state = state, .since = from, .parent = HostId{3}}}};
    }
    void commit(const std::vector<Write>& writes) {
        const Result<Done> done = store->commit(writes);
        ASSERT_TRUE(done.ok()) << done.error().message;
    }
    std::vector<UnixMillis> begins(UnixMillis time, std::size_t count_max = 10'000,
                                   HostId of = host) {
        const auto rows = store->timeline(of, time, count_max);
        EXPECT_TRUE(rows.ok()) << rows.error().message;
        std::vector<UnixMillis> begins;
        for (const TimelineRow& row : *rows) begins.push_back(row.from - start);
        return begins;
    }

    const TemporaryDirectory directory;
    std::unique_ptr<SqliteStore> store =
        std::move(*SqliteStore::open(directory.path() / "coppice.db"));
};

TEST_F(TimelinesInSqlite, AreReadFromTheRowThatLastsAtATime) {
    commit({begin(start), begin(start + 10s, HostState::lost), begin(start + 20s),
            begin(start + 15s, HostState::left, HostId{8})});
    EXPECT_THAT(begins(start - 1s), ElementsAre(0s, 10s, 20s)) << "before the first";
    EXPECT_THAT(begins(start + 9s), ElementsAre(0s, 10s, 20s));
    EXPECT_THAT(begins(start + 10s), ElementsAre(10s, 20s));
    EXPECT_THAT(begins(start + 1h), ElementsAre(20s));
    EXPECT_THAT(begins(start, 2), ElementsAre(0s, 10s));
    EXPECT_THAT(begins(start, 2, HostId{9}), IsEmpty());
    const TimelineRow row = store->timeline(host, start + 12s, 1)->front();
    EXPECT_EQ(row,
              (TimelineRow{host,
                           start + 10s,
                           {.state = HostState::lost, .since = start + 10s, .parent = HostId{3}}}));
}

TEST_F(TimelinesInSqlite, AreSaidToBeThereOnceARowIs) {
    EXPECT_FALSE(store->load()->has_timelines);
    commit({begin(start)});
    EXPECT_TRUE(store->load()->has_timelines);
}

TEST_F(TimelinesInSqlite, AreSaidToHaveRolesOnceTheirNewestRowHasOne) {
    commit({begin(start)});
    EXPECT_FALSE(store->load()->has_roles) << "as an older release wrote it";
    commit({Begin{{host, start + 10s, {.state = HostState::live, .role = Role::branch}}}});
    EXPECT_TRUE(store->load()->has_roles);
    EXPECT_EQ(store->timeline(host, start, 1)->front().condition.role, std::nullopt);
    EXPECT_EQ(store->timeline(host, start + 10s, 1)->front().condition.role, Role::branch);
}

TEST_F(TimelinesInSqlite, LoseWhatBeginsLaterThanANewRow) {
    commit({begin(start), begin(start + 10s), begin(start + 20s), begin(start + 10s)});
    EXPECT_THAT(begins(start), ElementsAre(0s, 10s));
}

TEST_F(TimelinesInSqlite, LoseNothingToAClockThatIsFarTooLate) {
    commit({begin(start), begin(start + 10s), begin(1000s), begin(2000s)});
    EXPECT_THAT(begins(start), ElementsAre(0ms, 10'000ms, 10'001ms, 10'002ms));
    commit({begin(start + 20s)});
    EXPECT_THAT(begins(start + 15s), ElementsAre(10'002ms, 20'000ms));
}

TEST_F(TimelinesInSqlite, LoseWhatWasOverTooLongAgo) {
    const UnixMillis later = timeline_age_max + day;
    commit({begin(start), begin(start + day), begin(start + 2 * day)});
    commit({begin(start + later, HostState::lost)});
    EXPECT_EQ(begins(start).size(), 4U) << "losses drop nothing";
    commit({begin(start + later + 1s)});
    EXPECT_THAT(begins(start), ElementsAre(day, 2 * day, later, later + 1s));
    commit({begin(start + 2 * later)});
    EXPECT_THAT(begins(start), ElementsAre(later + 1s, 2 * later));
}

TEST_F(TimelinesInSqlite, KeepSoManyRowsOfOneHost) {
    std::vector<Write> writes{begin(start, HostState::live, HostId{8})};
    for (std::size_t row = 0; row < timeline_rows_max + 10; ++row)
        writes.push_back(begin(start + UnixMillis{row}));
    commit(writes);
    const std::vector<UnixMillis> kept = begins(start);
    EXPECT_EQ(kept.size(), timeline_rows_max);
    EXPECT_EQ(kept.front(), 10ms);
    EXPECT_THAT(begins(start, 10, HostId{8}), ElementsAre(0s)) << "each host has its own";
}

TEST_F(TimelinesInSqlite, TakeTimesBefore1970) {
    commit({begin(-50 * day), begin(-40 * day)});
    EXPECT_EQ(begins(-50 * day).size(), 2U);
}

TEST_F(TimelinesInSqlite, PassToAnHeirOrGo) {
    commit({begin(start), begin(start + 10s)});
    commit({Inherit{host, HostId{9}}, begin(start + 20s, HostState::joining, HostId{9})});
    EXPECT_THAT(begins(start), IsEmpty());
    EXPECT_THAT(begins(start, 10, HostId{9}), ElementsAre(0s, 10s, 20s));
    commit({Inherit{HostId{9}, {}}});
    EXPECT_THAT(begins(start, 10, HostId{9}), IsEmpty());
}

TEST_F(TimelinesInSqlite, AreAddedToAStoreOfTheFirstRelease) {
    commit({Put{HostRecord{.id = host, .name = "n7"}}});
    store.reset();
    sqlite::Database database;
    ASSERT_TRUE(database.open(directory.path() / "coppice.db").ok());
    ASSERT_TRUE(database
                    .execute("DROP TABLE timeline; DROP TABLE host_count; DROP TABLE sample;"
                             "PRAGMA user_version=1")
                    .ok());
    database = {};
    store = std::move(*SqliteStore::open(directory.path() / "coppice.db"));
    EXPECT_FALSE(store->load()->has_timelines);
    commit({begin(start)});
    EXPECT_THAT(begins(start), ElementsAre(0s));
}

}  // namespace
}  // namespace coppice
