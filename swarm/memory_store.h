#pragma once
// What one agent of a swarm keeps over its restarts: a store in memory.

#include <cstdint>
#include <map>

#include "common/ports.h"

namespace coppice {

class MemoryStore final : public Store {
public:
    [[nodiscard]] Result<Done> commit(std::span<const Write> writes) override;
    /// Opens it for another life: the term grows with every opening.
    [[nodiscard]] Loaded load();

private:
    std::map<RecordKey, Record> records_;
    std::uint64_t term_ = 0;
};

}  // namespace coppice
