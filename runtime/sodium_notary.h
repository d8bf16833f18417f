#pragma once
// The notary of real processes: Ed25519 signatures over the canonical bytes of statements.

#include <optional>

#include "common/ports.h"
#include "runtime/fleet_keys.h"

namespace coppice {

class SodiumNotary final : public Notary {
public:
    /// Checks only: hosts. seal() is a broken invariant.
    explicit SodiumNotary(const PublicKey& fleet_key);
    /// Signs and checks: managers.
    explicit SodiumNotary(const FleetKeys& keys);

    [[nodiscard]] Sealed seal(const Statement& statement) const override;
    [[nodiscard]] Result<Statement> open(const Sealed& sealed) const override;
    [[nodiscard]] Digest hash(std::span<const std::uint8_t> bytes) const override;

private:
    PublicKey fleet_key_;
    std::optional<SigningKey> signing_key_;
};

}  // namespace coppice
