#pragma once
// One line per notice: text for people, JSON for machines.

#include <memory>
#include <ostream>
#include <string_view>

#include "common/node.h"
#include "common/result.h"

namespace coppice {

enum class LogFormat : std::uint8_t { text, json };

[[nodiscard]] Result<LogFormat> parse_log_format(std::string_view text);
[[nodiscard]] Result<Severity> parse_log_level(std::string_view text);

/// Safe to use from several threads. Lines are flushed at once.
///   text: 2024-05-01T12:00:00.123Z warning host.lost n007 is silent
///   json: {"time":"...","level":"warning","what":"host.lost","text":"n007 is silent"}
class Log {
public:
    /// Drops what is less severe than `least`. `out` outlives the log.
    Log(LogFormat format, Severity least, std::ostream& out);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void write(const Notice& notice);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coppice
