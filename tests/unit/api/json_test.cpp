// The fields that scripts rely on.

#include "api/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace coppice {
namespace {

using namespace std::chrono_literals;

std::string fake_name(HostId host) { return "n" + std::to_string(host.value); }

std::string fake_names(const HostSet& hosts) {
    std::string names;
    for (const HostId host : hosts.to_vector())
        names += (names.empty() ? "n" : ",n") + std::to_string(host.value);
    return names;
}

TEST(JsonOfAHost, HasTheFieldsThatScriptsRead) {
    HostView host{.state = HostState::lost, .parent = "n002", .children = 3};
    host.record = {.id = HostId{7},
                   .name = "n007",
                   .labels = {{"zone", "z1"}},
                   .resources = {{"cores", 8}},
                   .release = "0.1.0",
                   .cause = Cause::crashed,
                   .since = 1'714'564'800'000ms,
                   .incarnation = Incarnation{4},
                   .role = Role::branch,
                   .is_placed = true};
    const Json json = json_of(host);
    EXPECT_EQ(json["id"], 7);
    EXPECT_EQ(json["name"], "n007");
    EXPECT_EQ(json["state"], "lost");
    EXPECT_EQ(json["cause"], "crashed");
    EXPECT_EQ(json["since"], "2024-05-01T12:00:00.000Z");
    EXPECT_EQ(json["role"], "branch");
    EXPECT_EQ(json["parent"], "n002");
    EXPECT_EQ(json["cell"], 1);
    EXPECT_EQ(json["incarnation"], 4);
    EXPECT_EQ(json["labels"]["zone"], "z1");
    EXPECT_EQ(json["resources"]["cores"], 8);
    EXPECT_EQ(json["release"], "0.1.0");
    EXPECT_EQ(json["drained"], false);
}

TEST(JsonOfAHost, ThatHasNotJoinedYetIsSuspect) {
    HostView host{.state = HostState::joining};
    host.record.unplaced_reason = "every parent is full";
    const Json json = json_of(host);
    EXPECT_EQ(json["state"], "suspect");
    EXPECT_EQ(json["cause"], "joining");
    EXPECT_EQ(json["unplaced_reason"], "every parent is full");
    EXPECT_TRUE(json["labels"].is_object());
    EXPECT_TRUE(json["resources"].is_object());
}

TEST(JsonOfAReceipt, HasTheFieldsThatScriptsRead) {
    const ReceiptView receipt{
        .push = PushId{5},
        .topic = "a/b",
        .version = 2,
        .target = 10,
        .applied = 7,
        .refused = 1,
        .pending = 2,
        .late_joiners = 1,
        .settled = true,
        .pending_hosts = {HostId{8}, HostId{9}},
        .exceptions = {{"disk full", {HostId{3}}}},
        .applied_after_ms = {10, 20},
        .stages = {std::chrono::microseconds{1500}, std::chrono::microseconds{2000},
                   std::chrono::microseconds{250}}};
    const Json json = json_of(receipt, fake_names);
    EXPECT_EQ(json["push"], 5);
    EXPECT_EQ(json["version"], 2);
    EXPECT_EQ(json["target"], 10);
    EXPECT_EQ(json["applied"], 7);
    EXPECT_EQ(json["isolated"], 0);
    EXPECT_EQ(json["late_joiners"], 1);
    EXPECT_EQ(json["complete"], false);
    EXPECT_EQ(json["settled"], true);
    EXPECT_EQ(json["pending_hosts"], "n8,n9");
    EXPECT_EQ(json["exceptions"][0]["reason"], "disk full");
    EXPECT_EQ(json["exceptions"][0]["hosts"], "n3");
    EXPECT_EQ(json["time_ms"], Json({{"p50", 10}, {"p90", 20}}));
    EXPECT_EQ(json["stages"], (Json{{"held", 1.5}, {"way_1", 2.0}, {"apply", 0.25}}));
    EXPECT_EQ(json["completed_at"], "");
}

TEST(JsonOfAnAnswer, SaysWhomItCovers) {
    const QueryAnswered answer{.rows = {{.values = {2.5}, .hosts = 2}},
                               .target = {HostId{1}, HostId{2}, HostId{3}},
                               .included = {HostId{1}, HostId{3}},
                               .window = {.root = {.term = 4, .generation = 9}, .number = 12},
                               .age = 15ms};
    const Json json = json_of(answer, fake_names, fake_name);
    EXPECT_EQ(json["value"], 2.5);
    EXPECT_FALSE(json.contains("groups"));
    EXPECT_EQ(json["coverage"]["target"], 3);
    EXPECT_EQ(json["coverage"]["included"], 2);
    EXPECT_EQ(json["coverage"]["missing"], "n2");
    EXPECT_EQ(json["coverage"]["missing_count"], 1);
    EXPECT_EQ(json["window"], "4.9.12");
    EXPECT_EQ(json["age_ms"], 15);
    EXPECT_TRUE(json_of(QueryAnswered{.rows = {{}}}, fake_names, fake_name)["value"].is_null());
}

TEST(JsonOfAnAnswer, HasListsForHistogramsAndRankings) {
    QueryAnswered answer{.columns = {{.formula = "hist(load1)", .measurement = "load1"}},
                         .rows = {{.values = {std::vector<Quantiles::Bucket>{{1, 2, 5}}}}}};
    EXPECT_EQ(json_of(answer, fake_names, fake_name)["value"],
              Json::parse(R"([{"from": 1.0, "to": 2.0, "count": 5}])"));
    EXPECT_EQ(json_of(answer, fake_names, fake_name)["measurement"], "load1");
    answer.rows.front().values.front() = std::vector<Ranking::Entry>{{HostId{2}, 0.5}};
    EXPECT_EQ(json_of(answer, fake_names, fake_name)["value"],
              Json::parse(R"([{"host": "n2", "value": 0.5}])"));
}

TEST(JsonOfAnAnswer, HasPartsAsTextOrInBase64) {
    const QueryAnswered answer{
        .rows = {{.values = {Parts{.parts = {{3, {'h', 0xc3, 0xa4}}, {1, {0xff}}}}}}}};
    EXPECT_EQ(json_of(answer, fake_names, fake_name)["value"],
              Json::parse("[\"h\u00e4\", {\"base64\": \"/w==\"}]"));
}

TEST(JsonOfAnAnswer, HasAValueOfEachFormula) {
    const QueryAnswered answer{
        .columns = {{.formula = "avg(load1)", .measurement = "load1"}, {.formula = "count() * 2"}},
        .rows = {{.values = {2.5, {}}, .hosts = 2}}};
    const Json json = json_of(answer, fake_names, fake_name);
    EXPECT_FALSE(json.contains("value"));
    EXPECT_EQ(json["values"], Json::parse("[2.5, null]"));
    EXPECT_EQ(json["columns"][0], (Json{{"of", "avg(load1)"}, {"measurement", "load1"}}));
    EXPECT_EQ(json["columns"][1], (Json{{"of", "count() * 2"}, {"measurement", ""}}));
}

TEST(JsonOfAnAnswer, SharesTheHostsOutToGroups) {
    const QueryAnswered answer{
        .by = {"rack", "zone"},
        .rows = {{.key = {"r1", ""}, .values = {1.0}, .hosts = 2, .without_value = {{"load1", 1}}}},
        .other = QueryAnswered::Row{.key = {"r2", "z1"}, .hosts = 4},
        .uncertainties = {{.call = "p99(load1)", .relative = 0.01}},
        .notes = {"a note"}};
    const Json json = json_of(answer, fake_names, fake_name);
    EXPECT_FALSE(json.contains("value"));
    EXPECT_EQ(json["groups"][0], Json({{"key", {{"rack", "r1"}, {"zone", ""}}},
                                       {"value", 1.0},
                                       {"hosts", 2},
                                       {"without_value", {{"load1", 1}}}}));
    EXPECT_EQ(json["groups"][1], Json({{"key", Json::object()},
                                       {"other", true},
                                       {"from", {{"rack", "r2"}, {"zone", "z1"}}},
                                       {"value", nullptr},
                                       {"hosts", 4}}));
    EXPECT_EQ(json["errors"][0],
              Json({{"of", "p99(load1)"}, {"relative", 0.01}, {"kind", "bound"}}));
    EXPECT_EQ(json["notes"], Json::parse(R"(["a note"])"));
}

TEST(JsonOfAnEvent, NamesItsHosts) {
    const Event event{.id = 3,
                      .time = 1ms,
                      .kind = "host.lost",
                      .hosts = {HostId{1}, HostId{2}},
                      .cause = "silent",
                      .evidence = {{"observer", "n9"}},
                      .generation = 6};
    const Json json = json_of(EventView{.event = event, .change = 8}, fake_names);
    EXPECT_EQ(json["id"], 3);
    EXPECT_EQ(json["change"], 8);
    EXPECT_EQ(json["revision"], 1);
    EXPECT_EQ(json["kind"], "host.lost");
    EXPECT_EQ(json["hosts"], "n1,n2");
    EXPECT_EQ(json["count"], 2);
    EXPECT_EQ(json["evidence"]["observer"], "n9");
    EXPECT_EQ(json["generation"], 6);
}

TEST(JsonOfTheTree, ListsItsNodes) {
    const TreeView tree{.cell = "main",
                        .generation = 4,
                        .depth = 1,
                        .max_children = 1,
                        .root = "n1",
                        .nodes = {{.host = "n1", .role = Role::root, .children = 1},
                                  {.host = "n2", .parent = "n1", .state = HostState::live}}};
    const Json json = json_of(tree);
    EXPECT_EQ(json["root"], "n1");
    EXPECT_EQ(json["max_children"], 1);
    EXPECT_EQ(json["nodes"][0]["role"], "root");
    EXPECT_EQ(json["nodes"][1]["parent"], "n1");
    EXPECT_EQ(json["nodes"][1]["state"], "live");
}

TEST(JsonOfTheStatus, CountsHosts) {
    const StatusView status{.fleet = "f",
                            .managers = {"m1"},
                            .cells = {{.name = "main", .term = 2}},
                            .hosts = {.registered = 4, .live = 3, .lost = 1}};
    const Json json = json_of(status);
    EXPECT_EQ(json["managers"][0], "m1");
    EXPECT_EQ(json["cells"][0]["term"], 2);
    EXPECT_EQ(json["hosts"]["registered"], 4);
    EXPECT_EQ(json["hosts"]["unplaced"], 0);
}

TEST(Metrics, AreInTheFormatOfPrometheus) {
    EXPECT_EQ(
        metrics_text({{.name = "coppice_hosts{state=\"live\"}", .help = "Hosts.", .value = 40},
                      {.name = "coppice_hosts{state=\"lost\"}", .help = "Hosts.", .value = 0},
                      {.name = "coppice_x_total", .help = "X.", .is_counter = true, .value = 1.5}}),
        "# HELP coppice_hosts Hosts.\n# TYPE coppice_hosts gauge\n"
        "coppice_hosts{state=\"live\"} 40.0\ncoppice_hosts{state=\"lost\"} 0.0\n"
        "# HELP coppice_x_total X.\n# TYPE coppice_x_total counter\ncoppice_x_total 1.5\n");
}

}  // namespace
}  // namespace coppice
