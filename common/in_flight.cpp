#include "common/in_flight.h"

#include <algorithm>

#include "common/limits.h"

namespace coppice {

bool InFlight::admit(const Offer& offer, Duration resend_after, Instant now) {
    SentPushes& pushes = sent_[offer.child];
    const auto before = pushes.find(offer.push);
    if (before != pushes.end()) {
        const Sent& sent = before->second;
        if (sent.target_digest == offer.target_digest && now < sent.due) return false;
        erase(pushes, before);
    }
    if (offer.bytes > 0) {
        std::size_t to_child = 0;
        for (const auto& [push, sent] : pushes) to_child += sent.bytes;
        if (to_child > 0 && to_child + offer.bytes > limits::unheld_bytes_max) return false;
        if (!has_room()) {
            wait(offer.child);
            return false;
        }
    }
    pushes.insert_or_assign(offer.push, Sent{offer.target_digest, offer.bytes, now + resend_after});
    bytes_ += offer.bytes;
    next_resend_ = std::min(next_resend_, now + resend_after);
    return true;
}

bool InFlight::has_room() const { return bytes_ < limits::unheld_bytes_in_all_max; }

void InFlight::wait(HostId child) {
    if (std::find(waiting_.begin(), waiting_.end(), child) == waiting_.end())
        waiting_.push_back(child);
}

void InFlight::erase(SentPushes& pushes, SentPushes::iterator sent) {
    bytes_ -= sent->second.bytes;
    pushes.erase(sent);
}

void InFlight::settle(HostId child, PushId push) {
    const auto pushes = sent_.find(child);
    if (pushes == sent_.end()) return;
    const auto sent = pushes->second.find(push);
    if (sent != pushes->second.end()) erase(pushes->second, sent);
}

void InFlight::drop(PushId push) {
    for (auto& [child, pushes] : sent_)
        if (const auto sent = pushes.find(push); sent != pushes.end()) erase(pushes, sent);
}

void InFlight::forget(HostId child) {
    std::erase(waiting_, child);
    const auto pushes = sent_.find(child);
    if (pushes == sent_.end()) return;
    for (const auto& [push, sent] : pushes->second) bytes_ -= sent.bytes;
    sent_.erase(pushes);
}

std::vector<HostId> InFlight::take_due(Instant now) {
    std::vector<HostId> due;
    if (now < next_resend_) return due;
    next_resend_ = never;
    for (const auto& [child, pushes] : sent_) {
        bool is_due = false;
        for (const auto& [push, sent] : pushes) {
            if (sent.due <= now)
                is_due = true;
            else
                next_resend_ = std::min(next_resend_, sent.due);
        }
        if (is_due) due.push_back(child);
    }
    return due;
}

std::optional<HostId> InFlight::take_waiting() {
    if (waiting_.empty() || !has_room()) return std::nullopt;
    const HostId child = waiting_.front();
    waiting_.pop_front();
    return child;
}

}  // namespace coppice
