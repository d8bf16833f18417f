// events: what happened, and what is happening.

#include <chrono>
#include <iostream>
#include <map>
#include <thread>
#include <utility>

#include "cli/commands.h"
#include "cli/render.h"

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

/// Unix milliseconds of `since` ago; zero for everything.
std::int64_t start_of(const Session& session, Duration since) {
    if (!session.options().is_set("since")) return 0;
    const auto start = std::chrono::system_clock::now().time_since_epoch() - since;
    return std::chrono::duration_cast<std::chrono::milliseconds>(start).count();
}

/// What changed after `after`, which moves on; none when the manager did not answer.
std::optional<Json> next_page(Session& session, std::int64_t since, std::uint64_t& after) {
    auto events = session.get("/v1/events?since=" + std::to_string(since) +
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
    const Result<Duration> since = session.options().duration("since");
    if (!since.ok()) return session.misused(since.error().message);
    const std::int64_t start = start_of(session, *since);
    const bool follows = session.options().is_set("follow");
    std::uint64_t after = 0;
    NewestRevisions newest;
    while (true) {
        const auto events = next_page(session, start, after);
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
                           .value_name = "DURATION",
                           .default_value = "0s",
                           .help = "only those of the last 10m, 1h, 2d; all without it",
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
