// Measurements from a /proc of our own making.

#include "runtime/host_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::Field;
using testing::Ge;

class HostProbes : public testing::Test {
protected:
    HostProbes() {
        fs::create_directories(root_ / "proc" / "net");
        fs::create_directories(root_ / "proc" / "self");
        fs::create_directories(root_ / "etc");
    }

    void write(const std::string& path, const std::string& content) {
        std::ofstream{root_ / path} << content;
    }
    std::map<std::string, double> measure() {
        std::map<std::string, double> values;
        for (const Measurement& one : probe_.measure(now_)) values[one.name] = one.value;
        return values;
    }

    const TemporaryDirectory directory_;
    const fs::path root_ = directory_.path();
    HostProbe probe_{root_};
    Instant now_{std::chrono::hours{1}};
};

TEST_F(HostProbes, ReadTheFilesOfLinux) {
    write("proc/loadavg", "0.52 1.25 2.00 3/612 12345\n");
    write("proc/meminfo",
          "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    400 kB\nHugePages_Total: 0\n"
          "Cached: 30 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\n");
    write("proc/uptime", "3600.25 7000.00\n");
    write("proc/cpuinfo", "processor\t: 0\nmodel name\t: processor x\n\nprocessor\t: 1\n");
    write("proc/net/dev",
          "Inter-|   Receive                            |  Transmit\n"
          " face |bytes packets errs drop fifo frame compressed multicast|bytes packets\n"
          "    lo: 999 1 9 9 0 0 0 0 999 1 0 0 0 0 0 0\n"
          "  eth0:1000 10 1 2 0 0 0 0 200 3 4 8 0 0 0 0\n"
          "  eth1: 50 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0\n");
    write("proc/diskstats",
          " 8 0 sda 10 0 100 5 20 0 200 6 0 0 0\n 8 1 sda1 10 0 100 5 20 0 200 6 0 0 0\n"
          " 8 16 sdb 1 0 1 5 2 0 3 6 0 0 0\n");
    fs::create_directories(root_ / "sys" / "block" / "sda" / "device");
    fs::create_directories(root_ / "sys" / "block" / "sdb" / "device");
    for (const std::string zone : {"thermal_zone0", "thermal_zone1", "cooling_device0"})
        fs::create_directories(root_ / "sys" / "class" / "thermal" / zone);
    write("sys/class/thermal/thermal_zone0/temp", "41500\n");
    write("sys/class/thermal/thermal_zone1/temp", "38000\n");
    write("sys/class/thermal/cooling_device0/temp", "99000\n");
    const auto values = measure();
    EXPECT_DOUBLE_EQ(values.at("load1"), 0.52);
    EXPECT_DOUBLE_EQ(values.at("load5"), 1.25);
    EXPECT_DOUBLE_EQ(values.at("load15"), 2);
    EXPECT_DOUBLE_EQ(values.at("mem_total"), 1000 * 1024);
    EXPECT_DOUBLE_EQ(values.at("mem_available"), 400 * 1024);
    EXPECT_DOUBLE_EQ(values.at("mem_used"), 600 * 1024);
    EXPECT_DOUBLE_EQ(values.at("uptime"), 3600.25);
    EXPECT_DOUBLE_EQ(values.at("cores"), 2);
    EXPECT_DOUBLE_EQ(values.at("net_rx"), 1050);
    EXPECT_DOUBLE_EQ(values.at("net_tx"), 207);
    EXPECT_DOUBLE_EQ(values.at("net_errors"), 5);
    EXPECT_DOUBLE_EQ(values.at("net_dropped"), 10);
    EXPECT_DOUBLE_EQ(values.at("threads"), 612);
    EXPECT_DOUBLE_EQ(values.at("mem_free"), 1024);
    EXPECT_DOUBLE_EQ(values.at("mem_cached"), 30 * 1024);
    EXPECT_DOUBLE_EQ(values.at("swap_total"), 50 * 1024);
    EXPECT_DOUBLE_EQ(values.at("swap_used"), 30 * 1024);
    EXPECT_DOUBLE_EQ(values.at("disk_read"), 101 * 512);
    EXPECT_DOUBLE_EQ(values.at("disk_written"), 203 * 512);
    EXPECT_DOUBLE_EQ(values.at("temperature"), 41.5);
    EXPECT_GE(values.at("disk_total"), values.at("disk_free"));
    std::vector<std::string> names;
    for (const auto& [name, value] : values) names.push_back(name);
    for (const std::string& rate : HostRates::names()) names.push_back(rate);
    std::sort(names.begin(), names.end());
    EXPECT_THAT(names, testing::ElementsAreArray(known_measurements()));
    EXPECT_GT(values.at("disk_total"), values.at("disk_used"));
}

class RatesOfAHost : public HostProbes {
protected:
    RatesOfAHost() { fs::create_directories(root_ / "sys" / "block" / "sda" / "device"); }

    /// Processors were idle for so long, of 100 a second.
    void write_counters(double idle, double busy, double moved) {
        const auto text = [](double number) { return std::to_string(std::llround(number)); };
        write("proc/stat",
              "cpu  " + text(busy) + " 0 0 " + text(idle) + " 0 0 0 0 7 0\ncpu0 1 2\n");
        write("proc/net/dev",
              "  eth0: " + text(moved) + " 0 0 0 0 0 0 0 " + text(2 * moved) + " 0 0 0 0 0 0 0\n");
        write("proc/diskstats",
              " 8 0 sda 0 0 " + text(3 * moved) + " 0 0 0 " + text(4 * moved) + " 0 0 0 0\n");
    }
    std::vector<std::string> rates() {
        std::vector<std::string> found;
        for (const auto& [name, value] : measure())
            if (std::count(HostRates::names().begin(), HostRates::names().end(), name) > 0)
                found.push_back(name);
        return found;
    }
};

TEST_F(RatesOfAHost, AreThoseSinceTheReadingBefore) {
    using namespace std::chrono_literals;
    write_counters(1000, 1000, 1000);
    EXPECT_THAT(rates(), testing::IsEmpty()) << "there is no reading before";
    now_ += 2s;
    write_counters(1150, 1050, 1500);
    const auto values = measure();
    EXPECT_DOUBLE_EQ(values.at("cpu_used"), 0.25);
    EXPECT_DOUBLE_EQ(values.at("net_rx_rate"), 250);
    EXPECT_DOUBLE_EQ(values.at("net_tx_rate"), 500);
    EXPECT_DOUBLE_EQ(values.at("disk_read_rate"), 750 * 512);
    EXPECT_DOUBLE_EQ(values.at("disk_write_rate"), 1000 * 512);
}

TEST_F(RatesOfAHost, HaveABaseThatIsOldEnoughAndNotTooOld) {
    using namespace std::chrono_literals;
    write_counters(0, 0, 0);
    EXPECT_THAT(rates(), testing::IsEmpty());
    now_ += 400ms;
    EXPECT_THAT(rates(), testing::IsEmpty()) << "too soon";
    now_ += 600ms;
    write_counters(0, 100, 1000);
    EXPECT_DOUBLE_EQ(measure().at("net_rx_rate"), 1000) << "the reading too soon is no base";
    now_ += 250ms;
    write_counters(0, 125, 2000);
    EXPECT_DOUBLE_EQ(measure().at("net_rx_rate"), 1600) << "since the reading before the newest";
    now_ += 5min;
    EXPECT_THAT(rates(), testing::IsEmpty()) << "too long ago";
    now_ += 5min;
    write_counters(0, 30'125, 2600);
    EXPECT_DOUBLE_EQ(measure().at("net_rx_rate"), 2);
    EXPECT_DOUBLE_EQ(measure().at("cpu_used"), 1);
}

TEST_F(RatesOfAHost, AreAbsentWhenACounterWentBackOrIsGone) {
    using namespace std::chrono_literals;
    write_counters(1000, 1000, 1000);
    EXPECT_THAT(rates(), testing::IsEmpty());
    now_ += 2s;
    write_counters(1100, 1100, 400);
    EXPECT_THAT(rates(), testing::ElementsAre("cpu_used"));
    now_ += 2s;
    write_counters(1000, 1200, 500);
    write("proc/diskstats", "");
    EXPECT_THAT(rates(), testing::ElementsAre("net_rx_rate", "net_tx_rate"))
        << "the time of waiting for disks may go back";
    now_ += 2s;
    write("proc/stat", "cpu  1 2\n");
    EXPECT_THAT(rates(), testing::ElementsAre("net_rx_rate", "net_tx_rate"));
}

TEST_F(HostProbes, ReadTheControlGroupOfTheProcess) {
    write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 400 kB\n");
    EXPECT_DOUBLE_EQ(measure().at("mem_free_part"), 0.4);
    EXPECT_EQ(HostProbe{root_}.oom_kills(), 0U) << "no such group";
    write("proc/self/cgroup", "1:cpu:/other\n0::/system.slice/coppice.service\n");
    const std::string group = "sys/fs/cgroup/system.slice/coppice.service/";
    fs::create_directories(root_ / group);
    write(group + "memory.events", "low 0\nhigh 9\nmax 9\noom 3\noom_kill 2\n");
    write(group + "memory.max", "max\n");
    write(group + "memory.current", "950\n");
    EXPECT_EQ(HostProbe{root_}.oom_kills(), 2U);
    EXPECT_DOUBLE_EQ(measure().at("mem_free_part"), 0.4) << "the group has no limit";
    write(group + "memory.max", "1000\n");
    EXPECT_DOUBLE_EQ(measure().at("mem_free_part"), 0.05);
}

TEST_F(HostProbes, LeaveOutWhatCannotBeRead) {
    write("proc/loadavg", "garbage\n");
    write("proc/meminfo", "MemTotal: 1000 kB\n");
    const auto values = measure();
    EXPECT_FALSE(values.contains("load1"));
    EXPECT_FALSE(values.contains("mem_used"));
    EXPECT_FALSE(values.contains("net_rx"));
    EXPECT_FALSE(values.contains("cores"));
    EXPECT_TRUE(values.contains("mem_total"));
}

TEST_F(HostProbes, TellResourcesFromWhatChanges) {
    write("proc/loadavg", "0.5 0.5 0.5 1/2 3\n");
    write("proc/cpuinfo", "processor : 0\n");
    std::vector<std::string> names;
    for (const Measurement& one : HostProbe{root_}.resources()) names.push_back(one.name);
    EXPECT_THAT(names, testing::ElementsAre("cores", "disk_total"));
}

TEST_F(HostProbes, SayWhatTheMachineIs) {
    EXPECT_FALSE(HostProbe{root_}.facts().contains("kernel"));
    fs::create_directories(root_ / "proc" / "sys" / "kernel");
    write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    write("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12\"\nVERSION_ID=\"12\"\nID=debian\n");
    const Facts facts = HostProbe{root_}.facts();
    EXPECT_EQ(facts.at("kernel"), "6.1.0-18-amd64");
    EXPECT_EQ(facts.at("os"), "debian 12");
    EXPECT_FALSE(facts.at("arch").empty());
    for (const auto& [name, text] : facts) EXPECT_THAT(known_facts(), testing::Contains(name));
}

TEST_F(HostProbes, KnowTheMachine) {
    EXPECT_EQ(HostProbe{root_}.machine_id(), "");
    write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    EXPECT_EQ(HostProbe{root_}.machine_id(), "0123456789abcdef0123456789abcdef");
}

TEST(ThisHost, HasTheMeasurementsThatQuestionsAreAbout) {
    const std::vector<Measurement> measured = HostProbe{}.measure(Instant{});
    EXPECT_GE(measured.size(), 10U);
    EXPECT_THAT(measured, Each(Field(&Measurement::value, Ge(0))));
}

}  // namespace
}  // namespace coppice
