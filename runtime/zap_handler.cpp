#include "runtime/zap_handler.h"

#include <string>
#include <string_view>
#include <vector>

#include "runtime/zmq_socket.h"

namespace coppice {
namespace {

// Version, request, domain, address, routing id, mechanism, credentials.
constexpr std::size_t request_parts = 7;

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
    return request.size() == request_parts && request[0] == "1.0" && request[2] == zap_domain &&
           request[5] == "CURVE" && request[6].size() == PublicKey{}.size();
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
        send_text(socket_, is_accepted ? to_hex(request[6]) : "", true);
        send_text(socket_, "", false);
    }
}

int ZapHandler::fd() const { return socket_.get(zmq::sockopt::fd); }

std::optional<PublicKey> sender_key(const zmq::message_t& message) {
    const char* text = zmq_msg_gets(message.handle(), "User-Id");
    const std::string_view hex{text == nullptr ? "" : text};
    PublicKey key{};
    if (hex.size() != key.size() * 2) return std::nullopt;
    for (std::size_t index = 0; index < key.size(); ++index) {
        const int high = digit_value(hex[2 * index]);
        const int low = digit_value(hex[2 * index + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        key[index] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return key;
}

}  // namespace coppice
