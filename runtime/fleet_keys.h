#pragma once
// The Ed25519 key pair of a fleet: managers sign orders and pushes with it, everybody checks them.

#include <array>
#include <cstdint>
#include <filesystem>

#include "common/ids.h"
#include "common/result.h"

namespace coppice {

/// As libsodium keeps it: the seed, then the public key.
using SigningKey = std::array<std::uint8_t, 64>;

struct FleetKeys {
    PublicKey public_key{};
    SigningKey signing_key{};
    friend bool operator==(const FleetKeys&, const FleetKeys&) = default;
};

[[nodiscard]] FleetKeys make_fleet_keys();

/// Writes the pair, mode 0600 and durably. Never replaces a file: who loses the key loses the
/// fleet.
[[nodiscard]] Result<Done> save_fleet_keys(const std::filesystem::path& path,
                                           const FleetKeys& keys);

/// Reads what save_fleet_keys wrote: two lines of 64 hexadecimal digits, the public key and the
/// seed. Refuses a file that others may read, that has another size, or whose halves do not belong
/// together.
[[nodiscard]] Result<FleetKeys> load_fleet_keys(const std::filesystem::path& path);

/// From the system's generator, fit for secrets.
[[nodiscard]] Bytes random_bytes(std::size_t size);

}  // namespace coppice
