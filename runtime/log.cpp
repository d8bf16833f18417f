#include "runtime/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>

#include <array>
#include <string>

namespace coppice {
namespace {

spdlog::level::level_enum level_of(Severity severity) {
    switch (severity) {
        case Severity::debug:
            return spdlog::level::debug;
        case Severity::info:
            return spdlog::level::info;
        case Severity::warning:
            return spdlog::level::warn;
        case Severity::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

/// A notice may quote what came over the network: a line stays one line.
std::string in_one_line(std::string text) {
    for (char& letter : text)
        if (static_cast<unsigned char>(letter) < ' ') letter = ' ';
    return text;
}

std::string json_string(const std::string& text) {
    std::string quoted = "\"";
    for (const char letter : in_one_line(text)) {
        if (letter == '"' || letter == '\\') quoted += '\\';
        quoted += letter;
    }
    return quoted + "\"";
}

}  // namespace

struct Log::State {
    LogFormat format;
    spdlog::logger logger;
};

Result<LogFormat> parse_log_format(std::string_view text) {
    if (text == "text") return LogFormat::text;
    if (text == "json") return LogFormat::json;
    return Error{"a log is \"text\" or \"json\", not \"" + std::string{text} + "\""};
}

Log::Log(LogFormat format, Severity least, std::ostream& out)
    : state_{std::make_unique<State>(State{
          format, spdlog::logger{"coppice",
                                 std::make_shared<spdlog::sinks::ostream_sink_mt>(out, true)}})} {
    const char* pattern = format == LogFormat::json
                              ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
    state_->logger.set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
    state_->logger.set_level(level_of(least));
}

Log::~Log() = default;

void Log::write(const Notice& notice) {
    const std::string line =
        state_->format == LogFormat::json
            ? "\"what\":" + json_string(notice.what) + ",\"text\":" + json_string(notice.text)
            : notice.what + " " + in_one_line(notice.text);
    state_->logger.log(level_of(notice.severity), spdlog::string_view_t{line});
}

}  // namespace coppice
