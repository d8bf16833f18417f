#pragma once
// Judges one peer by its silence: live, suspect, lost, and why.

#include <cstdint>
#include <optional>

#include "common/ids.h"
#include "common/node.h"
#include "common/timing.h"

namespace coppice {

/// A peer becomes suspect after Patience::suspect_after of silence, or at once when its connection
/// drops. While it is suspect its address is probed. It is lost
/// - at once, as `crashed`, when the connection dropped, the address was reached before and now
///   refused two probes in a row (so that a firewall that always rejects accuses nobody);
/// - after Patience::lost_after of silence, with the cause that the last probe tells.
class Silence {
public:
    enum class Verdict : std::uint8_t { live, suspect, lost };

    struct Ruling {
        Verdict verdict = Verdict::live;
        Cause cause = Cause::none;  // of lost
        bool probe = false;         // probe the peer now, and give the result to on_probe
    };

    explicit Silence(Instant heard) : heard_{heard} {}

    void hear(Instant now);
    /// The address answered a probe or carried the connection: a refusal will mean something.
    void reached() { is_reached_ = true; }
    void drop() { is_dropped_ = true; }
    void on_probe(ProbeResult result);
    /// The observer itself was away: everything suspected before counts for nothing.
    void forgive(Instant now);

    /// Call at least at next_deadline().
    [[nodiscard]] Ruling rule(const Patience& patience, Instant now);
    [[nodiscard]] Instant next_deadline(const Patience& patience) const;
    [[nodiscard]] Instant heard() const { return heard_; }
    /// Nothing speaks against the peer.
    [[nodiscard]] bool is_at_rest() const { return !is_dropped_ && !is_probing_; }

private:
    [[nodiscard]] bool is_suspect(const Patience& patience, Instant now) const;
    [[nodiscard]] Cause cause() const;

    Instant heard_;
    Instant next_probe_{};
    std::optional<ProbeResult> last_probe_;
    std::uint8_t refusals_ = 0;
    bool is_dropped_ = false;
    bool is_reached_ = false;
    bool is_probing_ = false;
};

}  // namespace coppice
