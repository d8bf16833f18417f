#include "manager/tree_history.h"

#include <algorithm>
#include <utility>

#include "common/limits.h"

namespace coppice {

void TreeHistory::load(TreeChangeRecord record) {
    moves_ += record.moves.size();
    kept_after_ = std::max(kept_after_, record.kept_after);
    generations_[record.generation].push_back(std::move(record));
}

void TreeHistory::begin_at(std::uint64_t generation) {
    if (generations_.empty()) kept_after_ = generation;
}

std::uint32_t TreeHistory::place_of(const std::string& reason) {
    const auto next = static_cast<std::uint32_t>(reasons_.size());
    const auto [entry, is_new] = place_of_reason_.emplace(reason, next);
    if (is_new) reasons_.push_back(reason);
    return entry->second;
}

void TreeHistory::note_placed(HostId host) {
    if (!noted_.contains(host)) placed_.insert(host);
}

void TreeHistory::note_move(HostId host, HostId from, MovedBy by, const std::string& why) {
    if (placed_.contains(host)) return;
    Noted& noted = noted_.try_emplace(host, Noted{.from = from}).first->second;
    noted.by = by;
    noted.reason = place_of(why);
}

std::size_t TreeHistory::moves_of(std::uint64_t generation) const {
    const auto found = generations_.find(generation);
    if (found == generations_.end()) return 0;
    std::size_t moves = 0;
    for (const TreeChangeRecord& part : found->second) moves += part.moves.size();
    return moves;
}

std::vector<Write> TreeHistory::take(std::uint64_t generation, UnixMillis now,
                                     const std::function<HostId(HostId)>& parent_of) {
    TreeChangeRecord part{.generation = generation, .time = now};
    std::size_t room = limits::moves_per_generation_max - moves_of(generation);
    std::map<std::uint32_t, std::uint16_t> kept;  // places of reasons in the part
    for (const auto& [host, noted] : noted_) {
        const HostId to = parent_of(host);
        if (to == HostId{} || to == noted.from) continue;  // it is gone, or back
        if (room == 0) {
            ++part.moves_more;
            continue;
        }
        --room;
        const auto next = static_cast<std::uint16_t>(part.reasons.size());
        const auto [reason, is_new] = kept.emplace(noted.reason, next);
        if (is_new) part.reasons.push_back(reasons_[noted.reason]);
        part.moves.push_back({host, noted.from, to, noted.by, reason->second});
    }
    part.placed = std::exchange(placed_, {}).size();
    noted_.clear();
    place_of_reason_.clear();
    reasons_.clear();
    std::vector<Write> writes;
    if (part.moves.empty() && part.moves_more == 0 && part.placed == 0) return writes;
    Parts& parts = generations_[generation];
    part.part = parts.empty() ? 0 : parts.back().part + 1;
    moves_ += part.moves.size();
    parts.push_back(part);
    drop_oldest(writes);
    part.kept_after = parts.back().kept_after = kept_after_;
    writes.emplace_back(Put{std::move(part)});
    return writes;
}

void TreeHistory::drop_oldest(std::vector<Write>& writes) {
    while (generations_.size() > 1 && (generations_.size() > limits::generations_in_history_max ||
                                       moves_ > limits::moves_in_history_max)) {
        const auto oldest = generations_.begin();
        for (const TreeChangeRecord& part : oldest->second) {
            moves_ -= part.moves.size();
            writes.emplace_back(Erase{key_of(part)});
        }
        kept_after_ = oldest->first;
        generations_.erase(oldest);
    }
}

std::string cause_of(const TreeHistory::Parts& parts) {
    std::map<std::string, std::uint64_t> counts;
    std::uint64_t placed = 0;
    for (const TreeChangeRecord& part : parts) {
        placed += part.placed;
        for (const TreeChangeRecord::Move& move : part.moves) ++counts[part.reasons[move.reason]];
    }
    const auto commonest = std::max_element(
        counts.begin(), counts.end(),
        [](const auto& left, const auto& right) { return left.second < right.second; });
    std::string cause;
    if (commonest != counts.end()) cause = commonest->first;
    if (counts.size() > 1) cause += ", and " + std::to_string(counts.size() - 1) + " more";
    if (placed == 0) return cause;
    return (cause.empty() ? "" : cause + "; ") + std::to_string(placed) +
           (placed == 1 ? " host" : " hosts") + " joined or came back";
}

}  // namespace coppice
