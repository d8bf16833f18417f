#include "swarm/shared_notary.h"

#include <cstring>

namespace coppice {

Sealed SharedNotary::seal(const Statement& statement) const { return notary_.seal(statement); }

Result<Statement> SharedNotary::open(const Sealed& sealed) const {
    ++opened_;
    std::uint64_t start = 0;
    std::memcpy(&start, sealed.signature.data(), sizeof start);
    const auto known = good_.find(start);
    if (known != good_.end() && known->second.sealed == sealed) return known->second.statement;
    ++checked_;
    Result<Statement> statement = notary_.open(sealed);
    if (!statement.ok()) return statement;
    if (good_.size() >= remembered_max) good_.clear();
    good_.insert_or_assign(start, Opened{.sealed = sealed, .statement = *statement});
    return statement;
}

Digest SharedNotary::hash(std::span<const std::uint8_t> bytes) const { return notary_.hash(bytes); }

}  // namespace coppice
