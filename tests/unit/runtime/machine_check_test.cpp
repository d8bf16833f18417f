// What a machine offers, asked of this one.

#include "runtime/machine_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "runtime/clock.h"
#include "runtime/file_descriptor.h"
#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

struct Listener {
    Listener() : fd{::socket(AF_INET, SOCK_STREAM, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size);
        ::listen(fd.get(), 8);
        ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
    }
    FileDescriptor fd;
    std::uint16_t port = 0;
};

TEST(MachineChecks, TellWhoHoldsAPort) {
    Listener listener;
    const std::optional<PortHolder> holder = port_holder(listener.port);
    ASSERT_TRUE(holder.has_value());
    EXPECT_EQ(holder->process, ::getpid());
    EXPECT_THAT(holder->program, testing::StartsWith("unit_runtime"));
    listener.fd.reset();
    EXPECT_FALSE(port_holder(listener.port).has_value());
}

TEST(MachineChecks, TellWhetherAnAddressTakesConnections) {
    Listener listener;
    const TcpAddress address{.host = "127.0.0.1", .port = listener.port};
    EXPECT_TRUE(try_connect(address, 5s).ok());
    listener.fd.reset();
    EXPECT_EQ(try_connect(address, 5s).error().message, "Connection refused");
    EXPECT_FALSE(try_connect({.host = "no host", .port = 1}, 5s).ok());
}

TEST(MachineChecks, KnowTheLimitOfFilesOfAnyProcess) {
    const std::optional<std::uint64_t> own = open_files_max(std::nullopt);
    ASSERT_TRUE(own.has_value());
    EXPECT_EQ(open_files_max(::getpid()), own);
    EXPECT_EQ(open_files_max(-1), std::nullopt);
}

TEST(MachineChecks, KnowTheArgumentsOfAProcess) {
    std::vector<std::string> own = testing::internal::GetArgvs();
    own.erase(own.begin());
    EXPECT_THAT(arguments_of(::getpid()), testing::IsSupersetOf(own));
    EXPECT_THAT(arguments_of(-1), testing::IsEmpty());
}

TEST(MachineChecks, MeasureADurableWriteAndLeaveNothingBehind) {
    const TemporaryDirectory folder;
    const Result<Duration> taken = durable_write_time(folder.path());
    ASSERT_TRUE(taken.ok()) << taken.error().message;
    EXPECT_GT(*taken, Duration::zero());
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    EXPECT_FALSE(durable_write_time(folder.path() / "missing").ok());
}

TEST(MachineChecks, KnowTheRoomOfADisk) {
    const TemporaryDirectory folder;
    const Result<DiskRoom> room = disk_room(folder.path());
    ASSERT_TRUE(room.ok());
    EXPECT_GT(room->free_bytes, 0U);
    EXPECT_FALSE(disk_room(folder.path() / "missing").ok());
}

TEST(MachineChecks, KnowWhenAFolderWasChangedLast) {
    const TemporaryDirectory folder;
    EXPECT_EQ(newest_change(folder.path()), std::nullopt);
    std::ofstream{folder.path() / "x"} << "x";
    const std::optional<UnixMillis> newest = newest_change(folder.path());
    ASSERT_TRUE(newest.has_value());
    EXPECT_GT(*newest, unix_now() - 1h);
}

}  // namespace
}  // namespace coppice
