#pragma once
// A client of a server under test, byte by byte.

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <string>

namespace coppice {

/// Every wait ends after 10 s.
class ByteConnection {
public:
    explicit ByteConnection(int family) : fd_{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        const timeval limit{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);  // of connect, too
    }
    ~ByteConnection() { close(); }
    ByteConnection(const ByteConnection&) = delete;
    ByteConnection& operator=(const ByteConnection&) = delete;

    template <class Address>
    [[nodiscard]] bool connect(const Address& address) const {
        return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
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

}  // namespace coppice
