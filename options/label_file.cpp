#include "options/label_file.h"

#include <algorithm>

#include "runtime/durable_file.h"

namespace coppice {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

Result<Done> take_line(std::string_view line, Labels& labels) {
    if (line.empty() || line.front() == '#') return Done{};
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos)
        return Error{"'" + std::string{line} + "' is not KEY=VALUE; comments begin with #"};
    const std::string key{trimmed(line.substr(0, equals))};
    if (!is_label_key(key))
        return Error{"'" + key + "' is not a label key; use letters, digits and _ . - /"};
    if (!labels.emplace(key, trimmed(line.substr(equals + 1))).second)
        return Error{"'" + key + "' is there already; give each key once"};
    return Done{};
}

}  // namespace

Result<Labels> parse_labels(std::string_view text) {
    Labels labels;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (const auto taken = take_line(trimmed(line), labels); !taken.ok())
            return Error{"line " + std::to_string(number) + ": " + taken.error().message};
    }
    if (const auto valid = validate(labels); !valid.ok()) return valid.error();
    return labels;
}

std::string labels_text(const Labels& labels) {
    std::string text;
    for (const auto& [key, value] : labels) text += key + '=' + value + '\n';
    return text;
}

Result<Labels> read_label_file(const std::string& path) {
    const Result<std::string> text = read_small_file(path);
    if (!text.ok()) return text.error();
    Result<Labels> labels = parse_labels(*text);
    if (!labels.ok()) return Error{path + ": " + labels.error().message};
    return labels;
}

}  // namespace coppice
