#include "runtime/http_reception.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "runtime/clock.h"

namespace coppice {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";
/// Framing may take as much again as a small body.
constexpr std::size_t chunk_overhead_max = 64UL * 1024;

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& letter : out)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return out;
}

/// The value of a header in a head in lower case; none when it is not there.
std::optional<std::string_view> header(std::string_view head, const std::string& name) {
    const std::string start = "\r\n" + name + ":";
    const std::size_t found = head.find(start);
    if (found == std::string_view::npos) return std::nullopt;
    std::string_view value = head.substr(found + start.size());
    value = value.substr(0, value.find("\r\n"));
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    return value;
}

/// A length that is not a number is the server's to refuse: nothing is waited for.
std::size_t length_of(std::string_view text) {
    std::size_t length = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (failure == std::errc::result_out_of_range) return SIZE_MAX;
    return end == text.data() + text.size() ? length : 0;
}

void answer(int socket, const std::string& text) {
    ::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

Result<std::unique_ptr<HttpReception>> HttpReception::open(const HttpReceptionConfig& config,
                                                           Handlers handlers) {
    std::unique_ptr<HttpReception> reception{new HttpReception{config, std::move(handlers)}};
    if (const Result<Done> listening = reception->listen(); !listening.ok())
        return listening.error();
    return reception;
}

Result<Done> HttpReception::listen() {
    if (!config_.unix_socket) return listen_at_port();
    Result<FileDescriptor> listener = listen_at(*config_.unix_socket);
    if (!listener.ok()) return listener.error();
    listener_ = std::move(*listener);
    return Done{};
}

/// Without SO_REUSEPORT, which would let two managers share one port.
Result<Done> HttpReception::listen_at_port() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int failure =
        ::getaddrinfo(config_.host.c_str(), std::to_string(config_.port).c_str(), &hints, &found);
    if (failure != 0) return Error{::gai_strerror(failure)};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, ::freeaddrinfo};
    for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
        listener_.reset(::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const int yes = 1;
        ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (::bind(listener_.get(), one->ai_addr, one->ai_addrlen) != 0 ||
            ::listen(listener_.get(), SOMAXCONN) != 0)
            continue;
        sockaddr_in6 bound{};  // the port of IPv4 is at the same place
        socklen_t size = sizeof bound;
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
        port_ = ntohs(bound.sin6_port);
        return Done{};
    }
    return Error{std::generic_category().message(errno)};
}

void HttpReception::start() {
    thread_ = std::thread{[this] { run(); }};
}

HttpReception::~HttpReception() { stop(); }

void HttpReception::stop() {
    if (!thread_.joinable()) return;
    while (!loop_.post([this] { is_ending_ = true; })) std::this_thread::yield();
    thread_.join();
}

void HttpReception::run() {
    loop_.watch(listener_.get(), EPOLLIN, [this] { accept_all(); });
    while (!is_ending_) {
        const Instant oldest = guests_.empty() ? never : guests_.begin()->second.until;
        const Instant work_due = handlers_.work ? handlers_.work(steady_now()) : never;
        loop_.turn(std::min({oldest, accepts_again_, work_due}));
        expire(steady_now());
    }
}

void HttpReception::accept_all() {
    constexpr Duration rest = std::chrono::milliseconds{100};
    while (true) {
        FileDescriptor socket{
            ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (socket.is_open()) {
            welcome(std::move(socket));
            continue;
        }
        if (errno == ECONNABORTED || errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return;
        handlers_.failed_accept();
        loop_.unwatch(listener_.get());  // it stays readable: waiting for it would spin
        accepts_again_ = steady_now() + rest;
        return make_room();
    }
}

void HttpReception::welcome(FileDescriptor socket) {
    const bool is_stranger = handlers_.admits && !handlers_.admits(socket.get());
    if (is_stranger) {
        answer(socket.get(), handlers_.answer(HttpTurnedAway::stranger));
        ::shutdown(socket.get(), SHUT_WR);
    }
    admit(std::move(socket), is_stranger);
}

void HttpReception::admit(FileDescriptor socket, bool is_leaving) {
    if (guests_.size() >= connections_max) make_room();
    const Number number = next_++;
    const int fd = socket.get();
    if (!loop_.watch(fd, EPOLLIN | EPOLLRDHUP, [this, number] { on_readable(number); })) return;
    guests_.emplace(number, Guest{.socket = std::move(socket),
                                  .is_leaving = is_leaving,
                                  .until = steady_now() + config_.patience});
}

void HttpReception::make_room() {
    if (guests_.empty()) return;
    const auto& [number, oldest] = *guests_.begin();
    if (oldest.is_leaving) {
        remove(number);
    } else {
        send_away(number, HttpTurnedAway::too_many_connections);
    }
}

void HttpReception::on_readable(Number number) {
    const auto found = guests_.find(number);
    if (found == guests_.end()) return;
    Guest& guest = found->second;
    const std::size_t before = guest.bytes.size();
    const bool is_open = receive(guest);
    waiting_bytes_ += guest.bytes.size() - before;
    if (guest.wanted == 0 && !guest.is_leaving) look_at_head(guest);
    if (!is_open && (guest.is_leaving || guest.bytes.empty())) {
        remove(number);
    } else if (!guest.is_leaving && (!is_open || is_whole(guest))) {
        hand_over(number);
    } else if (guest.wanted == 0 && guest.bytes.size() > head_bytes_max) {
        send_away(number, HttpTurnedAway::head_too_large);
    }
    while (waiting_bytes_ > waiting_bytes_max) make_room();
}

bool HttpReception::receive(Guest& guest) {
    std::array<char, 16UL * 1024> piece;
    const ssize_t size = ::recv(guest.socket.get(), piece.data(), piece.size(), 0);
    if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (!guest.is_leaving) guest.bytes.append(piece.data(), static_cast<std::size_t>(size));
    return size > 0;
}

void HttpReception::look_at_head(Guest& guest) const {
    const std::size_t end = guest.bytes.find(end_of_head);
    if (end == std::string::npos || end > head_bytes_max) return;
    const std::string head = lower(std::string_view{guest.bytes}.substr(0, end + 2));
    guest.wanted = end + end_of_head.size();
    guest.is_chunked = header(head, "transfer-encoding").has_value();
    const std::size_t length = length_of(header(head, "content-length").value_or("0"));
    guest.is_cut = guest.is_chunked || length > config_.body_bytes_max;
    if (!guest.is_cut) guest.wanted += length;
    const bool waits = header(head, "expect").has_value() && !is_whole(guest);
    if (waits) answer(guest.socket.get(), "HTTP/1.1 100 Continue\r\n\r\n");
}

bool HttpReception::is_whole(const Guest& guest) const {
    if (guest.wanted == 0) return false;
    if (!guest.is_chunked) return guest.bytes.size() >= guest.wanted;
    const std::string_view body = std::string_view{guest.bytes}.substr(guest.wanted);
    return body == "0\r\n\r\n" || body.ends_with("\r\n0\r\n\r\n") ||
           body.size() > config_.body_bytes_max + chunk_overhead_max;
}

void HttpReception::hand_over(Number number) {
    Guest& guest = guests_.at(number);
    const std::size_t size = guest.bytes.size();
    HttpArrival arrival{.socket = {}, .bytes = std::move(guest.bytes), .is_cut = guest.is_cut};
    guest.bytes.clear();
    waiting_bytes_ -= size;
    arrival.socket = remove(number);
    if (handlers_.take(arrival)) return;
    answer(arrival.socket.get(), handlers_.answer(HttpTurnedAway::too_many_requests));
    ::shutdown(arrival.socket.get(), SHUT_WR);
    admit(std::move(arrival.socket), true);
}

void HttpReception::send_away(Number number, HttpTurnedAway why) {
    FileDescriptor socket = remove(number);
    answer(socket.get(), handlers_.answer(why));
    ::shutdown(socket.get(), SHUT_WR);
    if (why != HttpTurnedAway::too_many_connections) admit(std::move(socket), true);
}

void HttpReception::dismiss(FileDescriptor socket) {
    ::shutdown(socket.get(), SHUT_WR);
    const auto shared = std::make_shared<FileDescriptor>(std::move(socket));
    // A loop that is too busy for it closes the connection now.
    static_cast<void>(loop_.post([this, shared] { admit(std::move(*shared), true); }));
}

FileDescriptor HttpReception::remove(Number number) {
    const auto found = guests_.find(number);
    waiting_bytes_ -= found->second.bytes.size();
    FileDescriptor socket = std::move(found->second.socket);
    loop_.unwatch(socket.get());
    guests_.erase(found);
    return socket;
}

void HttpReception::expire(Instant now) {
    if (now >= accepts_again_) {
        accepts_again_ = never;
        loop_.watch(listener_.get(), EPOLLIN, [this] { accept_all(); });
    }
    while (!guests_.empty() && guests_.begin()->second.until <= now) {
        const auto& [number, oldest] = *guests_.begin();
        if (oldest.is_leaving) {
            remove(number);
        } else {
            send_away(number, HttpTurnedAway::too_slow);
        }
    }
}

}  // namespace coppice
