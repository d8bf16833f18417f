// Commits and openings of the store in memory.
#include "simulator/virtual_store.h"

#include <algorithm>
#include <iterator>

#include "common/ensure.h"
#include "common/limits.h"
#include "common/overloaded.h"
#include "schemas/codec.h"

namespace coppice {

namespace {

Event read_event(const Bytes& row) {
    Result<Event> event = decode_event(row);
    COPPICE_ENSURE(event.ok(), "an event came back from its bytes damaged");
    return std::move(event.value());
}

}  // namespace

Result<Done> VirtualStore::commit(std::span<const Write> writes) {
    if (is_failing_)
        return Error{"The virtual disk was told to fail; tell it to work and restart."};
    const auto is_erase = [](const Write& write) { return std::holds_alternative<Erase>(write); };
    if (is_full_ && !std::all_of(writes.begin(), writes.end(), is_erase))
        return Error{"The virtual disk is full; make room and restart."};
    for (const Write& write : writes) {
        std::visit(Overloaded{
                       [this](const Put& put) {
                           rows_.insert_or_assign(key_of(put.record), encode(put.record));
                       },
                       [this](const Erase& erase) { rows_.erase(erase.key); },
                       [this](const Append& append) {
                           events_.insert_or_assign(append.event.id, encode(append.event));
                       },
                   },
                   write);
    }
    writes_ += writes.size();
    return Done{};
}

Loaded VirtualStore::load() {
    Loaded loaded{.term = ++term_, .records = {}, .events = {}};
    for (const auto& [key, row] : rows_) loaded.records.push_back(read(row));
    const std::size_t skipped =
        events_.size() - std::min(events_.size(), limits::events_in_memory_max);
    for (auto event = std::next(events_.begin(), static_cast<std::ptrdiff_t>(skipped));
         event != events_.end(); ++event)
        loaded.events.push_back(read_event(event->second));
    return loaded;
}

Record VirtualStore::read(const Bytes& row) {
    Result<Record> record = decode_record(row);
    COPPICE_ENSURE(record.ok(), "a row came back from its bytes damaged");
    return std::move(record.value());
}

}  // namespace coppice
