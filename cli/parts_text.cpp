#include "cli/parts_text.h"

#include <algorithm>

namespace coppice::cli {
namespace {

std::string part_text(const Json& part) {
    std::string text = part.is_string() ? part.get<std::string>()
                                        : "base64 " + part.at("base64").get<std::string>();
    const auto is_obeyed = [](char letter) {
        constexpr unsigned char erase = 0x7f;
        const auto byte = static_cast<unsigned char>(letter);
        return byte == erase || (byte < ' ' && letter != '\n' && letter != '\t');
    };
    std::replace_if(text.begin(), text.end(), is_obeyed, ' ');
    return text.ends_with('\n') ? text : text + '\n';
}

}  // namespace

bool is_parts(const Json& value) {
    return value.is_array() && !value.empty() &&
           (value.front().is_string() || value.front().contains("base64"));
}

std::string parts_text(const Json& value) {
    if (value.size() == 1) {
        std::string text = part_text(value.front());
        const bool is_one_line = text.find('\n') + 1 == text.size();
        return is_one_line ? text : '\n' + text;
    }
    std::string text = "\n";
    for (std::size_t at = 0; at < value.size(); ++at)
        text += "part " + std::to_string(at + 1) + " of " + std::to_string(value.size()) + ":\n" +
                part_text(value[at]);
    return text;
}

}  // namespace coppice::cli
