// A child half in a quiet stretch that is passed over; see rest.h.

#include <utility>

#include "common/uplink.h"

namespace coppice {

std::optional<UplinkRest> Uplink::rest(const Report& report) const {
    const bool is_quiet = parent_ && !trying_ && !wants_parent() && !has_news_ && !wants_place_ &&
                          held_hint_ == never && judge_->is_at_rest() && report.facts.empty() &&
                          !(may_have_open_sets_ && sets_.has_open(report.sets)) &&
                          digest_of(report.held) == held_known_ &&
                          cadence_.interval() == timing_.interval;
    if (!is_quiet) return std::nullopt;
    return UplinkRest{.route = parent_->route,
                      .link = parent_->id,
                      .cadence = cadence_,
                      .next_beat = next_beat_,
                      .sequence_out = parent_->sequence_out,
                      .sequence_in = parent_->sequence_in,
                      .root_heard = root_heard_};
}

void Uplink::pass(const UplinkPassed& passed) {
    parent_->sequence_out = passed.sequence_out;
    parent_->sequence_in = passed.sequence_in;
    parent_->marked = 0;
    parent_->heard_at = passed.last_beat;
    judge_->hear(passed.last_answer);
    root_heard_ = passed.root_heard;
    next_beat_ = passed.next_beat;
    beat_ = passed.last_beat;
    next_hint_ = passed.last_beat + timing_.hint_gap();
}

Frame Uplink::quiet_beat(const Report& report) const {
    Link link = *parent_;
    --link.sequence_out;
    return frame_on(link, Heartbeat{.stamp = report.stamp,
                                    .facts = {},
                                    .sets = {},
                                    .held_digest = digest_of(report.held),
                                    .held = std::nullopt});
}

}  // namespace coppice
