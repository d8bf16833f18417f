#pragma once
// Checks a signature once for all agents of a process: the statements that all of them get are the
// same bytes.

#include <cstdint>
#include <unordered_map>

#include "runtime/sodium_notary.h"

namespace coppice {

/// Remembers the newest statements that were good. The bytes are compared whole: what was never
/// checked is never taken.
class SharedNotary final : public Notary {
public:
    explicit SharedNotary(const PublicKey& fleet_key) : notary_{fleet_key} {}

    [[nodiscard]] Sealed seal(const Statement& statement) const override;
    [[nodiscard]] Result<Statement> open(const Sealed& sealed) const override;
    [[nodiscard]] Digest hash(std::span<const std::uint8_t> bytes) const override;

    [[nodiscard]] std::uint64_t opened() const { return opened_; }
    /// Of the opened ones, how many signatures were computed.
    [[nodiscard]] std::uint64_t checked() const { return checked_; }

    static constexpr std::size_t remembered_max = 1024;

private:
    struct Opened {
        Sealed sealed;
        Statement statement;
    };
    SodiumNotary notary_;
    mutable std::unordered_map<std::uint64_t, Opened> good_;  // by the start of the signature
    mutable std::uint64_t opened_ = 0;
    mutable std::uint64_t checked_ = 0;
};

}  // namespace coppice
