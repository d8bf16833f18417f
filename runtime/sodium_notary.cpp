#include "runtime/sodium_notary.h"

#include <sodium.h>

#include "schemas/codec.h"

namespace coppice {

static_assert(std::tuple_size_v<Signature> == crypto_sign_BYTES);

SodiumNotary::SodiumNotary(const PublicKey& fleet_key) : fleet_key_{fleet_key} {
    COPPICE_ENSURE(sodium_init() >= 0, "libsodium finds a random generator");
}

SodiumNotary::SodiumNotary(const FleetKeys& keys) : SodiumNotary{keys.public_key} {
    signing_key_ = keys.signing_key;
}

Sealed SodiumNotary::seal(const Statement& statement) const {
    COPPICE_ENSURE(signing_key_.has_value(), "only who holds the fleet's signing key can seal");
    Sealed sealed{.content = encode(statement)};
    crypto_sign_detached(sealed.signature.data(), nullptr, sealed.content.data(),
                         sealed.content.size(), signing_key_->data());
    return sealed;
}

Result<Statement> SodiumNotary::open(const Sealed& sealed) const {
    if (crypto_sign_verify_detached(sealed.signature.data(), sealed.content.data(),
                                    sealed.content.size(), fleet_key_.data()) != 0)
        return Error{"the signature is not this fleet's; the statement is ignored"};
    return decode_statement(sealed.content);
}

Digest SodiumNotary::hash(std::span<const std::uint8_t> bytes) const {
    Digest digest{};
    crypto_generichash(digest.data(), digest.size(), bytes.data(), bytes.size(), nullptr, 0);
    return digest;
}

}  // namespace coppice
