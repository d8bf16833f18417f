#include "runtime/command_line.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <utility>

#include "common/close_name.h"

namespace coppice {
namespace {

namespace po = boost::program_options;

using Texts = std::vector<std::string>;

const OptionSpec* find_option(const ProgramSpec& program, std::string_view name) {
    const auto found = std::find_if(program.options.begin(), program.options.end(),
                                    [&](const OptionSpec& option) { return option.name == name; });
    return found == program.options.end() ? nullptr : &*found;
}

po::options_description describe(const ProgramSpec& program, bool is_file) {
    po::options_description description;
    std::vector<OptionSpec> options = program.options;
    if (is_file)
        options.insert(options.end(), program.file_options.begin(), program.file_options.end());
    for (const OptionSpec& option : options) {
        if (is_file && !option.is_in_file) continue;
        if (option.value_name.empty() && !is_file) {
            description.add_options()(option.name.c_str(), option.help.c_str());
        } else {
            description.add_options()(option.name.c_str(), po::value<Texts>()->composing(),
                                      option.help.c_str());
        }
    }
    return description;
}

/// Boost's words for a mistake are for programmers, and its what() never returns when they quote
/// one of its placeholders, such as %option%. These name the option and what to do.
Error explain(const ProgramSpec& program, const po::error& mistake, const std::string& where) {
    const std::string hint = "; " + program.program + " --help lists the options";
    const auto* about = dynamic_cast<const po::error_with_option_name*>(&mistake);
    if (about == nullptr) return Error{where + mistake.what() + hint};
    const std::string name = about->get_option_name();
    if (dynamic_cast<const po::unknown_option*>(about) != nullptr)
        return Error{where + "there is no option " + name + hint};
    const std::size_t dashes = std::min(name.find_first_not_of('-'), name.size());
    const OptionSpec* option = find_option(program, name.substr(dashes));
    if (option == nullptr) return Error{where + "an argument is no option" + hint};
    if (option->value_name.empty()) return Error{where + name + " takes no value"};
    return Error{where + name + " needs a value: " + option->value_name};
}

struct Given {
    std::map<std::string, Texts> options;
    Texts positionals;
};

Given collect(const po::basic_parsed_options<char>& parsed) {
    Given given;
    for (const auto& option : parsed.options) {
        if (option.position_key >= 0) {
            given.positionals.insert(given.positionals.end(), option.value.begin(),
                                     option.value.end());
            continue;
        }
        Texts& texts = given.options[option.string_key];
        texts.insert(texts.end(), option.value.begin(), option.value.end());
    }
    return given;
}

Result<Given> parse_flags(const ProgramSpec& program, const Texts& arguments) {
    constexpr int style =
        po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    try {
        const po::options_description description = describe(program, false);
        return collect(po::command_line_parser(arguments).options(description).style(style).run());
    } catch (const po::error& mistake) {
        return explain(program, mistake, "");
    }
}

Texts file_keys(const ProgramSpec& program) {
    Texts keys;
    for (const auto* options : {&program.options, &program.file_options})
        for (const OptionSpec& option : *options)
            if (option.is_in_file) keys.push_back(option.name);
    return keys;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r";
    text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
    return text.substr(0, text.find_last_not_of(blank) + 1);
}

/// Boost names neither the line nor what was meant.
std::optional<Error> find_mistake(const ProgramSpec& program, const std::string& path,
                                  std::istream& file) {
    const Texts keys = file_keys(program);
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        const std::string where = path + ":" + std::to_string(number) + ": ";
        const std::string_view setting = trimmed(std::string_view{line}.substr(0, line.find('#')));
        if (setting.empty()) continue;
        const std::size_t equals = setting.find('=');
        if (equals == std::string_view::npos)
            return Error{where + "\"" + std::string{setting} +
                         "\" is no setting; write name = value"};
        const std::string key{trimmed(setting.substr(0, equals))};
        if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
        const std::string meant = did_you_mean(key, keys);
        return Error{where + "there is no setting \"" + key + '"' + (meant.empty() ? ";" : meant) +
                     ' ' + program.program + " --print-config lists them"};
    }
    return std::nullopt;
}

Result<Given> parse_file(const ProgramSpec& program, const std::string& path) {
    std::ifstream file{path};
    std::error_code ignored;
    if (!file || std::filesystem::is_directory(path, ignored))
        return Error{"cannot read the configuration file " + path +
                     "; name a file that this user may read"};
    if (auto mistake = find_mistake(program, path, file)) return *std::move(mistake);
    file.clear();
    file.seekg(0);
    try {
        return collect(po::parse_config_file(file, describe(program, true)));
    } catch (const po::error& mistake) {
        return explain(program, mistake, path + ": ");
    }
}

/// A switch in a file is "name = true"; as a flag it has no value.
Result<bool> switch_value(const OptionSpec& option, const Texts& texts) {
    if (texts.empty()) return true;
    if (texts.back() == "true") return true;
    if (texts.back() == "false") return false;
    return Error{option.name + " is true or false, not \"" + texts.back() + "\""};
}

}  // namespace

const Options::Value& Options::value(const std::string& name) const {
    const auto found = values_.find(name);
    COPPICE_ENSURE(found != values_.end(), "a program asks for an option that it does not have");
    return found->second;
}

bool Options::is_set(const std::string& name) const { return value(name).is_set; }

const std::string& Options::text(const std::string& name) const {
    static const std::string none;
    const Value& found = value(name);
    return found.texts.empty() ? none : found.texts.back();
}

const Texts& Options::all(const std::string& name) const { return value(name).texts; }

Result<Duration> Options::duration(const std::string& name) const {
    const Result<Duration> parsed = parse_duration(text(name));
    if (!parsed) return Error{"--" + name + ": " + parsed.error().message};
    return parsed;
}

Result<std::uint64_t> Options::number(const std::string& name) const {
    const std::string& given = text(name);
    std::uint64_t number = 0;
    const char* last = given.data() + given.size();
    const auto [end, failure] = std::from_chars(given.data(), last, number);
    if (failure != std::errc{} || end != last)
        return Error{"--" + name + ": \"" + given + "\" is not a whole number"};
    return number;
}

Result<double> Options::share(const std::string& name) const {
    const std::string& given = text(name);
    double number = -1;
    const char* last = given.data() + given.size();
    const auto [end, failure] = std::from_chars(given.data(), last, number);
    const std::string_view unit{end, static_cast<std::size_t>(last - end)};
    if (unit == "%") number /= 100;
    if (failure == std::errc{} && (unit.empty() || unit == "%") && number >= 0 && number <= 1)
        return number;
    return Error{"--" + name + ": \"" + given +
                 "\" is not a share; write 0 to 1, or percent, such as 0.01 or 1%"};
}

namespace {

/// The value of one option: of the flags, otherwise of the file, otherwise its default.
Result<std::pair<Texts, bool>> value_of(const OptionSpec& option, const Given& flags,
                                        const Given& file) {
    const auto flag = flags.options.find(option.name);
    const auto setting = file.options.find(option.name);
    Texts texts;
    bool is_set = flag != flags.options.end() || setting != file.options.end();
    if (is_set) texts = flag != flags.options.end() ? flag->second : setting->second;
    if (is_set && option.value_name.empty()) {
        const Result<bool> on = switch_value(option, texts);
        if (!on) return on.error();
        texts.clear();
        is_set = *on;
    }
    if (texts.size() > 1 && !option.is_repeatable)
        return Error{"--" + option.name + " is given twice"};
    if (texts.empty() && !option.default_value.empty()) texts = {option.default_value};
    return std::pair{std::move(texts), is_set};
}

}  // namespace

Result<Options> parse_options(const ProgramSpec& program, const Texts& arguments) {
    Result<Given> flags = parse_flags(program, arguments);
    if (!flags) return flags.error();
    const Texts& given = flags->positionals;
    const bool asks_help = flags->options.contains("help");
    Texts positionals = program.positionals;
    if (!program.optional_positional.empty()) positionals.push_back(program.optional_positional);
    if (given.size() > positionals.size())
        return Error{"\"" + given[positionals.size()] +
                     "\" is one argument too many; usage: " + usage_line(program)};
    if (given.size() < program.positionals.size() && !asks_help)
        return Error{program.positionals[given.size()] +
                     " is missing; usage: " + usage_line(program)};

    Given file;
    if (const auto config = flags->options.find("config"); config != flags->options.end()) {
        Result<Given> parsed = parse_file(program, config->second.back());
        if (!parsed) return parsed.error();
        file = std::move(*parsed);
    }
    Options options;
    std::vector<OptionSpec> all = program.options;
    all.insert(all.end(), program.file_options.begin(), program.file_options.end());
    for (const OptionSpec& option : all) {
        Result<std::pair<Texts, bool>> value = value_of(option, *flags, file);
        if (!value) return value.error();
        options.values_[option.name] = {std::move(value->first), value->second};
    }
    for (std::size_t at = 0; at < positionals.size(); ++at)
        options.values_[positionals[at]] =
            at < given.size() ? Options::Value{.texts = {given[at]}, .is_set = true}
                              : Options::Value{};
    return options;
}

std::vector<OptionSpec> flags_only(std::vector<OptionSpec> options) {
    for (OptionSpec& option : options) option.is_in_file = false;
    return options;
}

std::vector<OptionSpec> standard_options() {
    return flags_only({{"print-config", "", "", "print the settings as such a file and end"},
                       {"version", "", "", "print the version and end"},
                       {"help", "", "", "print this and end"}});
}

std::optional<std::string> standard_answer(const ProgramSpec& program, const Options& options) {
    if (options.is_set("help")) return help_text(program);
    if (options.is_set("version")) return program.program + " " COPPICE_VERSION "\n";
    if (options.is_set("print-config")) return config_text(program, options);
    return std::nullopt;
}

std::string usage_line(const ProgramSpec& program) {
    return program.program + (program.usage.empty() ? "" : " " + program.usage);
}

std::string help_text(const ProgramSpec& program) {
    constexpr std::size_t column = 28;
    std::string text = "usage: " + usage_line(program) + "\n\n" + program.summary + "\n\n";
    for (const OptionSpec& option : program.options) {
        std::string line = "  --" + option.name;
        if (!option.value_name.empty()) line += " " + option.value_name;
        line += line.size() < column ? std::string(column - line.size(), ' ') : "  ";
        line += option.help;
        if (!option.default_value.empty()) line += " (default " + option.default_value + ")";
        text += line + "\n";
    }
    return text;
}

namespace {

/// A file gives back the same value.
bool is_writable(const std::string& value) {
    constexpr const char* white_space = " \t\r\n";
    return value.find_first_of("#\n") == std::string::npos &&
           (value.empty() || (value.find_first_not_of(white_space) == 0 &&
                              value.find_last_not_of(white_space) == value.size() - 1));
}

}  // namespace

std::string config_text(const ProgramSpec& program, const Options& options) {
    std::string text;
    for (const OptionSpec& option : program.options) {
        if (!option.is_in_file) continue;
        text += "# " + option.help + "\n";
        Texts values = options.all(option.name);
        if (option.value_name.empty()) values = {options.is_set(option.name) ? "true" : "false"};
        if (values.empty()) text += "# " + option.name + " =\n";
        for (const std::string& value : values)
            text += is_writable(value) ? option.name + " = " + value + "\n"
                                       : "# " + option.name +
                                             ": a value with #, a line break, or white space at " +
                                             "an end is given as a flag\n";
    }
    return text;
}

}  // namespace coppice
