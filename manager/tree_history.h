#pragma once
// How the tree came to be as it is: every generation in which hosts moved or got a place, the
// newest of them, with who moved and why.

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/record.h"

namespace coppice {

/// A generation's changes are what the shape has at its commit and had not at the commit of the one
/// before. They are written by parts, one for each step that changed something, so that a part is
/// never written again, and a generation in which very many move costs in proportion to them. What
/// is dropped for want of room is the oldest generation: see generations_in_history_max.
class TreeHistory {
public:
    using Parts = std::vector<TreeChangeRecord>;

    /// In order of keys.
    void load(TreeChangeRecord record);
    /// After the last load. A store of an older release has no history: it begins with this.
    void begin_at(std::uint64_t generation);

    /// In the step that goes on a host leaves this parent for another one. Of several moves in one
    /// step the first parent counts, and the reason of the last; one that got its place in this
    /// step has not moved, and one that is left without a place has not either.
    void note_move(HostId host, HostId from, MovedBy by, const std::string& why);
    /// A host that had no place when the step began has one.
    void note_placed(HostId host);
    [[nodiscard]] bool has_news() const { return !noted_.empty() || !placed_.empty(); }
    /// What is to be written of this step, whose changes lead to `generation`. `parent_of` gives
    /// the parent that a host has now, zero when it has none.
    [[nodiscard]] std::vector<Write> take(std::uint64_t generation, UnixMillis now,
                                          const std::function<HostId(HostId)>& parent_of);

    [[nodiscard]] const std::map<std::uint64_t, Parts>& generations() const { return generations_; }
    /// Changes of every later generation are known.
    [[nodiscard]] std::uint64_t kept_after() const { return kept_after_; }

private:
    struct Noted {
        HostId from;
        MovedBy by = MovedBy::manager;
        std::uint32_t reason = 0;  // its place in `reasons_`
    };
    [[nodiscard]] std::uint32_t place_of(const std::string& reason);
    [[nodiscard]] std::size_t moves_of(std::uint64_t generation) const;
    void drop_oldest(std::vector<Write>& writes);

    std::map<std::uint64_t, Parts> generations_;
    std::size_t moves_ = 0;  // of all that are kept
    std::uint64_t kept_after_ = 0;

    // Of the step that goes on.
    std::map<HostId, Noted> noted_;
    std::map<std::string, std::uint32_t> place_of_reason_;
    std::vector<std::string> reasons_;
    std::set<HostId> placed_;
};

/// What moved whom, in one sentence, the commonest reason first.
[[nodiscard]] std::string cause_of(const TreeHistory::Parts& parts);

}  // namespace coppice
