#include "root/root.h"

#include <gtest/gtest.h>

namespace coppice {
namespace {

constexpr RequestId first_of_people{1};

WindowOpened asked(std::uint64_t term, std::uint64_t number) {
    return {.window = {.root = {.term = term, .generation = number}, .number = 0},
            .question = first_of_people};
}

TEST(Root, NumbersTheQuestionsOfManagersAndKeepsTheNumberOfARepeat) {
    Root root;
    const Order order{.stamp = {3, 17}};
    const WindowId first = root.numbered(asked(4, 1), order).window;
    const WindowId second = root.numbered(asked(4, 2), order).window;
    EXPECT_EQ(first.root, order.stamp);
    EXPECT_GT(second, first);
    EXPECT_EQ(root.numbered(asked(4, 1), order).window, first);
}

TEST(Root, TakesTheQuestionOfAManagerThatStartedAnewForNoRepeat) {
    Root root;
    const Order order{.stamp = {3, 17}};
    const WindowId before = root.numbered(asked(4, 1), order).window;
    EXPECT_GT(root.numbered(asked(5, 1), order).window, before) << "people count from one again";
}

}  // namespace
}  // namespace coppice
