// Commits and openings of the store in memory.
#include "simulator/virtual_store.h"

#include <algorithm>
#include <iterator>

#include "common/limits.h"
#include "common/overloaded.h"

namespace coppice {

Result<Done> VirtualStore::commit(std::span<const Write> writes) {
    if (is_failing_)
        return Error{"The virtual disk was told to fail; tell it to work and restart."};
    const auto is_erase = [](const Write& write) { return std::holds_alternative<Erase>(write); };
    if (is_full_ && !std::all_of(writes.begin(), writes.end(), is_erase))
        return Error{"The virtual disk is full; make room and restart."};
    for (const Write& write : writes) {
        std::visit(Overloaded{
                       [this](const Put& put) {
                           records_.insert_or_assign(key_of(put.record), put.record);
                       },
                       [this](const Erase& erase) { records_.erase(erase.key); },
                       [this](const Append& append) {
                           events_.insert_or_assign(append.event.id, append.event);
                       },
                   },
                   write);
    }
    writes_ += writes.size();
    return Done{};
}

Loaded VirtualStore::load() {
    Loaded loaded{.term = ++term_, .records = {}, .events = {}};
    for (const auto& [key, record] : records_) loaded.records.push_back(record);
    const std::size_t skipped =
        events_.size() - std::min(events_.size(), limits::events_in_memory_max);
    for (auto event = std::next(events_.begin(), static_cast<std::ptrdiff_t>(skipped));
         event != events_.end(); ++event)
        loaded.events.push_back(event->second);
    return loaded;
}

}  // namespace coppice
