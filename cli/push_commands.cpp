// push, pushes, topic: data on its way down and the receipts for it.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include "cli/commands.h"
#include "cli/render.h"
#include "common/limits.h"
#include "common/result.h"

namespace coppice::cli {
namespace {

constexpr std::chrono::milliseconds poll_pause{50};

Result<std::string> payload_of(const std::string& file) {
    std::string payload;
    if (file == "-") {
        payload.assign(std::istreambuf_iterator<char>{std::cin}, {});
    } else {
        std::ifstream in{file, std::ios::binary};
        if (!in) return Error{"cannot open " + file};
        payload.assign(std::istreambuf_iterator<char>{in}, {});
        if (in.bad() || std::filesystem::is_directory(file)) return Error{"cannot read " + file};
    }
    if (payload.size() > limits::payload_bytes_max)
        return Error{file + " has " + std::to_string(payload.size()) +
                     " bytes; a push takes at most " + std::to_string(limits::payload_bytes_max)};
    return payload;
}

std::string summary_of(const Json& push) {
    std::string text = push.at("topic").get<std::string>() + " version " +
                       push.at("version").dump() + ": " + push.at("applied").dump() +
                       " applied of " + push.at("target").dump();
    for (const char* part : {"refused", "isolated", "pending", "late_joiners"})
        if (push.at(part) != 0) text += ", " + push.at(part).dump() + " " + part;
    if (push.at("complete") == true) return text + "; complete";
    return text + (push.at("settled") == true ? "; settled: the rest cannot be reached" : "");
}

void print_details(const Json& push) {
    for (const Json& exception : push.at("exceptions"))
        std::cout << "  refused by " << exception.at("hosts").get<std::string>() << ": "
                  << exception.at("reason").get<std::string>() << '\n';
    const std::string pending = push.value("pending_hosts", "");
    if (!pending.empty()) std::cout << "  pending: " << pending << '\n';
    const Json& time = push.at("time_ms");
    if (!time.empty()) {
        std::cout << "  applied after";
        for (const auto& [name, value] : time.items())
            if (!value.is_null()) std::cout << "  " << name << " " << value << " ms";
        std::cout << '\n';
    }
}

int show(const Session& session, const Json& push) {
    if (session.wants_json()) {
        Session::print(push);
    } else {
        std::cout << summary_of(push) << '\n';
        print_details(push);
    }
    return success;
}

/// Follows a receipt until it is complete, settled, or the time is over.
int wait_for(Session& session, Json push, Duration limit) {
    Progress progress{push.at("topic").get<std::string>()};
    const auto end = std::chrono::steady_clock::now() + limit;
    const std::string path = "/v1/pushes/" + push.at("push").dump();
    while (true) {
        progress.show(push.at("applied").get<std::uint64_t>(),
                      push.at("target").get<std::uint64_t>());
        const bool is_over = push.at("complete") == true || push.at("settled") == true;
        if (is_over || std::chrono::steady_clock::now() >= end) break;
        std::this_thread::sleep_for(poll_pause);
        auto next = session.get(path);
        if (!next) {
            progress.finish();
            return session.exit_code();
        }
        push = std::move(*next);
    }
    progress.finish();
    static_cast<void>(show(session, push));
    return push.at("complete") == true ? success : answer_is_no;
}

int push(Session& session) {
    const Options& options = session.options();
    const Result<std::string> payload = payload_of(options.text("file"));
    if (!payload.ok()) return session.misused(payload.error().message);
    const Result<Duration> wait = options.duration("wait");
    if (!wait.ok()) return session.misused(wait.error().message);
    auto accepted = session.ask({.method = "POST",
                                 .path = "/v1/pushes?topic=" + escaped(options.text("topic")) +
                                         "&where=" + escaped(options.text("where")),
                                 .body = *payload,
                                 .content_type = "application/octet-stream"});
    if (!accepted) return session.exit_code();
    if (options.is_set("wait")) return wait_for(session, std::move(*accepted), *wait);
    return show(session, *accepted);
}

int list(Session& session, const std::string& path) {
    const auto pushes = session.get(path);
    if (!pushes) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*pushes);
        return success;
    }
    Table table{{"PUSH", "TOPIC", "VERSION", "COMMITTED", "TARGET", "APPLIED", "REFUSED",
                 "ISOLATED", "PENDING", "LATE", "STATE"}};
    for (const Json& one : *pushes) {
        const char* state = one.at("complete") == true  ? "complete"
                            : one.at("settled") == true ? "settled"
                                                        : "open";
        table.add({one.at("push").dump(), one.at("topic").get<std::string>(),
                   one.at("version").dump(), one.value("committed", "-"), one.at("target").dump(),
                   one.at("applied").dump(), one.at("refused").dump(), one.at("isolated").dump(),
                   one.at("pending").dump(), one.at("late_joiners").dump(), state});
    }
    std::cout << (table.empty() ? "nothing was pushed yet\n" : table.text());
    return success;
}

int pushes(Session& session) { return list(session, "/v1/pushes"); }

int topic(Session& session) {
    return list(session, "/v1/topics/" + escaped_path(session.options().text("topic")));
}

}  // namespace

std::vector<Command> push_commands() {
    const OptionSpec where{.name = "where",
                           .value_name = "SELECTOR",
                           .help = "the target, now and for hosts that match later; all without it",
                           .is_in_file = false};
    const OptionSpec wait{.name = "wait",
                          .value_name = "DURATION",
                          .default_value = "0s",
                          .help = "until complete (exit 0), settled or this long (exit 1)",
                          .is_in_file = false};
    return {
        asking({.words = "push",
                .usage = "TOPIC FILE [--where SELECTOR] [--wait 30s]",
                .summary = "push a file (- is standard input) as the new version of a topic",
                .positionals = {"topic", "file"},
                .options = {where, wait}},
               push),
        asking({.words = "pushes", .usage = "", .summary = "every push and its receipt"}, pushes),
        asking({.words = "topic",
                .usage = "TOPIC",
                .summary = "the pushes of one topic, newest first",
                .positionals = {"topic"}},
               topic)};
}

}  // namespace coppice::cli
