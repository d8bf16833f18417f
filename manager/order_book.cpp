#include "manager/order_book.h"

#include <algorithm>

namespace coppice {

void OrderBook::move(HostId host, Open& open, Instant at) {
    queue_.erase({open.at, host});
    open.at = at;
    queue_.emplace(at, host);
}

void OrderBook::expect(HostId host, Instant at, std::uint32_t tries) {
    Open& open = open_[host];
    open.tries = tries;
    open.pause = timing_.resend_after();
    move(host, open, at);
}

void OrderBook::on_sent(HostId host, Instant now) {
    const auto found = open_.find(host);
    if (found == open_.end()) return;
    Open& open = found->second;
    if (open.tries == 1) return forget(host);
    if (open.tries > 1) --open.tries;
    move(host, open, now + open.pause);
    open.pause = std::min(open.pause * 2, timing_.resend_max());
}

void OrderBook::hurry(HostId host, Instant now) {
    const auto found = open_.find(host);
    if (found != open_.end() && found->second.at > now) move(host, found->second, now);
}

void OrderBook::forget(HostId host) {
    const auto found = open_.find(host);
    if (found == open_.end()) return;
    queue_.erase({found->second.at, host});
    open_.erase(found);
}

std::vector<HostId> OrderBook::due(Instant now, std::size_t count_max) const {
    std::vector<HostId> hosts;
    for (const auto& [at, host] : queue_) {
        if (at > now || hosts.size() == count_max) break;
        hosts.push_back(host);
    }
    return hosts;
}

}  // namespace coppice
