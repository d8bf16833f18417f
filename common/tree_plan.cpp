#include "common/tree_plan.h"

#include <algorithm>
#include <charconv>

#include "common/limits.h"

namespace coppice {
namespace {

constexpr std::uint64_t all_hundredths = 10'000;

/// Digits, with at most two of them behind a point, as hundredths; nothing when it is none.
bool parse_hundredths(std::string_view text, std::uint64_t& out) {
    const std::size_t point = text.find('.');
    std::string digits{text.substr(0, point)};
    std::string fraction{point == std::string_view::npos ? "" : text.substr(point + 1)};
    const bool has_form = !digits.empty() && (point == std::string_view::npos) == fraction.empty();
    if (!has_form || fraction.size() > 2) return false;
    fraction.resize(2, '0');
    digits += fraction;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return error == std::errc{} && end == digits.data() + digits.size();
}

}  // namespace

std::uint64_t MovesBound::of(std::uint64_t present) const {
    const std::uint64_t wanted = hosts > 0 ? hosts : present * hundredths / all_hundredths;
    return std::clamp<std::uint64_t>(wanted, 1, limits::moves_per_plan_max);
}

Result<MovesBound> parse_moves_bound(std::string_view text) {
    if (text.empty()) return MovesBound{};
    const Error mistake{"the bound of moves is \"" + std::string{text} +
                        "\"; give a share of the hosts above 0 and up to 100%, such as 5%, or a "
                        "number of hosts, such as 40"};
    if (text.ends_with('%')) {
        std::uint64_t hundredths = 0;
        const bool is_share = parse_hundredths(text.substr(0, text.size() - 1), hundredths) &&
                              hundredths > 0 && hundredths <= all_hundredths;
        if (!is_share) return mistake;
        return MovesBound{.hundredths = static_cast<std::uint32_t>(hundredths)};
    }
    std::uint64_t hosts = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hosts);
    if (error != std::errc{} || end != text.data() + text.size() || hosts == 0) return mistake;
    return MovesBound{.hosts = hosts};
}

}  // namespace coppice
