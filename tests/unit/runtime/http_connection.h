#pragma once
// An HTTP server on a free port, and a client of it, byte by byte.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "runtime/http_server.h"
#include "tests/unit/runtime/byte_connection.h"

namespace coppice {

/// One TCP connection.
class Connection : public ByteConnection {
public:
    explicit Connection(std::uint16_t port) : ByteConnection{AF_INET} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_TRUE(connect(address));
    }
};

inline std::unique_ptr<HttpServer> start(HttpHandler handler, HttpServerConfig config = {}) {
    config.address = "127.0.0.1:0";
    Result<std::unique_ptr<HttpServer>> server = HttpServer::start(config, std::move(handler));
    EXPECT_TRUE(server.ok());
    return std::move(*server);
}

/// The whole answer to a request that is sent as it is.
inline std::string ask(const HttpServer& server, const std::string& request) {
    Connection connection{server.port()};
    connection.send(request);
    return connection.read_all();
}

}  // namespace coppice
