#include "local/own_contributions.h"

#include "common/limits.h"
#include "local/own_measurements.h"

namespace coppice {

Result<Done> OwnContributions::put(const std::string& name, Bytes bytes, Duration lifetime,
                                   Instant now) {
    if (auto valid = validate_own_name(name); !valid.ok()) return valid;
    if (bytes.size() > limits::part_bytes_max)
        return Error{"a contribution has " + std::to_string(bytes.size()) + " bytes; at most " +
                     std::to_string(limits::part_bytes_max)};
    if (lifetime <= Duration::zero() || lifetime > OwnMeasurements::lifetime_max)
        return Error{"a contribution counts for more than nothing and for 24h at most"};
    const std::lock_guard lock{mutex_};
    std::erase_if(entries_, [now](const auto& entry) { return entry.second.expires <= now; });
    if (entries_.size() >= limits::contributions_max && !entries_.contains(name))
        return Error{"this host has " + std::to_string(limits::contributions_max) +
                     " contributions of its daemons already; wait until one expires"};
    entries_.insert_or_assign(
        name, Entry{name, std::make_shared<const Bytes>(std::move(bytes)), now + lifetime});
    return Done{};
}

std::vector<OwnContributions::Entry> OwnContributions::list(Instant now) const {
    const std::lock_guard lock{mutex_};
    std::vector<Entry> current;
    for (const auto& [name, entry] : entries_)
        if (entry.expires > now) current.push_back(entry);
    return current;
}

Contributions OwnContributions::all(Instant now) const {
    Contributions all;
    for (Entry& entry : list(now)) all.emplace(std::move(entry.name), std::move(entry.bytes));
    return all;
}

}  // namespace coppice
