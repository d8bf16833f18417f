#pragma once
// Options of our programs: flags and an INI file under the same names.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/ids.h"
#include "common/result.h"
#include "common/time.h"

namespace coppice {

/// A number with a unit: 200ms, 10s, 0.5s, 5m, 2h, 1d. An error quotes the text.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);
/// In the largest unit that needs no fraction. parse_duration(duration_text(x)) is x for whole
/// milliseconds.
[[nodiscard]] std::string duration_text(Duration duration);

struct OptionSpec {
    std::string name;           // without the dashes
    std::string value_name;     // "DURATION"; empty: a switch
    std::string default_value;  // empty: none
    std::string help;
    bool is_repeatable = false;
    bool is_in_file = true;  // false: only as a flag, such as --config
};

struct ProgramSpec {
    std::string program;                   // as typed: "coppice push"
    std::string usage;                     // what follows: "TOPIC FILE [--where SELECTOR]"
    std::string summary;                   // one sentence
    std::vector<OptionSpec> options;       // an option "config" names the INI file to read
    std::vector<std::string> positionals;  // required arguments, by name
    /// What the INI file may hold besides: options of the program that it is written for.
    std::vector<OptionSpec> file_options{};
    std::string optional_positional{};  // one more argument, by name, which may be missing
};

/// The values of one run. Asking for a name that the program does not have stops the process.
class Options {
public:
    /// Given as a flag or in the file, rather than by default.
    [[nodiscard]] bool is_set(const std::string& name) const;
    /// The value, or the default; empty when there is neither.
    [[nodiscard]] const std::string& text(const std::string& name) const;
    /// Every value of a repeatable option.
    [[nodiscard]] const std::vector<std::string>& all(const std::string& name) const;
    /// Errors name the option.
    [[nodiscard]] Result<Duration> duration(const std::string& name) const;
    [[nodiscard]] Result<std::uint64_t> number(const std::string& name) const;
    /// "0.01" or "1%": 0 to 1.
    [[nodiscard]] Result<double> share(const std::string& name) const;

private:
    friend Result<Options> parse_options(const ProgramSpec& program,
                                         const std::vector<std::string>& arguments);
    struct Value {
        std::vector<std::string> texts;
        bool is_set = false;
    };
    [[nodiscard]] const Value& value(const std::string& name) const;

    std::map<std::string, Value> values_;
};

/// `arguments` are those after the program's name. Flags win over the file. A mistake is one
/// sentence; unknown names, missing and surplus arguments are mistakes, in the file too.
[[nodiscard]] Result<Options> parse_options(const ProgramSpec& program,
                                            const std::vector<std::string>& arguments);

/// The same options, which a file cannot give.
[[nodiscard]] std::vector<OptionSpec> flags_only(std::vector<OptionSpec> options);
/// --print-config, --version and --help, which every daemon takes.
[[nodiscard]] std::vector<OptionSpec> standard_options();
/// What those ask for; nothing when none of them was given.
[[nodiscard]] std::optional<std::string> standard_answer(const ProgramSpec& program,
                                                         const Options& options);

[[nodiscard]] std::string usage_line(const ProgramSpec& program);
[[nodiscard]] std::string help_text(const ProgramSpec& program);
/// The INI file that gives the same values, each with its help: --print-config. Comments stand for
/// values that a file cannot give.
[[nodiscard]] std::string config_text(const ProgramSpec& program, const Options& options);

}  // namespace coppice
