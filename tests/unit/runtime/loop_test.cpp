// Waiting for descriptors, instants and tasks.

#include "runtime/loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <thread>

#include "runtime/clock.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;

Instant soon() { return steady_now() + std::chrono::seconds{10}; }

TEST(Loops, WakeAtTheirInstantAndNotBefore) {
    Loop loop;
    for (int repeat = 0; repeat < 3; ++repeat) {
        const Instant until = steady_now() + milliseconds{20};
        loop.turn(until);
        EXPECT_GE(steady_now(), until);
    }
}

TEST(Loops, DoNotWaitForAnInstantThatIsOver) {
    Loop loop;
    const Instant start = steady_now();
    loop.turn(Instant::min());
    loop.turn(start);
    EXPECT_LT(steady_now() - start, std::chrono::seconds{5});
}

TEST(Loops, RunTasksOfOtherThreads) {
    Loop loop;
    std::thread::id where;
    std::thread other{[&] { EXPECT_TRUE(loop.post([&] { where = std::this_thread::get_id(); })); }};
    while (where == std::thread::id{} && steady_now() < soon()) loop.turn(soon());
    other.join();
    EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(Loops, RunATaskPostedByATaskInTheNextTurn) {
    Loop loop;
    int runs = 0;
    ASSERT_TRUE(loop.post([&] {
        ++runs;
        EXPECT_TRUE(loop.post([&] { ++runs; }));
    }));
    loop.turn(soon());
    EXPECT_EQ(runs, 1);
    loop.turn(soon());
    EXPECT_EQ(runs, 2);
}

TEST(Loops, RefuseTasksAboveTheBound) {
    Loop loop;
    for (std::size_t count = 0; count < Loop::tasks_max; ++count) ASSERT_TRUE(loop.post([] {}));
    EXPECT_FALSE(loop.post([] {}));
    loop.turn(soon());
    EXPECT_TRUE(loop.post([] {}));
}

TEST(Loops, SkipTheHandlerOfADescriptorUnwatchedInTheSameTurn) {
    Loop loop;
    const FileDescriptor left{::eventfd(1, EFD_NONBLOCK)};
    const FileDescriptor right{::eventfd(1, EFD_NONBLOCK)};
    int calls = 0;
    const auto watch = [&](const FileDescriptor& own, const FileDescriptor& other) {
        return loop.watch(own.get(), EPOLLIN, [&] {
            ++calls;
            loop.unwatch(other.get());
        });
    };
    ASSERT_TRUE(watch(left, right) && watch(right, left));
    loop.turn(soon());
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace coppice
