// events: what happened, and what is happening.

#include <chrono>
#include <iostream>
#include <thread>

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
    const std::string cause = event.value("cause", "");
    if (!cause.empty()) text += "  " + cause;
    for (const auto& [name, value] : event.at("evidence").items())
        text += "  " + name + "=" + value.get<std::string>();
    return text;
}

/// Unix milliseconds of `since` ago; zero for everything.
std::int64_t start_of(const Session& session, Duration since) {
    if (!session.options().is_set("since")) return 0;
    const auto start = std::chrono::system_clock::now().time_since_epoch() - since;
    return std::chrono::duration_cast<std::chrono::milliseconds>(start).count();
}

/// The events after `after`, which moves on; none when the manager did not answer.
std::optional<Json> next_page(Session& session, std::int64_t since, std::uint64_t& after) {
    auto events = session.get("/v1/events?since=" + std::to_string(since) +
                              "&after=" + std::to_string(after) + "&limit=" + std::to_string(page));
    if (events && !events->empty()) after = events->back().at("id").get<std::uint64_t>();
    return events;
}

int events(Session& session) {
    const Result<Duration> since = session.options().duration("since");
    if (!since.ok()) return session.misused(since.error().message);
    const std::int64_t start = start_of(session, *since);
    const bool follows = session.options().is_set("follow");
    std::uint64_t after = 0;
    Json all = Json::array();
    while (true) {
        const auto events = next_page(session, start, after);
        if (!events) return session.exit_code();
        for (const Json& event : *events) {
            if (!session.wants_json()) {
                std::cout << line_of(event) << '\n';
            } else if (follows) {
                std::cout << event.dump() << '\n';
            } else {
                all.push_back(event);
            }
        }
        std::cout << std::flush;
        if (events->size() == page) continue;
        if (!follows) break;
        std::this_thread::sleep_for(follow_pause);
    }
    if (session.wants_json()) Session::print(all);
    return success;
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
