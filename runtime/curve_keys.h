#pragma once
// The CURVE key pair that is this process's identity on every link.

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/ids.h"
#include "common/result.h"

namespace coppice {

using SecretKey = std::array<std::uint8_t, 32>;

struct CurveKeys {
    PublicKey public_key{};
    SecretKey secret_key{};
};

[[nodiscard]] CurveKeys make_curve_keys();

/// Reads the pair at `path`, or creates it once, mode 0600 and durably. The file is two lines of
/// Z85 (rfc.zeromq.org/spec/32): public key, secret key. Refuses a file that others may read,
/// that has another size, or whose halves do not belong together.
[[nodiscard]] Result<CurveKeys> load_or_create_curve_keys(const std::filesystem::path& path);

/// The same, and a missing file is an error.
[[nodiscard]] Result<CurveKeys> load_curve_keys(const std::filesystem::path& path);

/// 40 characters of Z85.
[[nodiscard]] std::string key_text(const PublicKey& key);
[[nodiscard]] Result<PublicKey> parse_key(std::string_view text);

}  // namespace coppice
