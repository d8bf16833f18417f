// Keyed hashes in the place of signatures and of BLAKE2b.
#include "simulator/virtual_notary.h"

#include "schemas/codec.h"
#include "simulator/trace.h"

namespace coppice {

namespace {

/// Fills an array of bytes with a stream that depends on the key and on every byte.
template <class Array>
Array digest_of(std::uint64_t key, std::span<const std::uint8_t> bytes) {
    Array digest{};
    std::uint64_t word = hash_bytes(key, bytes);
    for (std::size_t i = 0; i < digest.size(); ++i) {
        if (i % sizeof word == 0) word = scramble(word);
        digest[i] = static_cast<std::uint8_t>(word >> (i % sizeof word * 8));
    }
    return digest;
}

}  // namespace

Sealed VirtualNotary::seal(const Statement& statement) const {
    Sealed sealed{.content = encode(statement), .signature = {}};
    sealed.signature = digest_of<Signature>(fleet_key_, sealed.content);
    return sealed;
}

Result<Statement> VirtualNotary::open(const Sealed& sealed) const {
    if (sealed.signature != digest_of<Signature>(fleet_key_, sealed.content))
        return Error{"The signature is not of this fleet's key; take the order from its manager."};
    return decode_statement(sealed.content);
}

Digest VirtualNotary::hash(std::span<const std::uint8_t> bytes) const {
    return digest_of<Digest>(0, bytes);
}

}  // namespace coppice
