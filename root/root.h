#pragma once
// The role of the top of a cell: its word is the root's word, and it numbers the windows.

#include "common/downlink.h"
#include "common/message.h"

namespace coppice {

class Root {
public:
    /// Fresh by itself: with or without a manager above, the cell below holds together.
    [[nodiscard]] Standing standing(const Order& order, Stamp cell) const;

    /// A manager's question becomes the next window of this root. The repeat of a question, which
    /// the manager numbers in its term, keeps its number.
    [[nodiscard]] WindowOpened numbered(WindowOpened question, const Order& order);

private:
    std::uint64_t windows_ = 0;
    std::map<WindowId, std::uint64_t> numbers_;  // of recent questions, as the manager has them
};

}  // namespace coppice
