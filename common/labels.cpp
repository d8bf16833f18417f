// Checks of labels at registration.
#include "common/labels.h"

#include <algorithm>

#include "common/host_pattern.h"
#include "common/limits.h"

namespace coppice {

bool is_label_key_character(char character) {
    return is_host_character(character) || character == '/';
}

bool is_label_key(std::string_view key) {
    return !key.empty() && key.size() <= limits::label_key_bytes_max && key != "host" &&
           std::all_of(key.begin(), key.end(), is_label_key_character);
}

Result<Done> validate(const Labels& labels) {
    if (labels.size() > limits::labels_max)
        return Error{std::to_string(labels.size()) + " labels; a host has at most " +
                     std::to_string(limits::labels_max)};
    for (const auto& [key, value] : labels) {
        if (key == "host")
            return Error{
                "label \"host\": selectors use this word for the name; choose another key"};
        if (!is_label_key(key))
            return Error{"label \"" + key.substr(0, limits::label_key_bytes_max) +
                         "\": a key is 1 to " + std::to_string(limits::label_key_bytes_max) +
                         " letters, digits, '.', '_', '-' and '/'"};
        if (value.size() > limits::label_value_bytes_max)
            return Error{"label \"" + key + "\": the value has " + std::to_string(value.size()) +
                         " bytes; at most " + std::to_string(limits::label_value_bytes_max)};
    }
    return Done{};
}

}  // namespace coppice
