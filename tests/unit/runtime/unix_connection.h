#pragma once
// A client of a socket in the file system, byte by byte.

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>

namespace coppice {

/// Every wait ends after 10 s.
class UnixConnection {
public:
    explicit UnixConnection(const std::filesystem::path& path)
        : fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        const timeval limit{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        is_connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    ~UnixConnection() { ::close(fd_); }
    UnixConnection(const UnixConnection&) = delete;
    UnixConnection& operator=(const UnixConnection&) = delete;

    [[nodiscard]] bool is_connected() const { return is_connected_; }
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
    bool is_connected_ = false;
    std::string received_;
};

}  // namespace coppice
