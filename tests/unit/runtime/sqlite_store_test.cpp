// The store of a real process: what is committed is there after any end, and nothing else is.
#include "runtime/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>

#include "common/limits.h"
#include "schemas/store_versions.h"
#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SqliteStoreTest : public testing::Test {
protected:
    std::unique_ptr<SqliteStore> opened() const {
        Result<std::unique_ptr<SqliteStore>> store = SqliteStore::open(file);
        if (!store.ok()) ADD_FAILURE() << store.error().message;
        return std::move(store.value());
    }
    std::string error_of_opening() const {
        const Result<std::unique_ptr<SqliteStore>> store = SqliteStore::open(file);
        return store.ok() ? std::string{"no error"} : store.error().message;
    }
    Loaded reopened() const { return opened()->load().value(); }
    /// Changes the file behind the store's back.
    void alter(std::string_view sql) const {
        sqlite::Database database;
        ASSERT_TRUE(database.open(file).ok());
        const Result<Done> done = database.execute(sql);
        ASSERT_TRUE(done.ok()) << done.error().message;
    }

    const TemporaryDirectory directory;
    std::filesystem::path file = directory.path() / "manager.db";
};

Write put_cell(std::uint32_t id, std::uint64_t generation = 0) {
    return Put{CellRecord{.id = CellId{id}, .name = "cell", .generation = generation}};
}

Write append(std::uint64_t id, std::uint64_t revision = 1, std::string cause = {}) {
    return Append{{.id = id, .revision = revision, .kind = "host.lost", .cause = std::move(cause)}};
}

Result<Done> commit(SqliteStore& store, const std::vector<Write>& writes) {
    return store.commit(writes);
}

TEST_F(SqliteStoreTest, HoldsNothingWhenNew) {
    const Loaded loaded = reopened();
    EXPECT_THAT(loaded.records, IsEmpty());
    EXPECT_THAT(loaded.events, IsEmpty());
}

TEST_F(SqliteStoreTest, GivesBackWhatWasCommittedAfterARestart) {
    const HostRecord host{.id = HostId{7}, .name = "n7", .labels = {{"rack", "r1"}}};
    ASSERT_TRUE(commit(*opened(), {Put{FleetRecord{.fleet = "blue"}}, Put{host}, append(1)}).ok());
    const Loaded loaded = reopened();
    EXPECT_THAT(loaded.records, ElementsAre(Record{FleetRecord{.fleet = "blue"}}, Record{host}));
    EXPECT_THAT(loaded.events, ElementsAre(Event{.id = 1, .kind = "host.lost"}));
}

TEST_F(SqliteStoreTest, KeepsOneRecordPerKeyAndForgetsErasedOnes) {
    const auto store = opened();
    ASSERT_TRUE(commit(*store, {put_cell(1), put_cell(2), put_cell(1, 5)}).ok());
    ASSERT_TRUE(commit(*store, {Erase{key_of(CellRecord{.id = CellId{2}})}}).ok());
    EXPECT_THAT(store->load()->records,
                ElementsAre(Record{CellRecord{.name = "cell", .generation = 5}}));
}

TEST_F(SqliteStoreTest, ReplacesAnEventThatGrew) {
    const auto store = opened();
    ASSERT_TRUE(commit(*store, {append(1), append(2), append(1, 2, "silent")}).ok());
    const Loaded loaded = store->load().value();
    ASSERT_EQ(loaded.events.size(), 2U);
    EXPECT_EQ(loaded.events[0].revision, 2U);
    EXPECT_EQ(loaded.events[0].cause, "silent");
}

TEST_F(SqliteStoreTest, LoadsTheNewestEventsOldestFirst) {
    const auto store = opened();
    std::vector<Write> writes;
    for (std::uint64_t id = 1; id <= limits::events_in_memory_max + 5; ++id)
        writes.push_back(append(id));
    ASSERT_TRUE(store->commit(writes).ok());
    const Loaded loaded = store->load().value();
    ASSERT_EQ(loaded.events.size(), limits::events_in_memory_max);
    EXPECT_EQ(loaded.events.front().id, 6U);
    EXPECT_EQ(loaded.events.back().id, limits::events_in_memory_max + 5);
}

TEST_F(SqliteStoreTest, RaisesTheTermWithEveryOpening) {
    EXPECT_EQ(reopened().term, 1U);
    EXPECT_EQ(reopened().term, 2U);
    opened();  // without any use
    EXPECT_EQ(reopened().term, 4U);
}

TEST_F(SqliteStoreTest, CountsCommitsThatWrite) {
    const auto store = opened();
    EXPECT_EQ(store->commits(), 0U);
    ASSERT_TRUE(commit(*store, {}).ok());
    EXPECT_EQ(store->commits(), 0U);
    ASSERT_TRUE(commit(*store, {put_cell(1), append(1)}).ok());
    EXPECT_EQ(store->commits(), 1U);
}

TEST_F(SqliteStoreTest, IsReadableByItsUserAlone) {
    const auto store = opened();
    ASSERT_TRUE(commit(*store, {put_cell(1)}).ok());
    for (const auto& entry : std::filesystem::directory_iterator{directory.path()})
        EXPECT_EQ(entry.status().permissions(),
                  std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
            << entry.path();
}

TEST_F(SqliteStoreTest, IsHeldByOneProcessAndRefusesAnother) {
    int held[2];
    int done[2];
    ASSERT_EQ(pipe(held), 0);
    ASSERT_EQ(pipe(done), 0);
    const pid_t holder = fork();
    if (holder == 0) {
        close(done[1]);
        const auto store = opened();
        char byte = 0;
        // The end of the pipe says that the parent has tried.
        const bool told = write(held[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 0;
        _exit(told && commit(*store, {put_cell(1)}).ok() ? 0 : 1);
    }
    char byte = 0;
    ASSERT_EQ(read(held[0], &byte, 1), 1);
    EXPECT_THAT(error_of_opening(),
                AllOf(HasSubstr(file.string()), HasSubstr("in use by another process")));
    close(done[1]);
    int status = -1;
    ASSERT_EQ(waitpid(holder, &status, 0), holder);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(reopened().records.size(), 1U);
    for (const int end : {held[0], held[1], done[0]}) close(end);
}

TEST_F(SqliteStoreTest, KeepsCommittedWritesWhenItsProcessIsKilled) {
    const pid_t child = fork();
    if (child == 0) {
        const auto store = opened();
        for (std::uint32_t id = 1; id <= 10; ++id)
            if (!commit(*store, {put_cell(id)}).ok()) _exit(1);
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const Loaded loaded = reopened();
    EXPECT_EQ(loaded.records.size(), 10U);
    EXPECT_EQ(loaded.term, 2U);
}

TEST_F(SqliteStoreTest, CommitsAllOrNothingWhenTheDiskIsFull) {
    auto store = opened();
    ASSERT_TRUE(commit(*store, {put_cell(1)}).ok());
    rlimit unlimited{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 256 * 1024, .rlim_max = unlimited.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    const Result<Done> done =
        commit(*store, {put_cell(2), append(1, 1, std::string(1024 * 1024, 'x')), put_cell(3)});
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(done.ok());
    EXPECT_THAT(done.error().message, AllOf(HasSubstr(file.string()), HasSubstr("cannot be used")));
    EXPECT_EQ(store->commits(), 1U);
    store.reset();
    const Loaded loaded = reopened();
    EXPECT_EQ(loaded.records.size(), 1U);
    EXPECT_THAT(loaded.events, IsEmpty());
}

TEST_F(SqliteStoreTest, RefusesAStoreOfANewerRelease) {
    opened();
    const std::string newer = std::to_string(store_versions().size() + 1);
    alter("PRAGMA user_version=" + newer);
    EXPECT_THAT(error_of_opening(),
                AllOf(HasSubstr(file.string()), HasSubstr("is of version " + newer),
                      HasSubstr("start the newer release")));
}

TEST_F(SqliteStoreTest, RefusesAFileOfAnotherProgramAndLeavesItAlone) {
    std::ofstream{file}.close();
    alter("CREATE TABLE theirs (x)");
    EXPECT_THAT(error_of_opening(), HasSubstr("belongs to another program"));
    alter("INSERT INTO theirs VALUES (1)");
    EXPECT_THAT(error_of_opening(), HasSubstr("belongs to another program"));
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabase) {
    std::ofstream{file} << std::string(5000, 'z');
    EXPECT_THAT(error_of_opening(), AllOf(HasSubstr(file.string()), HasSubstr("no Coppice store")));
}

TEST_F(SqliteStoreTest, NamesTheFolderThatIsMissing) {
    file = directory.path() / "missing" / "manager.db";
    EXPECT_THAT(error_of_opening(),
                AllOf(HasSubstr(file.string()), HasSubstr("No such file or directory")));
}

TEST_F(SqliteStoreTest, NamesTheRowThatIsDamaged) {
    ASSERT_TRUE(commit(*opened(), {put_cell(1)}).ok());
    alter("UPDATE record SET value = x'0011223344556677'");
    EXPECT_THAT(
        opened()->load().error().message,
        AllOf(HasSubstr("damaged at record 3/00000000000000000001"), HasSubstr("restore a copy")));
}

TEST_F(SqliteStoreTest, RefusesARowUnderTheKeyOfAnother) {
    ASSERT_TRUE(commit(*opened(), {put_cell(1)}).ok());
    alter("UPDATE record SET id = '2'");
    EXPECT_THAT(opened()->load().error().message, HasSubstr("its value is of another record"));
}

}  // namespace
}  // namespace coppice
