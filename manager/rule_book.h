#pragma once
// The rules of one topic that are in force: the newest whose selector matches a host wins.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/ids.h"
#include "common/labels.h"
#include "common/selector.h"

namespace coppice {

/// Who is asked about.
struct Subject {
    HostId id;
    std::string_view name;
    const Labels& labels;
};

struct Rule {
    PushId id;               // of its first push
    std::uint64_t rank = 0;  // the version of its first push; greater wins
    std::string text;
    std::optional<Selector> selector;  // none: this release cannot read it, and it matches nobody
    std::vector<PushId> pushes;  // that carry it, by version; the last has what is to be carried on
};

class RuleBook {
public:
    /// The rule, which is made when there is none of this id.
    [[nodiscard]] Rule& open(PushId id, std::uint64_t rank, const std::string& selector);
    void erase(PushId id);

    [[nodiscard]] Rule* find(PushId id);
    [[nodiscard]] const Rule* find(PushId id) const;
    [[nodiscard]] const Rule* find_text(std::string_view selector) const;
    /// The one that wins for this host; null: none matches.
    [[nodiscard]] const Rule* winner(const Subject& host) const;
    /// Lowest rank first.
    [[nodiscard]] const std::vector<Rule>& all() const { return rules_; }

    /// A selector of the hosts for which this rule wins.
    [[nodiscard]] std::string precise(const Rule& rule) const;
    /// A selector of the hosts that `selector` names and no rule does.
    [[nodiscard]] std::string orphans_of(const std::string& selector) const;

private:
    std::vector<Rule> rules_;  // by rank
};

}  // namespace coppice
