#pragma once
// What the pure code needs from the world without touching it.

#include <span>
#include <vector>

#include "common/ids.h"
#include "common/record.h"
#include "common/result.h"
#include "common/statement.h"

namespace coppice {

/// Encodes and signs, checks and decodes. Deterministic: the same statement gives the same bytes.
class Notary {
public:
    virtual ~Notary() = default;
    /// Requires the fleet's signing key: managers only.
    [[nodiscard]] virtual Sealed seal(const Statement& statement) const = 0;
    /// The statement, when the fleet's key signed it; otherwise what is wrong.
    [[nodiscard]] virtual Result<Statement> open(const Sealed& sealed) const = 0;
    /// BLAKE2b-256; for secrets that are stored hashed.
    [[nodiscard]] virtual Digest hash(std::span<const std::uint8_t> bytes) const = 0;
};

/// What a store holds at the start of a process.
struct Loaded {
    std::uint64_t term = 0;  // greater than at every earlier opening of this store
    std::vector<Record> records;
    std::vector<Event> events;   // the newest `limits::events_in_memory_max`, oldest first
    bool has_timelines = false;  // of its hosts; a store of the first release has none
    bool has_roles = false;      // their newest rows say which role a host has
};

/// Durable facts. A commit is atomic and durable when it returns; one that fails leaves the
/// process to end (a restart is the recovery path).
class Store {
public:
    virtual ~Store() = default;
    [[nodiscard]] virtual Result<Done> commit(std::span<const Write> writes) = 0;
};

}  // namespace coppice
