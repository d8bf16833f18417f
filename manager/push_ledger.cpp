// The arithmetic of receipts: unions of sets, so that no host is counted twice.

#include "manager/push_ledger.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/ensure.h"
#include "common/limits.h"

namespace coppice {
namespace {

constexpr std::array<std::uint64_t, 5> progress_permille{500, 900, 990, 999, 1000};

std::string topic_mistake(std::string_view topic) {
    const auto is_allowed = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') ||
               std::string_view{"._/-"}.find(letter) != std::string_view::npos;
    };
    if (topic.empty() || topic.size() > limits::topic_bytes_max)
        return "the topic has " + std::to_string(topic.size()) + " bytes; give 1 to " +
               std::to_string(limits::topic_bytes_max);
    const auto wrong = std::find_if_not(topic.begin(), topic.end(), is_allowed);
    if (wrong != topic.end())
        return "the topic '" + std::string{topic} +
               "' has a character that is not allowed at position " +
               std::to_string(wrong - topic.begin() + 1) +
               "; use letters, digits, '.', '_', '/' and '-'";
    if (topic.find("..") != std::string_view::npos || topic.front() == '/' || topic.back() == '/')
        return "the topic '" + std::string{topic} +
               "' must not contain '..' nor begin or end with '/'";
    return {};
}

HostSet refused_of(const ReceiptRecord& receipt) {
    HostSet refused;
    for (const auto& [reason, hosts] : receipt.refused) refused |= hosts;
    return refused;
}

std::uint64_t count_ms(UnixMillis from, UnixMillis to) {
    return to > from ? static_cast<std::uint64_t>((to - from).count()) : 0;
}

}  // namespace

void PushLedger::load(PushRecord push) {
    const PushId id = push.push;
    Entry& entry = entries_[id];
    entry.push = std::move(push);
    entry.receipt.push = id;
    index(entry);
}

void PushLedger::load(ReceiptRecord receipt) {
    const PushId id = receipt.push;
    entries_[id].receipt = std::move(receipt);
}

void PushLedger::index(Entry& entry) {
    Result<Selector> selector = Selector::parse(entry.push.selector);
    if (selector.ok()) entry.selector = std::move(selector.value());
    std::vector<PushId>& pushes = topics_[entry.push.topic];
    pushes.insert(std::lower_bound(pushes.begin(), pushes.end(), entry.push.push), entry.push.push);
    if (!entry.push.effective.empty()) held_bytes_ += entry.push.payload_bytes;
}

std::optional<Problem> PushLedger::objection(const PushCommand& command) const {
    if (std::string mistake = topic_mistake(command.topic); !mistake.empty())
        return Problem{Problem::Kind::bad_request, std::move(mistake)};
    if (command.payload.size() > limits::payload_bytes_max)
        return Problem{Problem::Kind::too_large, "the payload has " +
                                                     std::to_string(command.payload.size()) +
                                                     " bytes; a push takes at most " +
                                                     std::to_string(limits::payload_bytes_max)};
    if (const Result<Selector> selector = Selector::parse(command.selector); !selector.ok())
        return Problem{Problem::Kind::bad_request, selector.error().message};
    const auto topic = topics_.find(command.topic);
    if (topic == topics_.end() && topics_.size() >= limits::topics_max)
        return Problem{Problem::Kind::too_large,
                       "there are " + std::to_string(topics_.size()) +
                           " topics, which is all a fleet takes; use one of them"};
    if (held_bytes_ + command.payload.size() > limits::held_bytes_max)
        return Problem{Problem::Kind::too_large,
                       "the active pushes hold " + std::to_string(held_bytes_) +
                           " bytes of at most " + std::to_string(limits::held_bytes_max) +
                           "; replace large ones by smaller versions first"};
    if (topic == topics_.end()) return std::nullopt;
    const auto rules =
        std::count_if(topic->second.begin(), topic->second.end(),
                      [this](PushId push) { return !entries_.at(push).push.effective.empty(); });
    if (static_cast<std::size_t>(rules) >= limits::rules_per_topic_max)
        return Problem{
            Problem::Kind::too_large,
            "topic '" + command.topic + "' has " + std::to_string(rules) +
                " pushes in force, which is all it takes; push one version to all of their hosts"};
    return std::nullopt;
}

std::uint64_t PushLedger::next_version(std::string_view topic) const {
    const auto found = topics_.find(topic);
    return found == topics_.end() ? 1 : entries_.at(found->second.back()).push.version + 1;
}

void PushLedger::commit(PushRecord push) {
    const PushId id = push.push;
    COPPICE_ENSURE(entries_.empty() || entries_.rbegin()->first < id, "push ids grow");
    if (const auto topic = topics_.find(push.topic); topic != topics_.end())
        for (const PushId older : topic->second) shrink(entries_.at(older), push.target);
    load(std::move(push));
    changes_.pushes.insert(id);
    changes_.wanted.insert(id);
}

void PushLedger::shrink(Entry& entry, const HostSet& hosts) {
    if (!entry.push.effective.intersects(hosts)) return;
    entry.push.effective -= hosts;
    changes_.pushes.insert(entry.push.push);
    changes_.wanted.insert(entry.push.push);
    if (!entry.push.effective.empty()) return;
    held_bytes_ -= entry.push.payload_bytes;
    entry.push.content = {};
}

void PushLedger::on_host(HostId host, std::string_view name, const Labels& labels) {
    for (auto& [topic, pushes] : topics_) {
        for (auto push = pushes.rbegin(); push != pushes.rend(); ++push) {
            Entry& entry = entries_.at(*push);
            if (entry.push.effective.contains(host)) break;
            if (entry.push.effective.empty() || !entry.selector ||
                !entry.selector->matches(name, labels))
                continue;
            entry.push.effective.insert(host);
            if (!entry.push.target.contains(host)) entry.push.late_joiners.insert(host);
            changes_.pushes.insert(*push);
            changes_.wanted.insert(*push);
            for (auto older = std::next(push); older != pushes.rend(); ++older)
                shrink(entries_.at(*older), HostSet{host});
            break;
        }
    }
}

void PushLedger::forget(HostId host) {
    for (auto& [id, entry] : entries_) shrink(entry, HostSet{host});
}

void PushLedger::on_report(const SetKey& key, const HostSet& hosts, UnixMillis now) {
    const auto found = entries_.find(key.push);
    if (found == entries_.end() || hosts.empty()) return;
    if (key.kind == SetKind::refused) return add_refused(found->second, key.reason, hosts);
    for (const PushId push : topics_.at(found->second.push.topic)) {
        if (push > key.push) break;
        add_applied(entries_.at(push), hosts, now);  // a newer version counts for the older ones
    }
}

void PushLedger::add_applied(Entry& entry, const HostSet& hosts, UnixMillis now) {
    const HostSet fresh = (hosts & entry.push.target) - entry.receipt.applied;
    if (fresh.empty()) return;
    entry.receipt.applied |= fresh;
    for (auto& [reason, refused] : entry.receipt.refused) refused -= fresh;
    std::erase_if(entry.receipt.refused,
                  [](const auto& refusal) { return refusal.second.empty(); });
    if (entry.first_receipt == UnixMillis{}) entry.first_receipt = now;
    changes_.receipts.insert(entry.push.push);
    stamp_progress(entry, now);
}

void PushLedger::add_refused(Entry& entry, const std::string& reason, const HostSet& hosts) {
    const HostSet fresh =
        (hosts & entry.push.target) - entry.receipt.applied - refused_of(entry.receipt);
    if (fresh.empty()) return;
    const bool is_full = entry.receipt.refused.size() >= limits::refusal_reasons_max;
    entry.receipt.refused[is_full && !entry.receipt.refused.contains(reason) ? "other" : reason] |=
        fresh;
    changes_.receipts.insert(entry.push.push);
}

void PushLedger::stamp_progress(Entry& entry, UnixMillis now) {
    std::vector<std::uint64_t>& stamps = entry.receipt.applied_after_ms;
    const std::uint64_t target = entry.push.target.size();
    const std::uint64_t applied = entry.receipt.applied.size();
    while (stamps.size() < progress_permille.size() &&
           applied * 1000 >= target * progress_permille[stamps.size()])
        stamps.push_back(count_ms(entry.push.committed, now));
    if (applied != target || entry.receipt.completed != UnixMillis{}) return;
    entry.receipt.completed = now;
    changes_.completed.insert(entry.push.push);
}

const PushRecord* PushLedger::find(PushId push) const {
    const auto found = entries_.find(push);
    return found == entries_.end() ? nullptr : &found->second.push;
}

const ReceiptRecord* PushLedger::find_receipt(PushId push) const {
    const auto found = entries_.find(push);
    return found == entries_.end() ? nullptr : &found->second.receipt;
}

std::vector<PushId> PushLedger::active() const {
    std::vector<PushId> active;
    for (const auto& [id, entry] : entries_)
        if (!entry.push.effective.empty()) active.push_back(id);
    return active;
}

ReceiptView PushLedger::view(PushId push, const HostSet& reachable) const {
    const Entry& entry = entries_.at(push);
    const PushRecord& record = entry.push;
    const ReceiptRecord& receipt = entry.receipt;
    ReceiptView view{.push = push,
                     .topic = record.topic,
                     .version = record.version,
                     .selector = record.selector,
                     .committed = record.committed,
                     .completed = receipt.completed,
                     .payload_bytes = record.payload_bytes,
                     .target = record.target.size(),
                     .applied = receipt.applied.size(),
                     .late_joiners = record.late_joiners.size(),
                     .complete = receipt.completed != UnixMillis{},
                     .exceptions = receipt.refused,
                     .applied_after_ms = receipt.applied_after_ms};
    const HostSet refused = refused_of(receipt);
    view.refused = refused.size();
    view.pending_hosts = record.target - receipt.applied - refused;
    view.pending = view.pending_hosts.size();
    view.settled = !view.pending_hosts.intersects(reachable);
    if (entry.first_receipt != UnixMillis{})
        view.stage_ms["first_receipt"] = count_ms(record.committed, entry.first_receipt);
    if (view.complete) view.stage_ms["complete"] = count_ms(record.committed, receipt.completed);
    return view;
}

std::vector<ReceiptView> PushLedger::views(const HostSet& reachable) const {
    std::vector<ReceiptView> views;
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry)
        views.push_back(view(entry->first, reachable));
    return views;
}

}  // namespace coppice
