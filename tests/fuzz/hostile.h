#pragma once
// Frames out of fuzz bytes: each decodes, and any field may hold anything that a hostile peer can
// put there.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/command.h"
#include "common/node.h"
#include "tests/fuzz/decisions.h"

namespace coppice::fuzz {

/// The fleet "f" has the manager (0) and hosts 1 to 9; who talks of others lies.
inline constexpr std::uint32_t hosts_end = 10;

[[nodiscard]] PublicKey key_of_host(HostId host);
[[nodiscard]] PeerAddress peer_of(HostId host);

class Hostile {
public:
    /// `decisions` outlives this.
    explicit Hostile(Decisions& decisions) : decisions_{decisions} {}

    /// A statement under a good seal that peers can show and repeat.
    void learn(Sealed sealed);

    [[nodiscard]] HostId host();
    [[nodiscard]] HostSet hosts();
    [[nodiscard]] Sealed sealed();
    [[nodiscard]] Message message();
    [[nodiscard]] LocalMessage local_message();
    [[nodiscard]] Heartbeat heartbeat();
    [[nodiscard]] Command command();
    [[nodiscard]] Measurement measurement();
    /// The frame as its receiver decodes it, sometimes with bytes changed under way; nothing when
    /// it does not decode.
    [[nodiscard]] std::optional<Frame> delivered(const Frame& frame);

private:
    [[nodiscard]] std::string name();
    [[nodiscard]] HostFact fact();
    [[nodiscard]] SetKey set_key();
    [[nodiscard]] WindowId window();
    [[nodiscard]] Stamp stamp();
    [[nodiscard]] Accumulator accumulator();
    [[nodiscard]] Aggregate aggregate();
    [[nodiscard]] Inquiry inquiry();
    [[nodiscard]] Partial partial();
    [[nodiscard]] Message downward();
    [[nodiscard]] Message upward();

    Decisions& decisions_;
    std::vector<Sealed> known_;
};

}  // namespace coppice::fuzz
