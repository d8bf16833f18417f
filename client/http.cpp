#include "client/http.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>

namespace coppice::client {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";
/// An answer of the agent is far smaller.
constexpr std::size_t answer_bytes_max = 4UL * 1024 * 1024;
constexpr timeval patience{.tv_sec = 5, .tv_usec = 0};

Failure unreachable(const std::string& socket) {
    return {Failure::Kind::unreachable, "no agent answers at " + socket + " (" +
                                            std::generic_category().message(errno) +
                                            "); start coppice-agent, or name another socket"};
}

/// The kernel takes 107 bytes of a path; a longer one is reached through an open directory.
bool connect_to(int fd, const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string name = path;
    Descriptor directory;
    const std::size_t slash = path.rfind('/');
    if (name.size() >= sizeof address.sun_path && slash != std::string::npos) {
        directory =
            Descriptor{::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
        name = "/proc/self/fd/" + std::to_string(directory.get()) + path.substr(slash);
    }
    if (name.size() >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// Until the agent closes the connection.
bool receive_all(int fd, std::string& into) {
    std::array<char, 16UL * 1024> piece;
    while (into.size() < answer_bytes_max) {
        const ssize_t size = ::recv(fd, piece.data(), piece.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        // An agent that says no need not read all that it is sent.
        if (size < 0 && errno == ECONNRESET && !into.empty()) return true;
        if (size < 0) return false;
        if (size == 0) return true;
        into.append(piece.data(), static_cast<std::size_t>(size));
    }
    return false;
}

}  // namespace

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Outcome<Descriptor> send_request(const std::string& socket, const Request& request) {
    Descriptor connection{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    std::string text = request.method + " " + request.path + " HTTP/1.1\r\nHost: agent\r\n";
    if (!request.last_event_id.empty()) text += "Last-Event-ID: " + request.last_event_id + "\r\n";
    if (!request.body.empty())
        text += "Content-Type: " + std::string{request.content_type} + "\r\n";
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    text += "Connection: close\r\n\r\n" + request.body;
    if (!connection.is_open() || !connect_to(connection.get(), socket)) return unreachable(socket);
    // A refusal may come before all is sent.
    if (!send_all(connection.get(), text) && errno != EPIPE) return unreachable(socket);
    return connection;
}

Outcome<std::string> ask(const std::string& socket, const Request& request) {
    const Outcome<Descriptor> connection = send_request(socket, request);
    if (!connection) return connection.failure();
    std::string answer;
    if (!receive_all(connection->get(), answer)) return unreachable(socket);
    const std::size_t end = answer.find(end_of_head);
    const int status = status_in(answer);
    if (status == 0 || end == std::string::npos)
        return Failure{Failure::Kind::unreachable, "what answers at " + socket + " is no agent"};
    std::string body = answer.substr(end + end_of_head.size());
    if (status >= 400) return refusal_in(status, body);
    return body;
}

Failure refusal_in(int status, std::string_view body) {
    std::string sentence = "the agent answered with status " + std::to_string(status);
    const auto problem = nlohmann::json::parse(body, nullptr, false);
    if (problem.is_object() && problem.contains("detail") && problem["detail"].is_string())
        sentence = problem["detail"].get<std::string>();
    constexpr int unavailable = 503;
    return {status == unavailable ? Failure::Kind::unreachable : Failure::Kind::refused, sentence};
}

int status_in(std::string_view head) {
    constexpr std::string_view start = "HTTP/1.1 ";
    if (!head.starts_with(start) || head.size() < start.size() + 3) return 0;
    int status = 0;
    std::from_chars(head.data() + start.size(), head.data() + start.size() + 3, status);
    return status;
}

std::string escaped(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const bool is_plain = std::isalnum(byte) != 0 ||
                              std::string_view{"-._~/"}.find(character) != std::string::npos;
        if (is_plain) {
            out += character;
        } else {
            out += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return out;
}

}  // namespace coppice::client
