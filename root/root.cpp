#include "root/root.h"

#include "common/limits.h"

namespace coppice {

Standing Root::standing(const Order& order, Stamp cell) const {
    return {.path = {order.host},
            .root_age = Duration::zero(),
            .is_fresh = true,
            .children_max = order.fanout + order.slack,
            .cell = std::max(order.stamp, cell),
            .term_instance = order.term_instance};
}

WindowOpened Root::numbered(WindowOpened question, const Order& order) {
    const auto known = numbers_.find(question.window);
    if (known == numbers_.end()) {
        if (numbers_.size() >= limits::open_windows_max * 2) numbers_.erase(numbers_.begin());
        numbers_.emplace(question.window, ++windows_);
    }
    question.window = {.root = order.stamp, .number = numbers_.at(question.window)};
    return question;
}

}  // namespace coppice
