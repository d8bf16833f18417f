#include "runtime/log.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <string>

#include "runtime/json_text.h"

namespace coppice {
namespace {

const char* to_text(Severity severity) {
    switch (severity) {
        case Severity::debug:
            return "debug";
        case Severity::info:
            return "info";
        case Severity::warning:
            return "warning";
        case Severity::error:
            break;
    }
    return "error";
}

/// Now, in UTC: 2024-05-01T12:00:00.123Z.
std::string timestamp() {
    using std::chrono::milliseconds;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now);
    const std::time_t count = seconds.count();
    std::tm parts{};
    ::gmtime_r(&count, &parts);
    std::array<char, 64> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(
        text.data() + length, text.size() - length, ".%03dZ",
        static_cast<int>(std::chrono::duration_cast<milliseconds>(now - seconds).count()));
    return text.data();
}

/// A notice may quote what came over the network: a line stays one line.
std::string in_one_line(std::string text) {
    for (char& letter : text)
        if (static_cast<unsigned char>(letter) < ' ') letter = ' ';
    return text;
}

}  // namespace

struct Log::State {
    LogFormat format;
    Severity least;
    std::ostream& out;
    std::mutex mutex;  // of `out`
};

Result<LogFormat> parse_log_format(std::string_view text) {
    if (text == "text") return LogFormat::text;
    if (text == "json") return LogFormat::json;
    return Error{"a log is \"text\" or \"json\", not \"" + std::string{text} + "\""};
}

Result<Severity> parse_log_level(std::string_view text) {
    for (const Severity level :
         {Severity::debug, Severity::info, Severity::warning, Severity::error})
        if (text == to_text(level)) return level;
    return Error{"a level is \"debug\", \"info\", \"warning\" or \"error\", not \"" +
                 std::string{text} + "\""};
}

Log::Log(LogFormat format, Severity least, std::ostream& out)
    : state_{new State{.format = format, .least = least, .out = out, .mutex = {}}} {}

Log::~Log() = default;

void Log::write(const Notice& notice) {
    if (notice.severity < state_->least) return;
    const std::string level = to_text(notice.severity);
    const std::string line =
        state_->format == LogFormat::json
            ? "{\"time\":\"" + timestamp() + "\",\"level\":\"" + level +
                  "\",\"what\":" + json_string(notice.what) +
                  ",\"text\":" + json_string(notice.text) + "}\n"
            : timestamp() + " " + level + " " + notice.what + " " + in_one_line(notice.text) + "\n";
    const std::lock_guard lock{state_->mutex};
    state_->out << line << std::flush;
}

}  // namespace coppice
