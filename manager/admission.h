#pragma once
// Whether a registration can be taken: its form and its token.

#include <optional>
#include <string>

#include "common/message.h"
#include "common/record.h"

namespace coppice {

struct RegistrationRefusal {
    Registration result = Registration::bad_request;
    std::string sentence;
    Incarnation newest;
};

/// Form and limits of a request; none when it is good.
[[nodiscard]] std::optional<RegistrationRefusal> check_request(const Header& header,
                                                               const Register& request);

/// `token` is the one that the request names, null when there is none. `hash` is that of the
/// secret.
[[nodiscard]] std::optional<RegistrationRefusal> check_token(const TokenRecord* token,
                                                             const Digest& hash, UnixMillis now);

/// What is wrong with labels; empty when they can be used.
[[nodiscard]] std::string label_mistake(const Labels& labels);

/// The name of the counter of such refusals.
[[nodiscard]] std::string refused_registrations(Registration result);

/// valid, revoked, expired or exhausted: the first that applies, from the right.
[[nodiscard]] const char* token_state(const TokenRecord& token, UnixMillis now);

}  // namespace coppice
