#include "common/fact_log.h"

namespace coppice {

std::uint64_t FactLog::add(const HostFact& fact) {
    const auto found = by_host_.find(fact.host);
    if (found != by_host_.end()) {
        if (!is_newer(fact, found->second.fact)) return found->second.revision;
        by_revision_.erase(found->second.revision);
    }
    ++revision_;
    by_host_.insert_or_assign(fact.host, Entry{fact, revision_});
    by_revision_.emplace(revision_, fact.host);
    return revision_;
}

void FactLog::acknowledge(std::uint64_t revision) {
    if (revision <= acknowledged_ || revision > revision_) return;
    acknowledged_ = revision;
    const auto end = by_revision_.upper_bound(revision);
    for (auto entry = by_revision_.begin(); entry != end; ++entry) by_host_.erase(entry->second);
    by_revision_.erase(by_revision_.begin(), end);
}

FactLog::Batch FactLog::oldest(std::size_t count_max) const {
    Batch batch;
    for (const auto& [revision, host] : by_revision_) {
        if (batch.facts.size() == count_max) break;
        batch.facts.push_back(by_host_.at(host).fact);
        batch.revision = revision;
    }
    return batch;
}

}  // namespace coppice
