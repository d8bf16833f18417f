#include "runtime/sqlite_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"
#include "runtime/sqlite_store.h"
#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr UnixMillis start = 20'000 * 24h;

class SeriesInSqlite : public ::testing::Test {
protected:
    static Sample sample(UnixMillis at) {
        return {.at = at,
                .took = 12ms,
                .window = {{3, 17}, 5},
                .asked = 3,
                .missing = {HostId{2}},
                .rows = {{.key = {"r1"}, .hosts = 1, .values = {2.5, std::nullopt}},
                         {.key = {"r2"}, .hosts = 1, .values = {-1.0, 4.0}}},
                .groups_more = 9};
    }
    void keep(const Sample& sample, UnixMillis keep_from = {}, const std::string& name = "s") {
        const Write writes[] = {Keep{name, sample, keep_from}};
        const Result<Done> done = store->commit(writes);
        ASSERT_TRUE(done.ok()) << done.error().message;
    }
    std::vector<UnixMillis> times(UnixMillis after = {}, std::size_t count_max = 1000,
                                  const std::string& name = "s") {
        const auto samples = store->samples(name, after, count_max);
        EXPECT_TRUE(samples.ok()) << samples.error().message;
        std::vector<UnixMillis> times;
        for (const Sample& one : *samples) times.push_back(one.at - start);
        return times;
    }

    const TemporaryDirectory directory;
    std::unique_ptr<SqliteStore> store =
        std::move(*SqliteStore::open(directory.path() / "coppice.db"));
};

TEST_F(SeriesInSqlite, AreReadAsTheyWereWritten) {
    keep(sample(start));
    keep(sample(start + 10s));
    keep(sample(start + 5s), {}, "other");
    const auto read = store->samples("s", start, 10);
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ(read->front(), sample(start + 10s));
    EXPECT_THAT(times(), ElementsAre(0s, 10s));
    EXPECT_THAT(times({}, 1), ElementsAre(0s));
    EXPECT_THAT(times({}, 9, "none"), IsEmpty());
}

TEST_F(SeriesInSqlite, LoseWhatIsTooOldAFewAtATime) {
    for (int i = 0; i < 30; ++i) keep(sample(start + i * 1s));
    keep(sample(start + 30s), start + 20s);
    EXPECT_EQ(times().front(), 8s) << "so many with each";
    keep(sample(start + 31s), start + 20s);
    keep(sample(start + 32s), start + 20s);
    EXPECT_EQ(times().front(), 20s);
    EXPECT_EQ(times().size(), 13U);
}

TEST_F(SeriesInSqlite, LoseWhatAClockThatWasSetBackHasLeftAhead) {
    for (int i = 0; i < 5; ++i) keep(sample(start + i * 1min));
    keep(sample(start + 90s));
    EXPECT_THAT(times(), ElementsAre(0s, 60s, 90s));
    keep(sample(start - 48h));
    EXPECT_THAT(times(), ElementsAre(-48h, 0s, 60s, 90s)) << "by days it is wrong now";
}

TEST_F(SeriesInSqlite, LoseTheOldestWhenThereAreTooManyBytes) {
    Sample large = sample(start);
    large.rows.front().values.assign(1'000'000, 1.0);
    const std::size_t fit = limits::series_bytes_max / (8 * 1'000'000);
    for (std::size_t i = 0; i <= fit; ++i) {
        large.at = start + static_cast<int>(i) * 1s;
        keep(large);
    }
    EXPECT_GT(times().front(), 0s);
    store.reset();
    store = std::move(*SqliteStore::open(directory.path() / "coppice.db"));
    const UnixMillis oldest = times().front();
    large.at = start + 1h;
    keep(large);
    EXPECT_GE(times().front(), oldest) << "what was there before counts, too";
}

TEST_F(SeriesInSqlite, AreForgottenByName) {
    keep(sample(start));
    keep(sample(start), {}, "other");
    const Write writes[] = {ForgetSeries{"s"}};
    ASSERT_TRUE(store->commit(writes).ok());
    EXPECT_THAT(times(), IsEmpty());
    EXPECT_THAT(times({}, 9, "other"), ElementsAre(0s));
}

}  // namespace
}  // namespace coppice
