#include "runtime/sqlite_counts.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "runtime/sqlite_store.h"
#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

constexpr UnixMillis day = 24h;
constexpr UnixMillis start = 20'000 * day;
constexpr std::uint32_t hosts = 12;

class CountsInSqlite : public ::testing::Test {
protected:
    static Write begin(HostId host, UnixMillis from, HostState state, bool is_drained = false) {
        return Begin{{host, from, {.state = state, .since = from, .is_drained = is_drained}}};
    }
    void commit(const std::vector<Write>& writes) {
        const Result<Done> done = store->commit(writes);
        ASSERT_TRUE(done.ok()) << done.error().message;
    }
    std::optional<StateCounts> counts(UnixMillis time) {
        const auto found = store->counts(time);
        EXPECT_TRUE(found.ok()) << found.error().message;
        return found.ok() ? *found : std::nullopt;
    }
    StateCounts counted(UnixMillis time) {
        Tally tally;
        for (std::uint32_t host = 1; host <= hosts; ++host) {
            const auto rows = store->timeline(HostId{host}, time, 1);
            EXPECT_TRUE(rows.ok()) << rows.error().message;
            if (!rows->empty() && rows->front().from <= time)
                tally.move(counted_as_nothing, counted_as(rows->front().condition), 1);
        }
        return *tally.counts();
    }
    void reopen() {
        store.reset();
        store = std::move(*SqliteStore::open(file()));
    }
    void edit(const std::string& sql) {
        store.reset();
        {
            sqlite::Database database;
            ASSERT_TRUE(database.open(file()).ok());
            ASSERT_TRUE(database.execute(sql).ok());
        }
        store = std::move(*SqliteStore::open(file()));
    }
    std::int64_t number(const std::string& sql) {
        store.reset();
        std::int64_t number = 0;
        {
            sqlite::Database database;
            EXPECT_TRUE(database.open(file()).ok());
            number = *database.number(sql);
        }
        store = std::move(*SqliteStore::open(file()));
        return number;
    }
    [[nodiscard]] std::filesystem::path file() const { return directory.path() / "coppice.db"; }

    const TemporaryDirectory directory;
    std::unique_ptr<SqliteStore> store = std::move(*SqliteStore::open(file()));
};

TEST_F(CountsInSqlite, AreExactToTheMillisecond) {
    EXPECT_EQ(counts(start), StateCounts{});
    commit({begin(HostId{1}, start, HostState::joining), begin(HostId{2}, start, HostState::live)});
    commit({begin(HostId{1}, start + 3ms, HostState::live)});
    commit({begin(HostId{2}, start + 50 * day, HostState::lost)});
    EXPECT_EQ(counts(start - 1ms), StateCounts{});
    EXPECT_EQ(counts(start), (StateCounts{.registered = 2, .live = 1, .suspect = 1}));
    EXPECT_EQ(counts(start + 2ms), (StateCounts{.registered = 2, .live = 1, .suspect = 1}));
    EXPECT_EQ(counts(start + 3ms), (StateCounts{.registered = 2, .live = 2}));
    EXPECT_EQ(counts(start + 50 * day - 1ms), (StateCounts{.registered = 2, .live = 2}));
    EXPECT_EQ(counts(start + 200 * day), (StateCounts{.registered = 2, .live = 1, .lost = 1}));
}

TEST_F(CountsInSqlite, AreNotKnownOfTheTimeOfAnOlderRelease) {
    commit({begin(HostId{1}, start, HostState::live), begin(HostId{2}, start, HostState::live),
            begin(HostId{1}, start + 10s, HostState::lost)});
    edit("DELETE FROM host_count");
    EXPECT_EQ(counts(start + 9s), std::nullopt);
    EXPECT_EQ(counts(start + 10s), std::nullopt);
    EXPECT_EQ(counts(start + 10s + 1ms), (StateCounts{.registered = 2, .live = 1, .lost = 1}));
    commit({begin(HostId{1}, start + 20s, HostState::joining)});
    reopen();
    EXPECT_EQ(counts(start + 20s), (StateCounts{.registered = 2, .live = 1, .suspect = 1}));
    commit({begin(HostId{1}, start + 5s, HostState::left)});
    EXPECT_EQ(counts(start + 20s), (StateCounts{.registered = 2, .live = 1, .left = 1}))
        << "the clock was set back to before";
}

TEST_F(CountsInSqlite, ComeWithTheMigration) {
    commit({begin(HostId{1}, start, HostState::live)});
    edit("DROP TABLE host_count; PRAGMA user_version=4");
    EXPECT_EQ(counts(start + 1s), (StateCounts{.registered = 1, .live = 1}));
}

TEST_F(CountsInSqlite, SayThatTheyAreDamaged) {
    commit({begin(HostId{1}, start, HostState::live)});
    edit("UPDATE host_count SET value = x'80'");
    EXPECT_FALSE(store->counts(start).ok());
}

TEST_F(CountsInSqlite, ForgetWhatACommitThatFailedWouldHaveChanged) {
    commit({begin(HostId{1}, start, HostState::live)});
    edit("CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT raise(FAIL, 'full'); END");
    const std::vector<Write> writes{begin(HostId{2}, start, HostState::live), Append{}};
    EXPECT_FALSE(store->commit(writes).ok());
    commit({begin(HostId{3}, start + 1s, HostState::live)});
    EXPECT_EQ(counts(start + 1s), (StateCounts{.registered = 2, .live = 2}));
}

/// Hosts change for a year; the clock jumps, hosts are replaced, the store is opened again.
void live_a_year(unsigned seed, UnixMillis step_max,
                 const std::function<void(std::vector<Write>)>& commit,
                 const std::function<void(UnixMillis, std::mt19937&)>& check) {
    std::mt19937 random{seed};
    const auto below = [&](std::int64_t end) {
        return std::uniform_int_distribution<std::int64_t>{0, end - 1}(random);
    };
    UnixMillis now = start;
    for (const UnixMillis end = start + 365 * day; now < end;) {
        now += UnixMillis{below(step_max.count())};
        UnixMillis shown = now;
        if (below(40) == 0) shown -= UnixMillis{below(UnixMillis{day}.count())};
        if (below(200) == 0) shown -= 400 * day;
        if (below(200) == 0) shown += UnixMillis{below(UnixMillis{2 * day}.count())};
        std::vector<Write> writes;
        for (std::int64_t count = below(4); count >= 0; --count) {
            const HostId host{static_cast<std::uint32_t>(1 + below(hosts))};
            if (below(300) == 0) writes.emplace_back(Inherit{host, {}});
            writes.emplace_back(Begin{{host,
                                       shown,
                                       {.state = static_cast<HostState>(below(5)),
                                        .since = shown,
                                        .is_drained = below(5) == 0}}});
        }
        commit(std::move(writes));
        check(now, random);
    }
}

TEST_F(CountsInSqlite, AreWhatCountingTheHostsGives) {
    std::size_t known = 0;
    std::size_t asked = 0;
    live_a_year(
        1, 16h, [&](std::vector<Write> writes) { commit(writes); },
        [&](UnixMillis now, std::mt19937& random) {
            for (int time = 0; time < 4; ++time) {
                const UnixMillis back{std::uniform_int_distribution<std::int64_t>{
                    -UnixMillis{day}.count(), timeline_age_max.count()}(random)};
                if (random() % 500 == 0) reopen();
                ++asked;
                const auto found = counts(now - back);
                if (!found) continue;
                ++known;
                ASSERT_EQ(*found, counted(now - back)) << (now - back).count();
            }
        });
    EXPECT_GT(known, asked * 9 / 10);
    EXPECT_GT(asked, 3000U);
}

TEST_F(CountsInSqlite, AreDroppedWhenTheyAreTooOld) {
    constexpr std::int64_t days = 200;
    for (std::int64_t hour = 0; hour < days * 24; hour += 6) {
        std::vector<Write> writes;
        for (std::int64_t more = 0; more < 6; ++more)
            writes.push_back(begin(HostId{static_cast<std::uint32_t>(1 + hour + more)},
                                   start + (hour + more) * 1h, HostState::live));
        commit(writes);
    }
    EXPECT_EQ(counts(start + (days - 91) * day), std::nullopt);
    for (const std::int64_t one : {days - 90, days - 1})
        EXPECT_EQ(counts(start + one * day)->live, static_cast<std::uint64_t>(one) * 24 + 1);
    EXPECT_LT(number("SELECT count(*) FROM host_count"), 91 * 24 * 2 + 20);
}

}  // namespace
}  // namespace coppice
