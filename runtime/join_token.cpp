#include "runtime/join_token.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

namespace coppice {
namespace {

constexpr std::string_view prefix = "coppice1.";
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t field_bytes_max = 255;
constexpr int base64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

using Checksum = std::array<std::uint8_t, checksum_bytes>;

Checksum checksum_of(std::span<const std::uint8_t> bytes) {
    std::array<std::uint8_t, crypto_generichash_BYTES> digest{};
    crypto_generichash(digest.data(), digest.size(), bytes.data(), bytes.size(), nullptr, 0);
    Checksum checksum{};
    std::copy_n(digest.begin(), checksum.size(), checksum.begin());
    return checksum;
}

void append(Bytes& bytes, std::span<const std::uint8_t> more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

void append_field(Bytes& bytes, const std::string& field) {
    COPPICE_ENSURE(!field.empty() && field.size() <= field_bytes_max,
                   "a field of a join token is empty or too long");
    bytes.push_back(static_cast<std::uint8_t>(field.size()));
    bytes.insert(bytes.end(), field.begin(), field.end());
}

/// Takes bytes from the front; remembers when there were too few.
class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> bytes) : rest_{bytes} {}

    std::span<const std::uint8_t> take(std::size_t count) {
        is_short_ = is_short_ || count > rest_.size();
        if (is_short_) return {};
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }
    void take_into(std::span<std::uint8_t> out) {
        const auto taken = take(out.size());
        std::copy(taken.begin(), taken.end(), out.begin());
    }
    std::string take_field() {
        const auto size = take(1);
        const auto text = take(size.empty() ? 0 : size.front());
        return {text.begin(), text.end()};
    }
    [[nodiscard]] bool is_done() const { return !is_short_ && rest_.empty(); }

private:
    std::span<const std::uint8_t> rest_;
    bool is_short_ = false;
};

Error damaged() {
    return Error{"the join token is damaged or cut off; copy the whole text that begins with " +
                 std::string{prefix}};
}

std::string_view without_white_space(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

std::string join_token_text(const JoinToken& token) {
    COPPICE_ENSURE(token.secret.size() == join_secret_bytes, "the secret of a join token");
    Bytes bytes;
    append(bytes, token.manager_key);
    append(bytes, token.fleet_key);
    append(bytes, token.secret);
    append_field(bytes, token.id);
    append_field(bytes, token.fleet);
    append(bytes, checksum_of(bytes));

    std::string text(sodium_base64_encoded_len(bytes.size(), base64), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), base64);
    text.resize(text.size() - 1);  // its terminating zero
    return std::string{prefix} + text;
}

Result<JoinToken> parse_join_token(std::string_view given) {
    std::string_view text = without_white_space(given);
    if (text.empty())
        return Error{"the join token is empty; coppice token create prints a new one"};
    if (!text.starts_with(prefix))
        return Error{"this is not a join token of this release: it does not begin with " +
                     std::string{prefix}};
    text.remove_prefix(prefix.size());
    if (text.empty()) return damaged();

    Bytes bytes(text.size());
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                          &end, base64) != 0 ||
        end != text.data() + text.size() || size < checksum_bytes)
        return damaged();
    bytes.resize(size);
    const auto content = std::span<const std::uint8_t>{bytes}.first(size - checksum_bytes);
    const Checksum checksum = checksum_of(content);
    if (!std::equal(checksum.begin(), checksum.end(), bytes.end() - checksum_bytes))
        return damaged();

    JoinToken token;
    Reader reader{content};
    reader.take_into(token.manager_key);
    reader.take_into(token.fleet_key);
    const auto secret = reader.take(join_secret_bytes);
    token.secret.assign(secret.begin(), secret.end());
    token.id = reader.take_field();
    token.fleet = reader.take_field();
    if (!reader.is_done() || token.id.empty() || token.fleet.empty()) return damaged();
    return token;
}

}  // namespace coppice
