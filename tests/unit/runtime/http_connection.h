#pragma once
// An HTTP server on a free port, and a client of it, byte by byte.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "runtime/http_server.h"

namespace coppice {

/// One TCP connection; every wait ends after 10 s.
class Connection {
public:
    explicit Connection(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
        const timeval limit{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);  // of connect, too
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~Connection() { close(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    void send(const std::string& text) const {
        ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    }
    std::string read_until(const std::string& mark) {
        char piece[4096];
        while (received_.find(mark) == std::string::npos) {
            const ssize_t size = ::recv(fd_, piece, sizeof piece, 0);
            if (size <= 0) break;
            received_.append(piece, static_cast<std::size_t>(size));
        }
        return received_;
    }
    /// Until the server closes the connection.
    std::string read_all() { return read_until("this never comes"); }

private:
    int fd_;
    std::string received_;
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
