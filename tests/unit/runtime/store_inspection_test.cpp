// Stores that are sound, held, damaged or foreign, looked at without changing them.

#include "runtime/store_inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "runtime/sqlite_store.h"
#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using testing::HasSubstr;

class StoreInspections : public testing::Test {
protected:
    void SetUp() override {
        auto store = SqliteStore::open(file());
        const Write write = Put{FleetRecord{.fleet = "f"}};
        ASSERT_TRUE((*store)->commit({&write, 1}).ok());
    }
    [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "coppice.db"; }
    [[nodiscard]] std::string content() const {
        std::ifstream in{file(), std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

private:
    TemporaryDirectory folder_;
};

TEST_F(StoreInspections, ReadASoundStoreAndLeaveItAsItIs) {
    const std::string before = content();
    const Result<StoreFindings> findings = inspect_store(file());
    ASSERT_TRUE(findings.ok()) << findings.error().message;
    EXPECT_EQ(findings->holder, std::nullopt);
    EXPECT_THAT(findings->damages, testing::IsEmpty());
    EXPECT_THAT(findings->records, testing::ElementsAre(Record{FleetRecord{.fleet = "f"}}));
    EXPECT_EQ(content(), before);
}

TEST_F(StoreInspections, LeaveAStoreThatADaemonHoldsInPeace) {
    int ready[2];
    int done[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(done), 0);
    const pid_t daemon = ::fork();
    if (daemon == 0) {
        const auto store = SqliteStore::open(file());
        char word = store.ok() ? 'y' : 'n';
        const bool is_told = ::write(ready[1], &word, 1) == 1 && ::read(done[0], &word, 1) == 1;
        ::_exit(is_told ? 0 : 1);
    }
    char word = 0;
    ASSERT_EQ(::read(ready[0], &word, 1), 1);
    ASSERT_EQ(word, 'y');
    const Result<StoreFindings> findings = inspect_store(file());
    ASSERT_TRUE(findings.ok()) << findings.error().message;
    EXPECT_EQ(findings->holder, daemon);
    ASSERT_EQ(::write(done[1], &word, 1), 1);
    int status = 0;
    ::waitpid(daemon, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(inspect_store(file())->holder, std::nullopt);
}

TEST_F(StoreInspections, TellOfDamage) {
    std::string bytes = content();
    for (std::size_t at = 4096; at < bytes.size(); ++at) bytes[at] = 'x';
    std::ofstream{file(), std::ios::binary} << bytes;
    const Result<StoreFindings> findings = inspect_store(file());
    EXPECT_TRUE(!findings.ok() || !findings->damages.empty());
}

TEST_F(StoreInspections, TellOfAHistoryThatIsNotOfTheRecord) {
    const HostRecord host{.id = HostId{7}, .name = "n7", .state = HostState::live};
    HostCondition condition = condition_of(host, 5);
    const auto commit = [&] {
        const std::vector<Write> writes{Put{host}, Begin{{host.id, UnixMillis{1000}, condition}}};
        ASSERT_TRUE((*SqliteStore::open(file()))->commit(writes).ok());
    };
    commit();
    EXPECT_THAT(inspect_store(file())->damages, testing::IsEmpty());
    condition.role.reset();  // as an older release writes it
    commit();
    EXPECT_THAT(inspect_store(file())->damages, testing::IsEmpty());
    condition.role = Role::root;
    commit();
    EXPECT_THAT(inspect_store(file())->damages, testing::ElementsAre(HasSubstr("of host 'n7'")));
    condition.role = Role::leaf;
    condition.state = HostState::lost;
    commit();
    EXPECT_THAT(inspect_store(file())->damages, testing::ElementsAre(HasSubstr("of host 'n7'")));
}

TEST_F(StoreInspections, TellOfCountsThatAreNotOfTheHistories) {
    const HostRecord host{.id = HostId{7}, .name = "n7", .state = HostState::live};
    const std::vector<Write> writes{Put{host},
                                    Begin{{host.id, UnixMillis{1000}, condition_of(host, 5)}}};
    ASSERT_TRUE((*SqliteStore::open(file()))->commit(writes).ok());
    const auto damages = [this](const std::string& sql) {
        sqlite::Database database;
        EXPECT_TRUE(database.open(file()).ok());
        EXPECT_TRUE(database.execute(sql).ok());
        database = {};
        return inspect_store(file())->damages;
    };
    EXPECT_THAT(damages("SELECT 1"), testing::IsEmpty());
    EXPECT_THAT(damages("UPDATE host_count SET value = x'0102' WHERE slot = -2 << 56"),
                testing::ElementsAre(HasSubstr("the counts of hosts")));
    EXPECT_THAT(damages("UPDATE host_count SET value = x'80'"),
                testing::ElementsAre(HasSubstr("cannot be read")));
    EXPECT_THAT(damages("DROP TABLE host_count; PRAGMA user_version = 3"), testing::IsEmpty());
}

TEST_F(StoreInspections, RefuseWhatIsNoStore) {
    std::ofstream{file(), std::ios::binary} << "this is no database, whatever its name says";
    EXPECT_THAT(inspect_store(file()).error().message, HasSubstr("no Coppice store"));
    std::filesystem::remove(file());
    EXPECT_THAT(inspect_store(file()).error().message, HasSubstr("cannot be used"));
}

}  // namespace
}  // namespace coppice
