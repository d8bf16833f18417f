#pragma once
// The API before a manager whose hosts have a history.

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/api.h"
#include "runtime/clock.h"
#include "tests/support/fake_notary.h"
#include "tests/support/memory_series.h"
#include "tests/support/memory_timelines.h"
#include "tests/support/small_fleet.h"

namespace coppice::testing {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

/// n002 was live for an hour, lost for half of one, and is live again since half an hour; the
/// others live since two hours, but for n004, which is lost since an hour.
class HistoryOfHosts : public ::testing::Test {
protected:
    HistoryOfHosts() {
        static_cast<void>(manager.step(Started{.unix_time = now}, Instant{} + 1s));
        for (const std::uint32_t host : {1U, 2U, 3U, 4U}) begin(host, now - 2h, HostState::live);
        begin(2, now - 1h, HostState::lost, Cause::crashed);
        begin(2, now - 30min, HostState::live, Cause::joined);
        begin(4, now - 1h, HostState::lost, Cause::silent);
    }

    void begin(std::uint32_t host, UnixMillis from, HostState state, Cause cause = Cause::none) {
        const std::vector<Write> write{Begin{{HostId{host},
                                              from,
                                              {.state = state,
                                               .cause = cause,
                                               .since = from,
                                               .parent = HostId{host == 1 ? 0U : 1U},
                                               .generation = 3,
                                               .role = role_of(host, from)}}}};
        timelines.take(write);
    }
    /// An older release ran until 90 minutes ago.
    [[nodiscard]] std::optional<Role> role_of(std::uint32_t host, UnixMillis from) const {
        if (from < now - 90min) return std::nullopt;
        return host == 4 ? Role::branch : Role::leaf;
    }
    HttpResponse ask(const std::string& path, const std::map<std::string, std::string>& query) {
        return api.handle({.method = "GET", .path = path, .query = query});
    }
    Json get(const std::string& path, const std::map<std::string, std::string>& query = {}) {
        const HttpResponse response = ask(path, query);
        EXPECT_EQ(response.status, 200) << response.body;
        return Json::parse(response.body);
    }
    std::vector<std::string> names_at(std::map<std::string, std::string> query) {
        std::vector<std::string> names;
        for (const Json& host : get("/v1/hosts", query)) names.push_back(host["name"]);
        return names;
    }
    std::string refusal(int status, const std::string& path,
                        const std::map<std::string, std::string>& query) {
        const HttpResponse response = ask(path, query);
        EXPECT_EQ(response.status, status) << response.body;
        return Json::parse(response.body)["detail"];
    }

    const UnixMillis now = unix_now();
    FakeNotary notary;
    MemoryTimelines timelines;
    MemorySeries series;
    Manager manager{{.addresses = {"tcp://127.0.0.1:7400"}, .fanout = 4}, small_fleet(), notary};
    ManagerAccess access{{.manager = manager,
                          .post =
                              [](const std::function<void()>& task) {
                                  task();
                                  return true;
                              },
                          .submit = [](const Input&) {},
                          .patience = 100ms}};
    Api api{access, {timelines, series}, {}};
};

}  // namespace coppice::testing
