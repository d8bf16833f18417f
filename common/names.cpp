// Checks of names: each says what is wrong with the first mistake that it meets.
#include "common/names.h"

#include <algorithm>
#include <string>

#include "common/host_pattern.h"
#include "common/limits.h"

namespace coppice {
namespace {

constexpr unsigned port_max = 65535;
constexpr std::size_t shown_max = 40;

bool is_digit(char character) { return character >= '0' && character <= '9'; }

bool is_letter_or_digit(char character) {
    return is_host_character(character) && character != '.' && character != '_' && character != '-';
}

Error mistake(std::string_view what, std::string_view text, const std::string& sentence) {
    std::string shown{text.substr(0, shown_max)};
    if (text.size() > shown_max) shown += "...";
    return Error{std::string{what} + " \"" + shown + "\": " + sentence};
}

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), is_digit))
        return false;
    const unsigned long port = std::stoul(std::string{text});
    return port >= 1 && port <= port_max;
}

bool is_in_brackets(std::string_view host) {
    const auto is_part = [](char character) {
        return is_host_character(character) || character == ':' || character == '%';
    };
    return host.size() > 4 && host.front() == '[' && host.back() == ']' &&
           std::all_of(host.begin() + 1, host.end() - 1, is_part);
}

}  // namespace

Result<Done> validate_host_name(std::string_view name) {
    if (name.empty()) return Error{"a host name is empty; give the host a name"};
    if (name.size() > limits::name_bytes_max)
        return mistake("host name", name,
                       "longer than " + std::to_string(limits::name_bytes_max) + " bytes");
    if (!std::all_of(name.begin(), name.end(), is_host_character))
        return mistake("host name", name, "use letters, digits, '.', '_' and '-' only");
    if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back()))
        return mistake("host name", name, "begin and end with a letter or a digit");
    return Done{};
}

Result<Done> validate_topic(std::string_view topic) {
    if (topic.empty()) return Error{"a topic is empty; name one, such as net/dns"};
    if (topic.size() > limits::topic_bytes_max)
        return mistake("topic", topic,
                       "longer than " + std::to_string(limits::topic_bytes_max) + " bytes");
    const auto is_part = [](char character) {
        return is_host_character(character) || character == '/';
    };
    if (!std::all_of(topic.begin(), topic.end(), is_part))
        return mistake("topic", topic, "use letters, digits, '.', '_', '-' and '/' only");
    for (std::size_t start = 0; start <= topic.size();) {
        const std::size_t end = std::min(topic.find('/', start), topic.size());
        const std::string_view segment = topic.substr(start, end - start);
        if (segment.empty())
            return mistake("topic", topic, "no slash at the ends, and no two in a row");
        if (segment == "." || segment == "..")
            return mistake("topic", topic, "no part between slashes may be '.' or '..'");
        start = end + 1;
    }
    return Done{};
}

Result<Done> validate_channel(std::string_view channel) {
    if (channel.empty()) return Error{"a channel is empty; name one, such as election"};
    if (channel.size() > limits::channel_bytes_max)
        return mistake("channel", channel,
                       "longer than " + std::to_string(limits::channel_bytes_max) + " bytes");
    if (!std::all_of(channel.begin(), channel.end(), is_host_character))
        return mistake("channel", channel, "use letters, digits, '.', '_' and '-' only");
    return Done{};
}

Result<Done> validate_series(std::string_view series) {
    if (series.empty()) return Error{"a series has no name; name it, such as load_by_rack"};
    if (series.size() > limits::series_name_bytes_max)
        return mistake("series", series,
                       "longer than " + std::to_string(limits::series_name_bytes_max) + " bytes");
    if (!std::all_of(series.begin(), series.end(), is_host_character))
        return mistake("series", series, "use letters, digits, '.', '_' and '-' only");
    return Done{};
}

Result<Done> validate_address(std::string_view address) {
    constexpr std::string_view scheme = "tcp://";
    if (address.size() > limits::address_bytes_max)
        return mistake("address", address,
                       "longer than " + std::to_string(limits::address_bytes_max) + " bytes");
    if (!address.starts_with(scheme))
        return mistake("address", address, "must begin with tcp://, as in tcp://n1:7400");
    const std::string_view rest = address.substr(scheme.size());
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos || !is_port(rest.substr(colon + 1)))
        return mistake("address", address,
                       "must end with a port from 1 to 65535, as in tcp://n1:7400");
    const std::string_view host = rest.substr(0, colon);
    if (!is_in_brackets(host) && !validate_host_name(host).ok())
        return mistake("address", address,
                       "between tcp:// and the port goes a host name, an IPv4 address, or an IPv6 "
                       "address in brackets");
    return Done{};
}

}  // namespace coppice
