#include "runtime/json_text.h"

#include <algorithm>

namespace coppice {
namespace {

/// Bytes of the UTF-8 character at the start of the text (RFC 3629); zero when there is none.
std::size_t character_size(std::string_view text) {
    const auto byte = [text](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t size = first < 0xc2   ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
    for (std::size_t at = 1; at < size; ++at)
        if (byte(at) < 0x80 || byte(at) > 0xbf) return 0;
    const bool is_overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool is_no_character =
        (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
    return is_overlong || is_no_character ? 0 : size;
}

}  // namespace

std::string json_string(std::string_view text) {
    std::string quoted = "\"";
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        const char letter = text.front();
        if (letter == '"' || letter == '\\') quoted += '\\';
        if (size == 0) {
            quoted += "\xef\xbf\xbd";
        } else if (static_cast<unsigned char>(letter) < ' ') {
            quoted += ' ';
        } else {
            quoted += text.substr(0, size);
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return quoted + "\"";
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace coppice
