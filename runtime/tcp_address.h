#pragma once
// "tcp://host:port", the form of every address in Coppice.

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.h"

namespace coppice {

struct TcpAddress {
    std::string
        host;  // a name, a number, or * (to listen on every interface); IPv6 without brackets
    std::uint16_t port = 0;  // zero: any free one (to listen)

    /// "tcp://host:port", with brackets around an IPv6 number.
    [[nodiscard]] std::string text() const;
    friend bool operator==(const TcpAddress&, const TcpAddress&) = default;
};

/// Takes host:port too, and * as port for zero. An error quotes the text.
[[nodiscard]] Result<TcpAddress> parse_tcp_address(std::string_view text);

}  // namespace coppice
