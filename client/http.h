#pragma once
// HTTP over a socket in the file system: one request per connection.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <coppice/client.h>

namespace coppice::client {

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_{fd} {}
    Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor();

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool is_open() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

struct Request {
    std::string method = "GET";
    std::string path;  // escaped
    std::string body;
    std::string last_event_id;
    const char* content_type = "application/json";
};

/// Connects and sends the request; the answer is to be read.
[[nodiscard]] Outcome<Descriptor> send_request(const std::string& socket, const Request& request);

/// The body of the answer, when its status says yes.
[[nodiscard]] Outcome<std::string> ask(const std::string& socket, const Request& request);

/// The sentence of an answer that says no.
[[nodiscard]] Failure refusal_in(int status, std::string_view body);
/// Of "HTTP/1.1 200 OK..."; zero when it is none.
[[nodiscard]] int status_in(std::string_view head);

/// Everything but unreserved characters and slashes as %XX (RFC 3986).
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace coppice::client
