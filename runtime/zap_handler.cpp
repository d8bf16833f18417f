#include "runtime/zap_handler.h"

#include <charconv>
#include <string_view>
#include <vector>

#include "runtime/zmq_socket.h"

namespace coppice {
namespace {

// Version, request, domain, address, routing id, mechanism, credentials.
constexpr std::size_t request_parts = 7;
constexpr std::string_view domain_start = "coppice/";
constexpr std::size_t key_digits = 2 * PublicKey{}.size();

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto number = static_cast<unsigned char>(byte);
        text += digits[number >> 4U];
        text += digits[number & 15U];
    }
    return text;
}

int digit_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    return -1;
}

void send_text(zmq::socket_t& socket, std::string_view text, bool has_more) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    static_cast<void>(send_part(socket, {bytes, text.size()}, has_more));
}

bool is_well_formed(const std::vector<std::string>& request) {
    return request.size() == request_parts && request[0] == "1.0" &&
           request[2].starts_with(domain_start) && request[5] == "CURVE" &&
           request[6].size() == PublicKey{}.size();
}

}  // namespace

ZapHandler::ZapHandler(zmq::context_t& context) : socket_{context, zmq::socket_type::rep} {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.bind("inproc://zeromq.zap.01");
}

void ZapHandler::answer_all() {
    zmq::message_t part;
    while (receive_part(socket_, part)) {
        std::vector<std::string> request{part.to_string()};
        while (part.more() && receive_part(socket_, part)) request.push_back(part.to_string());
        const bool is_accepted = is_well_formed(request);
        send_text(socket_, "1.0", true);
        send_text(socket_, request.size() > 1 ? request[1] : "", true);
        send_text(socket_, is_accepted ? "200" : "400", true);
        send_text(socket_, is_accepted ? "OK" : "a CURVE key is required", true);
        send_text(socket_,
                  is_accepted ? to_hex(request[6]) + request[2].substr(domain_start.size()) : "",
                  true);
        send_text(socket_, "", false);
    }
}

int ZapHandler::fd() const { return socket_.get(zmq::sockopt::fd); }

std::string domain_of(Door door) { return std::string{domain_start} + std::to_string(door); }

// The User-Id is the key in hexadecimal digits, then the door.
std::optional<Sender> sender_of(const zmq::message_t& message) {
    const char* text = zmq_msg_gets(message.handle(), "User-Id");
    const std::string_view user{text == nullptr ? "" : text};
    if (user.size() <= key_digits) return std::nullopt;
    Sender sender;
    for (std::size_t index = 0; index < sender.key.size(); ++index) {
        const int high = digit_value(user[2 * index]);
        const int low = digit_value(user[2 * index + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        sender.key[index] = static_cast<std::uint8_t>(high * 16 + low);
    }
    const char* const end = user.data() + user.size();
    const auto read = std::from_chars(user.data() + key_digits, end, sender.door);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return sender;
}

}  // namespace coppice
