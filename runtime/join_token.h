#pragma once
// The text that lets a host join a fleet. It holds a secret: who has it may register hosts.
//
//   "coppice1." base64url( manager key 32, fleet key 32, secret 16,
//                          size 1, token id, size 1, fleet, checksum 4 )
//
// The checksum is the start of the BLAKE2b-256 of what is before it: a truncated or mistyped paste
// is told apart from a token that the manager does not know.

#include <string>
#include <string_view>

#include "common/ids.h"
#include "common/result.h"

namespace coppice {

struct JoinToken {
    PublicKey manager_key{};  // CURVE
    PublicKey fleet_key{};    // Ed25519, verifies orders and pushes
    std::string fleet;        // 1 to 255 bytes
    std::string id;           // 1 to 255 bytes
    Bytes secret;             // join_secret_bytes of them
    friend bool operator==(const JoinToken&, const JoinToken&) = default;
};

inline constexpr std::size_t join_secret_bytes = 16;

[[nodiscard]] std::string join_token_text(const JoinToken& token);
/// Ignores white space around the text. Errors never quote the text, which may hold a secret.
[[nodiscard]] Result<JoinToken> parse_join_token(std::string_view text);

}  // namespace coppice
