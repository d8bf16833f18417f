#include "common/reduction.h"

#include <algorithm>
#include <utility>

#include "common/ensure.h"
#include "common/limits.h"

namespace coppice {
namespace {

/// Of a window's time: so much at its end is kept for reducing what has come by then.
constexpr int part_for_late = 8;
/// Of the time that is left: a reducer may use so much, the rest is for those above.
constexpr int part_for_reducer = 2;

Parts& parts_in(Aggregate& group, std::size_t fold) { return std::get<Parts>(group.folds[fold]); }

/// Where parts of the group belong now: it may have been cut since they were taken.
Aggregate& group_of(Partial& folded, const std::optional<GroupKey>& key) {
    if (!key) return folded.other;
    const auto found = folded.groups.find(*key);
    return found == folded.groups.end() ? folded.other : found->second;
}

}  // namespace

Reduction::Reduction(const Inquiry& inquiry, Instant opened, Instant closes) : closes_{closes} {
    const auto is_of_parts = [](const FoldSpec& spec) {
        return spec.kind == FoldSpec::Kind::parts;
    };
    if (std::none_of(inquiry.folds.begin(), inquiry.folds.end(), is_of_parts)) return;
    folds_ = inquiry.folds;
    late_from_ = closes - (closes - opened) / part_for_late;
}

bool Reduction::is_reducible(std::size_t fold) const {
    return folds_[fold].kind == FoldSpec::Kind::parts && !given_up_.contains(fold);
}

void Reduction::work(Partial& folded, bool is_together, Instant now, ReductionId& newest,
                     Outputs& out) {
    if (folds_.empty() || asked_) return;
    const bool is_ready = is_together || is_late_;
    if (is_ready && until_ == never) until_ = now + (closes_ - now) / part_for_reducer;
    if (now >= std::min(until_, closes_)) return;
    if (const std::optional<Place> place = next_place(folded, is_ready))
        ask(folded, *place, now, newest, out);
}

/// The one with the most bytes, among those with something to reduce.
std::optional<Reduction::Place> Reduction::next_place(const Partial& folded, bool is_ready) const {
    std::optional<Place> most;
    std::size_t most_bytes = 0;
    std::size_t bytes_in_all = 0;
    const auto look_at = [&](const GroupKey* key, const Aggregate& group) {
        for (std::size_t fold = 0; fold < group.folds.size(); ++fold) {
            if (!is_reducible(fold)) continue;
            const Parts& parts = std::get<Parts>(group.folds[fold]);
            if (parts.parts.size() < 2) continue;
            const std::size_t bytes = parts.byte_size();
            bytes_in_all += bytes;
            if (bytes <= most_bytes) continue;
            most = Place{key, fold};
            most_bytes = bytes;
        }
    };
    for (const auto& [key, group] : folded.groups) look_at(&key, group);
    look_at(nullptr, folded.other);
    return is_ready || bytes_in_all >= limits::parts_bytes_max ? most : std::nullopt;
}

void Reduction::ask(Partial& folded, const Place& place, Instant now, ReductionId& newest,
                    Outputs& out) {
    Aggregate& group = place.key == nullptr ? folded.other : folded.groups.at(*place.key);
    std::vector<std::uint64_t> hosts;
    std::vector<Bytes> parts;
    for (Parts::Part& part : parts_in(group, place.fold).take(limits::parts_bytes_max)) {
        hosts.push_back(part.hosts);
        parts.push_back(std::move(part.bytes));
    }
    COPPICE_ENSURE(parts.size() > 1, "two parts fit into what a reducer gets");
    const Duration limit = std::min(until_, now + (closes_ - now) / part_for_reducer) - now;
    asked_ = Asked{.reduction = ReductionId{++newest.value},
                   .key = place.key == nullptr ? std::nullopt : std::optional{*place.key},
                   .fold = place.fold,
                   .hosts = std::move(hosts),
                   .parts = std::make_shared<const std::vector<Bytes>>(std::move(parts)),
                   .limit = limit,
                   .until = now + limit};
    out.reductions.push_back({.reduction = asked_->reduction,
                              .name = folds_[place.fold].name,
                              .parts = asked_->parts,
                              .time_limit = limit});
}

void Reduction::on_reduced(const Reduced& reduced, Partial& folded) {
    if (!asked_ || asked_->reduction != reduced.reduction) return;
    if (reduced.outcome == Reduced::Outcome::no_reducer) return take_back(folded, {});
    if (reduced.outcome == Reduced::Outcome::failed)
        return take_back(folded, reduced.reason.empty() ? "it gave no reason" : reduced.reason);
    if (reduced.bytes.size() > limits::part_bytes_max)
        return take_back(folded, "it made " + std::to_string(reduced.bytes.size()) +
                                     " bytes; at most " + std::to_string(limits::part_bytes_max));
    const Asked asked = *std::exchange(asked_, std::nullopt);
    Parts::Part made{0, reduced.bytes};
    for (const std::uint64_t hosts : asked.hosts) made.hosts += hosts;
    parts_in(group_of(folded, asked.key), asked.fold).add(std::move(made));
}

/// The parts stay as they were, and the fold is left to hosts above. Without a failure no daemon
/// reduces it here.
void Reduction::take_back(Partial& folded, const std::string& failure) {
    const Asked asked = *std::exchange(asked_, std::nullopt);
    Parts back;
    for (std::size_t at = 0; at < asked.hosts.size(); ++at)
        back.add({asked.hosts[at], (*asked.parts)[at]});
    if (!failure.empty()) back.fail(failure);
    parts_in(group_of(folded, asked.key), asked.fold).fold(back);
    given_up_.insert(asked.fold);
}

void Reduction::on_deadline(Partial& folded, Instant now) {
    is_late_ = is_late_ || now >= late_from_;
    if (!asked_ || now < asked_->until) return;
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(asked_->limit);
    take_back(folded, "it did not answer within " + std::to_string(limit.count()) + " ms");
}

void Reduction::end(Partial& folded) {
    if (asked_) take_back(folded, "it did not answer in time");
    folds_.clear();
    is_late_ = true;
}

Instant Reduction::next_deadline() const {
    const Instant late = is_late_ ? never : late_from_;
    return asked_ ? std::min(asked_->until, late) : late;
}

void fit_parts(Partial& partial) {
    const auto fit = [](Aggregate& group) {
        for (Accumulator& fold : group.folds)
            if (auto* parts = std::get_if<Parts>(&fold)) parts->keep(limits::parts_bytes_max);
    };
    for (auto& [key, group] : partial.groups) fit(group);
    fit(partial.other);
}

}  // namespace coppice
