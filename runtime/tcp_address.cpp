#include "runtime/tcp_address.h"

#include <charconv>

namespace coppice {

std::string TcpAddress::text() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return "tcp://" + (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<TcpAddress> parse_tcp_address(std::string_view text) {
    constexpr std::string_view scheme = "tcp://";
    std::string_view rest = text;
    if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
    const std::size_t colon = rest.rfind(':');
    std::string_view host = rest.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    const std::string_view port =
        colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);

    TcpAddress address{.host = std::string{host}, .port = 0};
    const auto [end, problem] =
        std::from_chars(port.data(), port.data() + port.size(), address.port);
    const bool is_number =
        !port.empty() && problem == std::errc{} && end == port.data() + port.size();
    if (host.empty() || host.find('/') != std::string_view::npos || (!is_number && port != "*"))
        return Error{"'" + std::string{text} + "' is not an address; write tcp://host:port"};
    return address;
}

}  // namespace coppice
