// Each check of the doctor, passing and failing.

#include "cli/doctor_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temporary_directory.h"

namespace coppice::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr UnixMillis today = std::chrono::hours{24 * 365 * 56};

void expect_good(const Check& check) {
    EXPECT_TRUE(check.ok) << check.check << ": " << check.detail;
    EXPECT_EQ(check.mend, "");
    EXPECT_NE(check.detail, "");
}

void expect_bad(const Check& check, const std::string& detail, const std::string& mend) {
    EXPECT_FALSE(check.ok) << check.check;
    EXPECT_THAT(check.detail, HasSubstr(detail));
    EXPECT_THAT(check.mend, HasSubstr(mend));
}

TEST(Doctor, LooksAtTheLimitOfOpenFiles) {
    expect_good(check_limits(1024, 1024, "why"));
    expect_bad(check_limits(1023, 1024, "why"), "1024 are needed: why", "LimitNOFILE=1024");
    expect_bad(check_limits(std::nullopt, 1, "why"), "cannot be read", "as root");
}

TEST(Doctor, LooksWhoHoldsAPort) {
    const PortHolder daemon{.process = 7, .program = "coppice-manager"};
    const PortHolder stranger{.process = 8, .program = "nginx"};
    expect_good(check_port("api", 7401, std::nullopt, std::nullopt));
    expect_good(check_port("api", 7401, daemon, 7));
    expect_bad(check_port("api", 7401, stranger, std::nullopt), "nginx (process 8)", "stop it");
    expect_bad(check_port("api", 7401, stranger, 7), "7401 is held by nginx", "another port");
    expect_bad(check_port("api", 7401, PortHolder{}, std::nullopt), "another user", "stop it");
    expect_bad(check_port("api", 7401, std::nullopt, 7), "nobody listens on 7401", "restart");
}

TEST(Doctor, LooksAtKeys) {
    const TemporaryDirectory folder;
    const std::filesystem::path file = folder.path() / "x.key";
    expect_bad(check_key(file, std::nullopt), "No such file", "restore");
    std::ofstream{file} << "secret";
    ::chmod(file.c_str(), 0600);
    expect_good(check_key(file, std::nullopt));
    expect_bad(check_key(file, Error{"it is damaged"}), "it is damaged", "restore");
    ::chmod(file.c_str(), 0640);
    expect_bad(check_key(file, std::nullopt), "open to other users", "chmod 600");
}

TEST(Doctor, LooksForTheDaemon) {
    expect_good(check_daemon("agent", 7, "coppice-agent"));
    expect_bad(check_daemon("agent", std::nullopt, "coppice-agent --dir x"), "no agent runs",
               "coppice-agent --dir x");
}

TEST(Doctor, LooksAtTheStore) {
    expect_good(check_store("a.db", StoreFindings{}));
    expect_good(check_store("a.db", StoreFindings{.holder = 7}));
    expect_bad(check_store("a.db", StoreFindings{.damages = {"row 3 is missing"}}),
               "row 3 is missing", "restore");
    expect_bad(check_store("a.db", Error{"it is no store"}), "it is no store", "restore");
}

TEST(Doctor, LooksAtTheRoomOnTheDisk) {
    expect_good(check_disk_space(DiskRoom{.free_bytes = 1UL << 30U, .free_files = 1000}));
    expect_bad(check_disk_space(DiskRoom{.free_bytes = 1UL << 20U, .free_files = 1000}), "1.0 MiB",
               "make room");
    expect_bad(check_disk_space(DiskRoom{.free_bytes = 1UL << 30U, .free_files = 3}), "3 more",
               "inodes");
    expect_bad(check_disk_space(Error{"no such folder"}), "no such folder", "make the folder");
}

TEST(Doctor, LooksHowLongADurableWriteTakes) {
    expect_good(check_disk_write("d", Duration{10ms}, 250ms));
    expect_bad(check_disk_write("d", Duration{300ms}, 250ms), "300 ms", "faster disk");
    expect_bad(check_disk_write("d", Error{"No space left on device"}, 250ms),
               "d: No space left on device", "make room");
}

TEST(Doctor, LooksAtTheClock) {
    expect_good(check_clock(today, std::nullopt, Duration{1}));
    expect_good(check_clock(today, today - 1h, Duration{0}));
    expect_bad(check_clock(today, today + 1h, Duration{1}), "3600 s behind", "NTP");
    expect_bad(check_clock(UnixMillis{1000}, std::nullopt, Duration{1}), "before 2024", "NTP");
    expect_bad(check_clock(today, std::nullopt, Duration{-1}), "went back", "kernel");
}

TEST(Doctor, ComparesTheClockWithTheManagers) {
    expect_good(check_clock_of_manager(today, today + 2s, 10ms));
    expect_good(check_clock_of_manager(today, today + 8s, 5s));
    expect_bad(check_clock_of_manager(today, today + 60s, 10ms), "60 s behind", "NTP");
    expect_bad(check_clock_of_manager(today, today - 60s, 10ms), "60 s ahead", "NTP");
}

TEST(Doctor, LooksWhoCanBeReached) {
    expect_good(check_reachable("api", "http://x", Done{}, "start it"));
    expect_bad(check_reachable("api", "http://x", Error{"refused"}, "start it"),
               "http://x: refused", "start it");
}

TEST(Doctor, ComparesVersions) {
    expect_good(check_versions("0.1.0", "0.1.0"));
    expect_good(check_versions("0.1.0", ""));
    expect_bad(check_versions("0.2.0", "0.1.0"), "the manager 0.1.0", "one release");
}

}  // namespace
}  // namespace coppice::cli
