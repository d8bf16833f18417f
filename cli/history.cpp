#include "cli/history.h"

#include <algorithm>
#include <iostream>

#include "cli/render.h"
#include "runtime/clock.h"
#include "runtime/time_text.h"

namespace coppice::cli {
namespace {

constexpr std::uint64_t page = 1000;

std::string shown(const Json& object, const char* field) {
    const std::string text = object.at(field).get<std::string>();
    return text.empty() ? "-" : text;
}

std::string state_text(const Json& condition) {
    return condition.at("state").get<std::string>() +
           (condition.at("drained").get<bool>() ? " (drained)" : "");
}

void print_history(const Json& history) {
    Table table{{"FROM", "TO", "LASTING", "STATE", "CAUSE", "ROLE", "PARENT"}};
    for (const Json& interval : history.at("intervals"))
        table.add({shown(interval, "from"), shown(interval, "to"),
                   lasting_text(interval.at("lasting_ms").get<std::int64_t>()),
                   state_text(interval), shown(interval, "cause"), shown(interval, "role"),
                   shown(interval, "parent")});
    if (table.empty()) {
        std::cout << "nothing is known of it in that time\n";
        return;
    }
    std::cout << table.text() << '\n'
              << shown(history, "name") << " was live for "
              << (history.at("availability").is_null()
                      ? "-"
                      : percent_text(history.at("availability").get<double>()))
              << " of the time from " << shown(history, "since") << " to "
              << shown(history, "until") << '\n';
}

}  // namespace

Result<UnixMillis> past_of(const Session& session, const std::string& option) {
    const UnixMillis now = unix_now();
    const Result<UnixMillis> time = parse_time(session.options().text(option), now);
    if (!time.ok()) return Error{"--" + option + ": " + time.error().message};
    if (*time > now) return Error{"--" + option + ": " + time_text(*time) + " is in the future"};
    return time;
}

int host_history(Session& session) {
    const std::string path = "/v1/hosts/" + escaped(session.options().text("host")) +
                             "/history?limit=" + std::to_string(page);
    std::string since;
    if (session.options().is_set("since")) {
        const Result<UnixMillis> time = past_of(session, "since");
        if (!time.ok()) return session.misused(time.error().message);
        since = "&since=" + escaped(time_text(*time));
    }
    auto history = session.get(path + since);
    if (!history) return session.exit_code();
    while (!history->at("next").is_null()) {
        const auto more = session.get(path + since + "&after=" + history->at("next").dump());
        if (!more) return session.exit_code();
        Json& intervals = history->at("intervals");
        intervals.insert(intervals.end(), more->at("intervals").begin(),
                         more->at("intervals").end());
        history->at("next") = more->at("next");
    }
    if (session.wants_json())
        Session::print(*history);
    else
        print_history(*history);
    return success;
}

Result<std::string> counts_path(const Session& session) {
    const Result<UnixMillis> at = past_of(session, "at");
    if (!at.ok()) return at.error();
    return "/v1/status?at=" + escaped(time_text(*at));
}

std::string counts_text(const Json& hosts) {
    std::string text = counted(hosts.at("registered").get<std::uint64_t>(), "host") + " registered";
    for (const auto& [state, count] : hosts.items())
        if (state != "registered" && (count != 0 || state == "live"))
            text += ", " + coloured(count.dump() + " " + state, state, wants_colours());
    return text;
}

int status_at(Session& session) {
    const Result<std::string> path = counts_path(session);
    if (!path.ok()) return session.misused(path.error().message);
    const auto status = session.get(*path);
    if (!status) return session.exit_code();
    if (session.wants_json())
        Session::print(*status);
    else
        std::cout << shown(*status, "at") << ": " << counts_text(status->at("hosts")) << '\n';
    return success;
}

int hosts_at(Session& session) {
    const Result<UnixMillis> at = past_of(session, "at");
    if (!at.ok()) return session.misused(at.error().message);
    const std::string path = "/v1/hosts?at=" + escaped(time_text(*at)) +
                             "&where=" + escaped(session.options().text("where")) +
                             "&state=" + escaped(session.options().text("state")) +
                             "&limit=" + std::to_string(page) + "&after=";
    Json all = Json::array();
    std::string after = "0";
    while (true) {
        const auto hosts = session.get(path + after);
        if (!hosts) return session.exit_code();
        all.insert(all.end(), hosts->begin(), hosts->end());
        if (hosts->size() < page) break;
        after = hosts->back().at("id").dump();
    }
    std::sort(all.begin(), all.end(), [](const Json& left, const Json& right) {
        return left.at("name").get_ref<const std::string&>() <
               right.at("name").get_ref<const std::string&>();
    });
    if (session.wants_json()) {
        Session::print(all);
        return success;
    }
    Table table{{"NAME", "STATE", "CAUSE", "SINCE", "ROLE", "PARENT"}};
    for (const Json& host : all)
        table.add({shown(host, "name"), state_text(host), shown(host, "cause"),
                   shown(host, "since"), shown(host, "role"), shown(host, "parent")});
    std::cout << (table.empty() ? "no such hosts then\n" : table.text());
    return success;
}

}  // namespace coppice::cli
