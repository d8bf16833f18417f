#include "swarm/memory_store.h"

namespace coppice {

Result<Done> MemoryStore::commit(std::span<const Write> writes) {
    for (const Write& write : writes) {
        if (const auto* put = std::get_if<Put>(&write))
            records_.insert_or_assign(key_of(put->record), put->record);
        if (const auto* erase = std::get_if<Erase>(&write)) records_.erase(erase->key);
        // Events are told by managers alone.
    }
    return Done{};
}

Loaded MemoryStore::load() {
    Loaded loaded{.term = ++term_, .records = {}, .events = {}};
    for (const auto& [key, record] : records_) loaded.records.push_back(record);
    return loaded;
}

}  // namespace coppice
