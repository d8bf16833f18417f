#include "manager/availability.h"

#include <algorithm>
#include <cmath>

namespace coppice {
namespace {

/// To the nearest with three digits that are not zero.
UnixMillis rounded(UnixMillis length) {
    std::int64_t unit = 1;
    while (length.count() / unit >= 1000) unit *= 10;
    return UnixMillis{(length.count() + unit / 2) / unit * unit};
}

std::optional<double> share(UnixMillis part, UnixMillis all) {
    if (all == UnixMillis{}) return std::nullopt;
    return static_cast<double>(part.count()) / static_cast<double>(all.count());
}

}  // namespace

void LengthCounts::add(UnixMillis length) {
    ++counts_[rounded(length)];
    ++count_;
    sum_ += length;
}

void LengthCounts::add(const LengthCounts& others) {
    for (const auto& [length, count] : others.counts_) counts_[length] += count;
    count_ += others.count_;
    sum_ += others.sum_;
}

std::optional<UnixMillis> LengthCounts::mean() const {
    if (count_ == 0) return std::nullopt;
    return sum_ / static_cast<std::int64_t>(count_);
}

std::optional<UnixMillis> LengthCounts::median() const {
    if (count_ == 0) return std::nullopt;
    return (at((count_ - 1) / 2) + at(count_ / 2)) / 2;
}

UnixMillis LengthCounts::at(std::uint64_t index) const {
    std::uint64_t before = 0;
    return std::find_if(counts_.begin(), counts_.end(),
                        [&](const auto& entry) { return (before += entry.second) > index; })
        ->first;
}

void Availability::add(const Availability& others) {
    hosts += others.hosts;
    partly_known += others.partly_known;
    up += others.up;
    down += others.down;
    planned += others.planned;
    unknown += others.unknown;
    failures += others.failures;
    flaps += others.flaps;
    planned_stops += others.planned_stops;
    down_at_end += others.down_at_end;
    repairs.add(others.repairs);
}

std::optional<double> Availability::availability() const { return share(up, up + down); }

std::optional<double> Availability::operational_availability() const {
    return share(up, observed());
}

std::optional<double> Availability::nines() const {
    if (down == UnixMillis{}) return std::nullopt;
    // Not by way of 1 - availability, in which small times down are lost.
    return std::log10(*share(up + down, down));
}

std::optional<UnixMillis> Availability::mtbf() const {
    if (failures == 0) return std::nullopt;
    return up / static_cast<std::int64_t>(failures);
}

void AvailabilityFold::take(const TimelineRow& row) {
    pass(std::clamp(row.from, at_, window_.until));
    if (row.from < window_.until) enter(service_after(row.condition), row.from);
}

Availability AvailabilityFold::finish() {
    pass(window_.until);
    found_.down_at_end = service_ == Service::down ? 1 : 0;
    found_.partly_known = found_.unknown > UnixMillis{} ? 1 : 0;
    return found_;
}

AvailabilityFold::Service AvailabilityFold::service_after(const HostCondition& condition) const {
    switch (condition.state) {
        case HostState::live:
        case HostState::suspect:
            return Service::up;
        case HostState::left:
            return Service::planned;
        case HostState::joining:
            if (service_ != Service::up) return service_;
            break;
        case HostState::lost:
            if (service_ == Service::down) return service_;
            break;
    }
    return condition.is_drained ? Service::planned : Service::down;
}

void AvailabilityFold::pass(UnixMillis time) {
    const UnixMillis length = time - at_;
    at_ = time;
    switch (service_) {
        case Service::unknown:
            found_.unknown += length;
            break;
        case Service::up:
            found_.up += length;
            break;
        case Service::planned:
            found_.planned += length;
            break;
        case Service::down:
            found_.down += length;
            break;
    }
}

void AvailabilityFold::enter(Service next, UnixMillis time) {
    if (next == service_) return;
    const bool is_in_window = time >= window_.since;
    if (service_ == Service::down && next == Service::up) {
        if (failed_at_ >= window_.since) found_.repairs.add(time - *failed_at_);
        restored_at_ = time;
    }
    if (next == Service::down) {
        failed_at_ = time;
        found_.failures += is_in_window ? 1 : 0;
        found_.flaps += is_in_window && restored_at_ && time - *restored_at_ <= flap_time_max;
    }
    if (next == Service::planned) found_.planned_stops += is_in_window ? 1 : 0;
    service_ = next;
}

}  // namespace coppice
