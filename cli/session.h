#pragma once
// One run of a command: its options, the manager it asks, and how it prints.

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/command_line.h"

namespace coppice::cli {

using Json = nlohmann::ordered_json;

/// What a process tells the shell.
enum Exit : int { success = 0, answer_is_no = 1, wrong_usage = 2, unreachable = 3 };

struct Request {
    std::string method = "GET";
    std::string path;  // with its query, already escaped
    std::string body;
    std::string content_type = "application/json";
    std::chrono::seconds patience{30};  // for the answer
};

/// What came of a request: a document, or a sentence and the exit code that fits it.
struct Answered {
    std::optional<Json> document;
    int code = success;
    std::string sentence;
};

class Session {
public:
    Session(ProgramSpec program, Options options);

    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] bool wants_json() const { return options_.is_set("json"); }
    [[nodiscard]] const std::string& manager() const { return manager_; }
    /// Which manager to ask when neither the options nor the environment name one.
    void prefer_manager(const std::string& url);

    /// The manager's answer. None when there is none or it is a refusal: then a sentence was
    /// printed to standard error and exit_code() says which.
    [[nodiscard]] std::optional<Json> ask(const Request& request);
    [[nodiscard]] std::optional<Json> get(const std::string& path) { return ask({.path = path}); }
    /// The same, and nothing is printed.
    [[nodiscard]] Answered look(const Request& request) const;
    [[nodiscard]] int exit_code() const { return exit_code_; }

    /// One sentence and the right usage; returns the exit code.
    [[nodiscard]] int misused(const std::string& sentence) const;
    /// One sentence; returns `code`.
    static int fail(int code, const std::string& sentence);
    /// The one JSON document of this run.
    static void print(const Json& document);

private:
    ProgramSpec program_;
    Options options_;
    std::string manager_;
    int exit_code_ = success;
};

/// Escapes everything but unreserved characters (RFC 3986), for a part of a path or of a query.
[[nodiscard]] std::string escaped(std::string_view text);
/// The same but for slashes, for a topic in a path.
[[nodiscard]] std::string escaped_path(std::string_view text);

}  // namespace coppice::cli
