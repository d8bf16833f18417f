#pragma once
// What hosts are asked: the part of a question that goes down the tree.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/ids.h"
#include "common/labels.h"
#include "common/measurement.h"

namespace coppice {

/// One thing that is folded over hosts. A name is that of a measurement; for `distinct` also that
/// of a text, which goes first, and for `parts` that of a contribution. Without a name every host
/// has the value 1.
struct FoldSpec {
    enum class Kind : std::uint8_t { moments, variance, quantiles, distinct, top, bottom, parts };
    Kind kind = Kind::moments;
    std::string name;
    std::uint16_t kept = 0;  // of top and bottom: so many hosts
    friend bool operator==(const FoldSpec&, const FoldSpec&) = default;
};

/// What one may take in a frame, in sketches: parts take as much as four.
[[nodiscard]] constexpr std::size_t sketches_in(FoldSpec::Kind kind) {
    if (kind == FoldSpec::Kind::parts) return 4;
    return kind == FoldSpec::Kind::quantiles || kind == FoldSpec::Kind::distinct ? 1 : 0;
}

struct Inquiry {
    std::vector<FoldSpec> folds;
    std::vector<std::string> by;  // texts, one group for each combination
    friend bool operator==(const Inquiry&, const Inquiry&) = default;
};

/// Texts about a host that are not its labels: kernel, os, arch.
using Facts = std::map<std::string, std::string>;

/// Names of texts that are no labels: host, release, and the facts of an agent.
[[nodiscard]] std::span<const std::string> known_facts();

/// By name: what daemons of a host have put there for reduce(), of limits::part_bytes_max at most.
using Contributions = std::map<std::string, std::shared_ptr<const Bytes>>;

/// What a host can say of itself. Outlived by what it points to.
struct HostValues {
    const std::string& name;
    const std::string& release;
    const Facts& facts;
    const Labels& labels;
    const std::vector<Measurement>& measurements;
    const Contributions* contributions = nullptr;  // null: it has none

    /// `host` is the name, `release` that of its agent; then a fact, then a label. Null: none.
    [[nodiscard]] const std::string* text(const std::string& wanted) const;
    /// Null when there is none, or one that is beyond limits::measurement_magnitude_max.
    [[nodiscard]] const double* number(const std::string& wanted) const;
    /// Null when there is none, or a larger one than that.
    [[nodiscard]] const Bytes* contribution(const std::string& wanted) const;
};

}  // namespace coppice
