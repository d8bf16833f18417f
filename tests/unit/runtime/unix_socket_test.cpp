// Sockets with a name in the file system.
#include "runtime/unix_socket.h"

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "tests/support/temporary_directory.h"
#include "tests/unit/runtime/unix_connection.h"

namespace coppice {
namespace {

using testing::HasSubstr;

class UnixSocketTest : public testing::Test {
protected:
    TemporaryDirectory folder;
    std::filesystem::path path = folder.path() / "agent.sock";
};

TEST_F(UnixSocketTest, IsForItsOwnerAndItsGroup) {
    const auto listener = listen_at({.path = path});
    ASSERT_TRUE(listener.ok());
    struct stat there {};
    ASSERT_EQ(::stat(path.c_str(), &there), 0);
    EXPECT_EQ(there.st_mode & 0777U, 0660U);
    EXPECT_TRUE(UnixConnection{path}.is_connected());
}

TEST_F(UnixSocketTest, ThatAKilledProcessLeftBehindIsReplaced) {
    { const auto listener = listen_at({.path = path}); }
    ASSERT_TRUE(std::filesystem::exists(path));
    const auto again = listen_at({.path = path});
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(UnixConnection{path}.is_connected());
}

TEST_F(UnixSocketTest, OfALivingProcessIsLeftAlone) {
    const auto listener = listen_at({.path = path});
    const auto second = listen_at({.path = path});
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(second.error().message, HasSubstr("another agent listens there"));
    EXPECT_TRUE(UnixConnection{path}.is_connected());
}

TEST_F(UnixSocketTest, DoesNotTakeThePlaceOfAFile) {
    std::ofstream{path} << "precious";
    const auto listener = listen_at({.path = path});
    ASSERT_FALSE(listener.ok());
    EXPECT_THAT(listener.error().message, HasSubstr("something else is there"));
    EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

TEST_F(UnixSocketTest, MayHaveALongPath) {
    const std::filesystem::path deep = folder.path() / std::string(150, 'd');
    std::filesystem::create_directory(deep);
    ASSERT_TRUE(listen_at({.path = deep / "agent.sock"}).ok());
    EXPECT_TRUE(std::filesystem::is_socket(deep / "agent.sock"));
    EXPECT_FALSE(listen_at({.path = folder.path() / std::string(150, 's')}).ok());
    EXPECT_FALSE(listen_at({.path = folder.path() / "missing" / "agent.sock"}).ok());
}

TEST_F(UnixSocketTest, KnowsWhoConnects) {
    const auto listener = listen_at({.path = path});
    ASSERT_TRUE(listener.ok());
    const UnixConnection client{path};
    const FileDescriptor accepted{::accept(listener->get(), nullptr, nullptr)};
    const auto peer = peer_of(accepted.get());
    ASSERT_TRUE(peer);
    EXPECT_EQ(peer->user, ::getuid());
    EXPECT_NE(std::find(peer->groups.begin(), peer->groups.end(), ::getgid()), peer->groups.end());
}

TEST(Groups, AreFoundByNameAndByNumber) {
    EXPECT_EQ(group_of("root").value(), 0U);
    EXPECT_EQ(group_of("1234").value(), 1234U);
    EXPECT_FALSE(group_of("no such group").ok());
    EXPECT_FALSE(group_of("").ok());
}

}  // namespace
}  // namespace coppice
