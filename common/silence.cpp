#include "common/silence.h"

#include <algorithm>

namespace coppice {
namespace {
constexpr std::uint8_t refusals_that_prove = 2;
}  // namespace

void Silence::hear(Instant now) {
    heard_ = now;
    next_probe_ = {};
    last_probe_.reset();
    refusals_ = 0;
    is_dropped_ = false;
}

void Silence::forgive(Instant now) {
    const bool was_dropped = is_dropped_;
    hear(now);
    is_dropped_ = was_dropped;  // a fact, not a suspicion; the probes start anew
}

void Silence::on_probe(ProbeResult result) {
    is_probing_ = false;
    last_probe_ = result;
    refusals_ = result == ProbeResult::refused ? static_cast<std::uint8_t>(refusals_ + 1) : 0;
    if (result == ProbeResult::connected) is_reached_ = true;
    // A first refusal is checked at once; it decides.
    if (refusals_ == 1) next_probe_ = {};
}

bool Silence::is_suspect(const Patience& patience, Instant now) const {
    return is_dropped_ || now - heard_ >= patience.suspect_after;
}

Cause Silence::cause() const {
    if (!last_probe_) return Cause::silent;
    switch (*last_probe_) {
        case ProbeResult::refused:
            return Cause::crashed;
        case ProbeResult::connected:
            return Cause::silent;
        case ProbeResult::unanswered:
            return Cause::unreachable;
    }
    return Cause::silent;
}

Silence::Ruling Silence::rule(const Patience& patience, Instant now) {
    if (is_dropped_ && is_reached_ && refusals_ >= refusals_that_prove)
        return {.verdict = Verdict::lost, .cause = Cause::crashed};
    if (now - heard_ >= patience.lost_after) return {.verdict = Verdict::lost, .cause = cause()};
    if (!is_suspect(patience, now)) return {};
    Ruling ruling{.verdict = Verdict::suspect};
    if (!is_probing_ && now >= next_probe_) {
        is_probing_ = true;
        next_probe_ = now + patience.probe_gap;
        ruling.probe = true;
    }
    return ruling;
}

Instant Silence::next_deadline(const Patience& patience) const {
    const Instant lost = heard_ + patience.lost_after;
    if (is_dropped_ && refusals_ >= refusals_that_prove && is_reached_) return heard_;
    const Instant suspect = is_dropped_ ? heard_ : heard_ + patience.suspect_after;
    const Instant probe = is_probing_ ? lost : std::max(suspect, next_probe_);
    return std::min(lost, probe);
}

}  // namespace coppice
