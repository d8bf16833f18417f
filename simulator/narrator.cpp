// Compares two looks at a fleet and words the difference.
#include "simulator/narrator.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <utility>

#include "common/hostlist.h"

namespace coppice {

namespace {

constexpr Duration look_period = std::chrono::milliseconds{10};

std::string time_text(Instant time) {
    const std::chrono::duration<double> seconds = time.time_since_epoch();
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%7.2fs ", seconds.count());
    return text.data();
}

}  // namespace

std::string text_of(HostState state, Cause cause) {
    static constexpr std::array<const char*, 5> states{"joining", "live", "suspect", "lost",
                                                       "left"};
    static constexpr std::array<const char*, 11> causes{
        "none",     "joined", "silent",  "crashed", "unreachable",  "said goodbye",
        "not back", "paused", "cut off", "restart", "out of memory"};
    const std::string text = states.at(static_cast<std::size_t>(state));
    if (state != HostState::lost) return text;
    return text + " (" + causes.at(static_cast<std::size_t>(cause)) + ")";
}

std::string text_of(Role role) {
    static constexpr std::array<const char*, 3> roles{"leaf", "branch", "root"};
    return roles.at(static_cast<std::size_t>(role));
}

std::string text_of(const ReceiptView& receipt, const Manager& manager) {
    std::string text = "push " + std::to_string(receipt.push.value) + ' ' + receipt.topic + " v" +
                       std::to_string(receipt.version) + ": " + std::to_string(receipt.applied) +
                       " of " + std::to_string(receipt.target) + " applied";
    for (const auto& [reason, hosts] : receipt.exceptions)
        text += ", refused by " + manager.names(hosts) + " (" + reason + ")";
    if (receipt.isolated > 0) text += ", isolated " + manager.names(receipt.isolated_hosts);
    if (receipt.pending > 0) text += ", pending " + manager.names(receipt.pending_hosts);
    if (receipt.late_joiners > 0) text += ", late joiners " + std::to_string(receipt.late_joiners);
    if (receipt.late) text += ", late (" + manager.names(receipt.laggards) + ")";
    if (receipt.complete) return text + ", complete";
    return receipt.settled ? text + ", settled" : text;
}

std::map<std::string, Narrator::Told> Narrator::look(const Snapshot& snapshot) const {
    std::map<HostId, std::string> names{{manager_host, "manager"}};
    for (const HostSnapshot& host : snapshot.hosts)
        if (host.id != manager_host) names[host.id] = host.name;
    std::map<std::string, Told> now;
    for (const HostSnapshot& host : snapshot.hosts) {
        Told& told = now[host.name];
        const auto before = told_.find(host.name);
        if (before != told_.end()) told = before->second;
        if (!host.is_running) continue;
        told.parent = host.view.is_attached ? "below " + names[host.view.parent] : "alone";
    }
    for (const HostView& view : snapshot.views) {
        Told& told = now[view.record.name];
        told.state = text_of(view.state, view.record.cause);
        told.role = text_of(view.record.role);
        if (view.is_understudy) told.role += ", understudy";
    }
    return now;
}

std::vector<std::string> Narrator::news() {
    const Snapshot snapshot = fleet_.snapshot();
    std::map<std::string, Told> now = look(snapshot);
    std::map<std::string, std::vector<std::string>> by_text;
    for (const auto& [name, told] : now) {
        const Told& before = told_[name];
        if (told.state != before.state) by_text[told.state].push_back(name);
        if (told.role != before.role && !(before.role.empty() && told.role == "leaf"))
            by_text["made " + told.role].push_back(name);
        if (told.parent != before.parent && !(before.parent.empty() && told.parent == "alone"))
            by_text[told.parent].push_back(name);
    }
    told_ = std::move(now);
    std::vector<std::string> lines;
    lines.reserve(by_text.size());
    for (const auto& [text, names] : by_text) lines.push_back(fold_host_list(names) + ' ' + text);
    tell_receipts(snapshot, lines);
    for (std::string& line : lines) line.insert(0, time_text(fleet_.world().now()));
    return lines;
}

void Narrator::tell_receipts(const Snapshot& snapshot, std::vector<std::string>& lines) {
    for (const ReceiptView& receipt : snapshot.receipts) {
        if (!receipt.complete && !receipt.settled) continue;
        const std::string text = text_of(receipt, *fleet_.manager());
        std::string& told = receipts_[receipt.push];
        if (told == text) continue;
        told = text;
        lines.push_back(text);
    }
}

std::vector<std::string> Narrator::run_for(Duration duration) {
    std::vector<std::string> lines;
    const Instant end = fleet_.world().now() + duration;
    while (fleet_.world().now() < end) {
        fleet_.world().run_to(std::min(end, fleet_.world().now() + look_period));
        for (std::string& line : news()) lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace coppice
