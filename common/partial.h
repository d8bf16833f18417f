#pragma once
// The answer of a part of the fleet to an inquiry, with the hosts that are inside: coverage.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/accumulator.h"
#include "common/host_set.h"
#include "common/ids.h"
#include "common/inquiry.h"

namespace coppice {

/// Numbered by the cell's root: a window of another root or term is another window.
struct WindowId {
    Stamp root;  // the root's own order
    std::uint64_t number = 0;
    friend auto operator<=>(const WindowId&, const WindowId&) = default;
};

/// A host's texts of the names that an inquiry groups by, in their order; empty when it has none.
using GroupKey = std::vector<std::string>;

struct Aggregate {
    std::uint64_t hosts = 0;         // those without a value included
    std::vector<Accumulator> folds;  // in the order of the inquiry; none without hosts
    friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

/// Every host of the coverage is in exactly one group, or in `other`.
///
/// When the groups take too many bytes, the last ones in order of their keys go into `other`, and
/// `cut` is the first key that did. Folding keeps the lowest cut, so a group that is still there at
/// the top was cut nowhere: it is whole.
struct Partial {
    std::map<GroupKey, Aggregate> groups;  // one, with an empty key, when nothing is grouped
    Aggregate other;
    std::optional<GroupKey> cut;
    HostSet coverage;
    friend bool operator==(const Partial&, const Partial&) = default;
};

/// The contribution of one host. It is inside even when it has no value.
[[nodiscard]] Partial partial_of(const Inquiry& inquiry, HostId host, const HostValues& values);
/// Folds `other` into `into`. Refuses, changing nothing and returning false, when a host would be
/// counted twice. Requires that both are sound answers to the inquiry.
[[nodiscard]] bool fold(Partial& into, const Partial& other, const Inquiry& inquiry);
/// True for what hosts can answer to this inquiry, as far as that can be seen.
[[nodiscard]] bool is_sound(const Partial& partial, const Inquiry& inquiry);

}  // namespace coppice
