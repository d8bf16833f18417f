#include "runtime/http_request.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace coppice {
namespace {

constexpr std::string_view line_end = "\r\n";

/// The text up to the mark, which is taken away with it; nothing when the mark is not there.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view mark) {
    const std::size_t end = text.find(mark);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end + mark.size());
    return part;
}

/// The last line has no end.
std::string_view take_line(std::string_view& lines) {
    if (const auto line = take_until(lines, line_end)) return *line;
    return std::exchange(lines, {});
}

bool is_plain(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return byte < ' ' || byte == 0x7f;
    });
}

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& letter : out)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return out;
}

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

bool read_query(std::string_view text, HttpRequest& into) {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto name = percent_decoded(pair.substr(0, equals));
        const auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
        if (!name || !value) return false;
        into.query.emplace(*name, *value);
    }
    return true;
}

bool read_first_line(std::string_view line, HttpRequest& into) {
    const auto method = take_until(line, " ");
    const auto target = take_until(line, " ");
    if (!method || method->empty() || !target || !target->starts_with('/')) return false;
    if (!line.starts_with("HTTP/1.")) return false;
    const std::size_t question = std::min(target->find('?'), target->size());
    const auto path = percent_decoded(target->substr(0, question));
    if (!path) return false;
    into.method = *method;
    into.path = *path;
    return read_query(target->substr(std::min(question + 1, target->size())), into);
}

bool read_header(std::string_view line, HttpRequest& into) {
    const auto name = take_until(line, ":");
    const bool is_name = name && !name->empty() && name->find_first_of(" \t") == name->npos;
    return is_name && into.headers.emplace(lower(*name), trimmed(line)).second;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (text.front() != '%') {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        unsigned byte = 0;
        if (text.size() < 3) return std::nullopt;
        const char* last = text.data() + 3;
        const auto [end, wrong] = std::from_chars(text.data() + 1, last, byte, 16);
        if (wrong != std::errc{} || end != last) return std::nullopt;
        out += static_cast<char>(byte);
        text.remove_prefix(3);
    }
    return out;
}

Result<HttpRequest> parse_http_request(std::string_view bytes) {
    const Error malformed{"the request is not well-formed HTTP/1.1"};
    std::string_view rest = bytes;
    const auto head = take_until(rest, "\r\n\r\n");
    if (!head) return malformed;
    std::string_view lines = *head;
    HttpRequest request;
    std::string_view line = take_line(lines);
    if (!is_plain(line) || !read_first_line(line, request)) return malformed;
    while (!lines.empty()) {
        line = take_line(lines);
        if (!read_header(line, request)) return Error{"a header is malformed, or is there twice"};
    }
    if (request.headers.contains("transfer-encoding"))
        return Error{"send the body whole, with its Content-Length"};
    std::size_t length = 0;
    if (const auto said = request.headers.find("content-length"); said != request.headers.end()) {
        const char* last = said->second.data() + said->second.size();
        const auto [end, wrong] = std::from_chars(said->second.data(), last, length);
        if (wrong != std::errc{} || end != last)
            return Error{"the Content-Length is not a whole number"};
    }
    if (rest.size() < length) return Error{"the body is shorter than its Content-Length"};
    request.body = rest.substr(0, length);
    return request;
}

}  // namespace coppice
