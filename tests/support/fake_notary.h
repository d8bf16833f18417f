#pragma once
// A notary for tests: statements are kept in a table, and their seal is the row.

#include <cstring>
#include <vector>

#include "common/ports.h"

namespace coppice::testing {

class FakeNotary final : public Notary {
public:
    [[nodiscard]] Sealed seal(const Statement& statement) const override {
        Sealed sealed{.content = Bytes(sizeof(std::uint64_t))};
        const std::uint64_t row = statements_.size();
        std::memcpy(sealed.content.data(), &row, sizeof row);
        sealed.signature.fill(genuine);
        statements_.push_back(statement);
        return sealed;
    }

    [[nodiscard]] Result<Statement> open(const Sealed& sealed) const override {
        std::uint64_t row = 0;
        if (sealed.content.size() == sizeof row)
            std::memcpy(&row, sealed.content.data(), sizeof row);
        const bool is_genuine = sealed.content.size() == sizeof row && row < statements_.size() &&
                                sealed.signature[0] == genuine;
        if (!is_genuine) return Error{"the signature is not this fleet's"};
        return statements_[row];
    }

    [[nodiscard]] Digest hash(std::span<const std::uint8_t> bytes) const override {
        Digest digest{};
        for (std::size_t i = 0; i < bytes.size(); ++i)
            digest[i % digest.size()] =
                static_cast<std::uint8_t>(digest[i % digest.size()] * 31 + bytes[i] + 1);
        return digest;
    }

private:
    static constexpr std::uint8_t genuine = 0x5a;
    mutable std::vector<Statement> statements_;  // the interface is const: a real seal has no state
};

}  // namespace coppice::testing
