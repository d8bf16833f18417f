#pragma once
// A plan while it is made: a copy of the shape in which one move after the other is tried.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/tree_plan.h"
#include "manager/shape.h"

namespace coppice {

/// What a plan depends on besides the shape.
struct ReshapingRequest {
    std::uint64_t moves_max = 1;
    Shape::Depth depth_max = 0;
    /// Live, where it was ordered to be, and not on its way: it may be moved.
    std::function<bool(HostId)> may_move;
    /// Live, and nobody forbids it a role: it may get children.
    std::function<bool(HostId)> may_lead;
    std::function<std::string(HostId)> name_of;
};

/// Keeps what holds for every plan: no more moves than the bound, each host once, never two hosts
/// of one path to the root (the old one and the new one), and no new children for who may not lead.
class Reshaping {
public:
    /// Both outlive this.
    Reshaping(const Shape& shape, const ReshapingRequest& request);

    /// As it is after the moves so far. Only those who may lead are open, and only such leaves
    /// are fit to be promoted.
    [[nodiscard]] const Shape& shape() const { return shape_; }
    [[nodiscard]] const ReshapingRequest& request() const { return request_; }
    /// Those below the root and the root, parents before children, as they were at first.
    [[nodiscard]] const std::vector<HostId>& hosts() const { return hosts_; }

    [[nodiscard]] std::uint64_t moves_left() const {
        return request_.moves_max - plan_.moves.size();
    }
    /// It is not the root, may be moved, and nobody on its path or below it moves.
    [[nodiscard]] bool may_move(HostId host) const;
    /// The parent is not below the host, and the subtree ends within the bound of depth.
    [[nodiscard]] bool fits(HostId host, HostId parent) const;
    /// True when a host above it, or it itself, moves.
    [[nodiscard]] bool is_carried(HostId host) const { return (marks_[host.value] & carried) != 0; }

    /// Requires may_move(), a move that is left, and an interior parent that is not carried.
    void move(HostId host, HostId parent, std::string why);
    /// Requires a leaf that may be promoted; it stays where it is.
    void promote(HostId leaf);
    /// Requires that its children have moved; it stays where it is.
    void dissolve(HostId branch);
    void note_bounded() { plan_.is_bounded = true; }
    void note_refused(PlannedMove move) { plan_.cannot.push_back(std::move(move)); }

    /// The plan, without digest and generations.
    [[nodiscard]] TreePlan finish();

private:
    static constexpr std::uint8_t carried = 1;  // it moves, or a host above it does
    static constexpr std::uint8_t pinned = 2;   // a host below it moves, or it gets one

    void pin_path(HostId host);
    void carry(HostId host);
    [[nodiscard]] TreeFigures figures_after() const;

    const Shape& original_;
    Shape shape_;
    const ReshapingRequest& request_;
    std::vector<HostId> hosts_;
    std::vector<std::uint8_t> marks_;  // by id
    TreePlan plan_;
};

[[nodiscard]] TreeFigures figures_of(const Shape& shape, Shape::Depth depth_max);

}  // namespace coppice
