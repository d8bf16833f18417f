// events: what happened, and what is happening.

#include <chrono>
#include <iostream>
#include <map>
#include <thread>
#include <utility>

#include "cli/commands.h"
#include "cli/render.h"
#include "runtime/clock.h"
#include "runtime/time_text.h"

namespace coppice::cli {
namespace {

constexpr std::chrono::milliseconds follow_pause{500};
constexpr std::size_t page = 1000;

std::string line_of(const Json& event) {
    std::string text =
        event.at("time").get<std::string>() + "  " + event.at("kind").get<std::string>();
    const std::string hosts = event.value("hosts", "");
    if (!hosts.empty()) text += "  " + hosts;
    const Json& evidence = event.at("evidence");
    if (evidence.contains("story")) return text + "  " + evidence.at("story").get<std::string>();
    const std::string cause = event.value("cause", "");
    if (!cause.empty()) text += "  " + cause;
    for (const auto& [name, value] : evidence.items())
        text += "  " + name + "=" + value.get<std::string>();
    return text;
}

/// What changed after `after`, which moves on; none when the manager did not answer.
std::optional<Json> next_page(Session& session, UnixMillis since, std::uint64_t& after) {
    auto events = session.get("/v1/events?since=" + escaped(time_text(since)) +
                              "&after=" + std::to_string(after) + "&limit=" + std::to_string(page));
    if (events && !events->empty()) after = events->back().at("change").get<std::uint64_t>();
    return events;
}

/// Each event once for each look, in its newest revision.
class NewestRevisions {
public:
    void take(const Json& events) {
        for (const Json& event : events) {
            const auto id = event.at("id").get<std::uint64_t>();
            const auto revision = event.at("revision").get<std::uint64_t>();
            std::uint64_t& known = revision_[id];
            if (revision <= known) continue;
            known = revision;
            untold_[id] = event;
        }
    }

    /// By id; without those whose hosts another event tells of.
    Json untold() {
        Json list = Json::array();
        for (const auto& [id, event] : std::exchange(untold_, {}))
            if (!event.at("evidence").contains("part_of")) list.push_back(event);
        return list;
    }

private:
    std::map<std::uint64_t, std::uint64_t> revision_;
    std::map<std::uint64_t, Json> untold_;
};

int events(Session& session) {
    const std::string since = session.options().text("since");
    const Result<UnixMillis> start = since.empty() ? UnixMillis{} : parse_time(since, unix_now());
    if (!start.ok()) return session.misused("--since: " + start.error().message);
    const bool follows = session.options().is_set("follow");
    std::uint64_t after = 0;
    NewestRevisions newest;
    while (true) {
        const auto events = next_page(session, *start, after);
        if (!events) return session.exit_code();
        newest.take(*events);
        if (events->size() == page) continue;
        const Json news = newest.untold();
        if (session.wants_json() && !follows) {
            Session::print(news);
        } else {
            for (const Json& event : news)
                std::cout << (session.wants_json() ? event.dump() : line_of(event)) << '\n';
        }
        std::cout << std::flush;
        if (!follows) return success;
        std::this_thread::sleep_for(follow_pause);
    }
}

}  // namespace

std::vector<Command> event_commands() {
    const OptionSpec since{.name = "since",
                           .value_name = "TIME",
                           .help =
                               "only those of the last 10m, 1h, 2d, or since a time such as "
                               "2024-05-01T12:00:00Z; all without it",
                           .is_in_file = false};
    const OptionSpec follow{.name = "follow",
                            .help = "keep printing, with --json a document a line",
                            .is_in_file = false};
    return {asking({.words = "events",
                    .usage = "[--since 1h] [--follow]",
                    .summary = "what happened, oldest first",
                    .options = {since, follow}},
                   events)};
}

}  // namespace coppice::cli
