#pragma once
// Seals statements with the real bytes and a cheap keyed hash instead of a signature.

#include <cstdint>

#include "common/ports.h"

namespace coppice {

class VirtualNotary final : public Notary {
public:
    /// Notaries of one fleet share the key; seals of another key are refused.
    explicit VirtualNotary(std::uint64_t fleet_key) : fleet_key_{fleet_key} {}

    [[nodiscard]] Sealed seal(const Statement& statement) const override;
    [[nodiscard]] Result<Statement> open(const Sealed& sealed) const override;
    [[nodiscard]] Digest hash(std::span<const std::uint8_t> bytes) const override;

private:
    std::uint64_t fleet_key_;
};

}  // namespace coppice
