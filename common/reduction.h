#pragma once
// What the daemons of one host do to one window: of several parts they make one, within bounds. A
// part that comes up unreduced is as right, and larger.

#include <optional>
#include <set>
#include <vector>

#include "common/node.h"
#include "common/partial.h"

namespace coppice {

/// One thing is asked at a time, and again until one part is left of each fold and group. A
/// reducer that fails, or is not there, is asked no more of that fold.
class Reduction {
public:
    Reduction() = default;
    Reduction(const Inquiry& inquiry, Instant opened, Instant closes);

    /// Asks for what is to be reduced now: before all is together when that much has gathered as a
    /// reducer gets at once; otherwise when `is_together`, or the time is nearly over. Requires
    /// that this host can have daemons.
    void work(Partial& folded, bool is_together, Instant now, ReductionId& newest, Outputs& out);
    /// Ignored when it answers nothing that is asked now.
    void on_reduced(const Reduced& reduced, Partial& folded);
    void on_deadline(Partial& folded, Instant now);
    /// What is asked has failed; nothing more is asked.
    void end(Partial& folded);

    [[nodiscard]] bool is_under_way() const { return asked_.has_value(); }
    [[nodiscard]] Instant next_deadline() const;

private:
    /// Parts of one fold in one group.
    struct Place {
        const GroupKey* key = nullptr;  // null: the groups without a name of their own
        std::size_t fold = 0;
    };
    struct Asked {
        ReductionId reduction;
        std::optional<GroupKey> key;
        std::size_t fold = 0;
        std::vector<std::uint64_t> hosts;  // inside each part
        std::shared_ptr<const std::vector<Bytes>> parts;
        Duration limit{};
        Instant until{};
    };

    [[nodiscard]] bool is_reducible(std::size_t fold) const;
    [[nodiscard]] std::optional<Place> next_place(const Partial& folded, bool is_ready) const;
    void ask(Partial& folded, const Place& place, Instant now, ReductionId& newest, Outputs& out);
    void take_back(Partial& folded, const std::string& failure);

    std::vector<FoldSpec> folds_;  // empty: none is of parts
    std::set<std::size_t> given_up_;
    std::optional<Asked> asked_;
    Instant closes_{};
    Instant late_from_ = never;  // whatever is together then is reduced
    bool is_late_ = false;
    Instant until_ = never;  // once all is together, or it is late: nothing is waited for longer
};

/// Cuts parts to what goes up a link; what there is no room for is dropped and counted.
void fit_parts(Partial& partial);

}  // namespace coppice
