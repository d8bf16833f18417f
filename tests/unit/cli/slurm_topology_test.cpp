// Slurm's topology.conf as labels: forms of the file, mistakes in it, real ones.

#include "cli/slurm_topology.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice::cli {
namespace {

using testing::HasSubstr;

std::string mistake_in(std::string_view text) {
    const auto hosts = parse_slurm_topology(text);
    return hosts.ok() ? "none" : hosts.error().message;
}

TEST(SlurmTopology, SaysBehindWhichSwitchesEachHostIs) {
    const auto hosts = parse_slurm_topology(
        "# two racks of two rows\n"
        "SwitchName=top Switches=row[1-2] LinkSpeed=800\n"
        "switchname=row1 switches=r1,r2\n"
        "SwitchName=row2 \\\n"
        "  Switches=r3   # the new one\n"
        "\n"
        "SwitchName=r1 Nodes=n[1-2],m7\n"
        "SwitchName=r2 Nodes=n3\r\n"
        "SwitchName=r3 Nodes=n4");
    ASSERT_TRUE(hosts.ok()) << hosts.error().message;
    ASSERT_EQ(hosts->size(), 5U);
    EXPECT_EQ((*hosts)[2].name, "m7");
    EXPECT_EQ((*hosts)[2].switches, (std::vector<std::string>{"row1", "r1"}));
    EXPECT_EQ(switch_labels((*hosts)[4]), (Labels{{"switch_1", "row2"}, {"switch_2", "r3"}}));
    EXPECT_EQ(switch_path(*hosts), (std::vector<std::string>{"switch_1", "switch_2"}));
}

TEST(SlurmTopology, TakesAForestOfUnequalDepthAndOneLoneSwitch) {
    const auto forest = parse_slurm_topology(
        "SwitchName=a Switches=a1\nSwitchName=a1 Nodes=n1\nSwitchName=b Nodes=n2\n");
    ASSERT_TRUE(forest.ok()) << forest.error().message;
    EXPECT_EQ(switch_labels((*forest)[0]), (Labels{{"switch_1", "a"}, {"switch_2", "a1"}}));
    EXPECT_EQ(switch_labels((*forest)[1]), (Labels{{"switch_1", "b"}}));
    const auto lone = parse_slurm_topology("SwitchName=s Nodes=n[1-3]");
    ASSERT_TRUE(lone.ok()) << lone.error().message;
    EXPECT_EQ((*lone)[0].switches, (std::vector<std::string>{"s"}));
}

TEST(SlurmTopology, NamesTheLineOfAMistakeAndSaysWhatToDo) {
    EXPECT_THAT(mistake_in(""), HasSubstr("names no switch"));
    EXPECT_THAT(mistake_in("# nothing\n\n"), HasSubstr("names no switch"));
    EXPECT_THAT(mistake_in("\nNodes=n1\n"), HasSubstr("line 2: no SwitchName"));
    EXPECT_THAT(mistake_in("SwitchName=a\n"), HasSubstr("line 1: switch 'a' needs either"));
    EXPECT_THAT(mistake_in("SwitchName=a Nodes=n1 Switches=b\n"), HasSubstr("not both"));
    EXPECT_THAT(mistake_in("SwitchName=a Nodes=n[1-\n"), HasSubstr("line 1: Nodes: "));
    EXPECT_THAT(mistake_in("SwitchName=a[1-2] Nodes=n1\n"), HasSubstr("one switch"));
    EXPECT_THAT(mistake_in("SwitchName=a Nodes=n1 Speed=3\n"), HasSubstr("'Speed' is unknown"));
    EXPECT_THAT(mistake_in("SwitchName=a Nodes n1\n"), HasSubstr("'Nodes' is not KEY=VALUE"));
    EXPECT_THAT(mistake_in("SwitchName=a Nodes=n1\nSwitchName=a Nodes=n2\n"),
                HasSubstr("line 2: switch 'a' is on line 1 already"));
    EXPECT_THAT(mistake_in("SwitchName=a Switches=b\n"),
                HasSubstr("line 1: switch 'b' is described nowhere"));
    EXPECT_THAT(mistake_in("SwitchName=a Nodes=n[1-5]\nSwitchName=b Nodes=n4\n"),
                HasSubstr("line 2: node 'n4' is below 'a' (line 1) already"));
    EXPECT_THAT(mistake_in("SwitchName=a Switches=c\nSwitchName=b Switches=c\n"
                           "SwitchName=c Nodes=n1\n"),
                HasSubstr("line 2: switch 'c' is below 'a' (line 1) already"));
    EXPECT_THAT(mistake_in("SwitchName=a Switches=b\nSwitchName=b Switches=a\n"),
                HasSubstr("line 1: switch 'a' is above itself"));
}

TEST(SlurmTopology, RefusesAFileThatIsTooLarge) {
    EXPECT_THAT(mistake_in(std::string(topology_bytes_max + 1, '#')), HasSubstr("64 MiB"));
    std::string many;
    for (int line = 0; line < 3; ++line)
        many += "SwitchName=s" + std::to_string(line) + " Nodes=n" + std::to_string(line) +
                "x[1-900000]\n";
    EXPECT_THAT(mistake_in(many), HasSubstr("line 3: more than"));
}

TEST(SlurmTopology, ReadsRealFiles) {
    const char* directory = std::getenv("COPPICE_TOPOLOGIES");
    if (directory == nullptr)
        GTEST_SKIP() << "COPPICE_TOPOLOGIES does not name the directory of the real topologies";
    struct Case {
        const char* file;
        std::size_t hosts;
        std::size_t levels;
        std::size_t leaf_switches;
    };
    for (const Case& one :
         {Case{"slurm-case1.conf", 10'000, 3, 500}, Case{"slurm-case2.conf", 10'000, 3, 500},
          Case{"slurm-case3.conf", 400, 2, 20}}) {
        SCOPED_TRACE(one.file);
        std::ifstream in{std::string{directory} + '/' + one.file};
        ASSERT_TRUE(in);
        const auto hosts =
            parse_slurm_topology(std::string{std::istreambuf_iterator<char>{in}, {}});
        ASSERT_TRUE(hosts.ok()) << hosts.error().message;
        EXPECT_EQ(hosts->size(), one.hosts);
        EXPECT_EQ(switch_path(*hosts).size(), one.levels);
        std::set<std::string> leaves;
        for (const WiredHost& host : *hosts) leaves.insert(host.switches.back());
        EXPECT_EQ(leaves.size(), one.leaf_switches);
    }
}

}  // namespace
}  // namespace coppice::cli
