#include "manager/rollback.h"

#include <utility>

namespace coppice {
namespace {

constexpr int passes_max = 8;

class Rollback {
public:
    Rollback(const Shape& shape, const ReshapingRequest& request, const RollbackRequest& rollback)
        : tree_{shape, request}, rollback_{rollback} {}

    TreePlan run() {
        std::vector<FormerPlace> open;
        for (const FormerPlace& former : rollback_.former)
            if (shape().parent(former.host) != former.parent) open.push_back(former);
        // Whoever leaves a parent makes room for others.
        for (int pass = 0; pass < passes_max; ++pass) {
            const std::size_t taken = std::erase_if(
                open, [this](const FormerPlace& former) { return take_back(former); });
            if (taken == 0) break;
        }
        for (const FormerPlace& former : open)
            tree_.note_refused({.host = former.host,
                                .from = shape().parent(former.host),
                                .to = former.parent,
                                .why = objection(former)});
        return tree_.finish();
    }

private:
    [[nodiscard]] const Shape& shape() const { return tree_.shape(); }
    [[nodiscard]] std::string name(HostId host) const { return tree_.request().name_of(host); }

    /// Why not; empty when it can be done.
    [[nodiscard]] std::string objection(const FormerPlace& former) const {
        const auto [host, parent] = former;
        if (std::string trouble = rollback_.trouble_of_host(host); !trouble.empty())
            return name(host) + ' ' + trouble;
        if (std::string trouble = rollback_.trouble_of_parent(parent); !trouble.empty())
            return name(parent) + ' ' + trouble;
        if (!shape().is_interior(parent)) return name(parent) + " is no parent any more";
        if (shape().is_within(parent, host)) return name(parent) + " is below it now";
        if (!tree_.may_move(host) || tree_.is_carried(parent))
            return "another host of its path moves first; roll back once more";
        if (shape().depth(parent) == Shape::detached)
            return name(parent) + " is not connected to the root";
        if (!tree_.fits(host, parent))
            return "it would end deeper than " + std::to_string(tree_.request().depth_max) +
                   " links below the root";
        if (shape().children(parent).size() >= shape().limit(Room::fanout))
            return name(parent) +
                   " has no room: " + std::to_string(shape().children(parent).size()) + " children";
        return {};
    }

    /// True when it is done, or the bound leaves it out.
    bool take_back(const FormerPlace& former) {
        if (!objection(former).empty()) return false;
        if (tree_.moves_left() == 0) {
            tree_.note_bounded();
            return true;
        }
        tree_.move(former.host, former.parent, rollback_.why);
        return true;
    }

    Reshaping tree_;
    const RollbackRequest& rollback_;
};

}  // namespace

TreePlan plan_rollback(const Shape& shape, const ReshapingRequest& request,
                       const RollbackRequest& rollback) {
    return Rollback{shape, request, rollback}.run();
}

}  // namespace coppice
