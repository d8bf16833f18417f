// Answers to questions.
#include "tests/compat/samples.h"

namespace coppice::compat {
namespace {

HostSet hosts(std::uint32_t first, std::uint32_t last) {
    HostSet set;
    for (std::uint32_t host = first; host <= last; ++host) set.insert(HostId{host});
    return set;
}

}  // namespace

Partial moments_partial() {
    Partial partial;
    partial.groups[{}] = {.hosts = 2,
                          .folds = {Moments{.count = 2, .sum = 3.5, .min = 1, .max = 2.5}}};
    partial.coverage = hosts(7, 8);
    return partial;
}

Partial grouped_partial() {
    Distinct many{.count = 5000};
    many.all.assign(Distinct::registers, 3);
    const Ranking ranking{.count = 2, .best = {{HostId{8}, 2.5}, {HostId{7}, 1}}};
    Partial partial;
    partial.groups[{"r1", "6.1"}] = {
        .hosts = 2,
        .folds = {Moments{.count = 2, .sum = 3.5, .min = 1, .max = 2.5},
                  Variance{.count = 2, .mean = 1.75, .squares = 1.125},
                  Quantiles{.bins = {{-7, 1}, {2206, 1}}},
                  Distinct{.count = 2, .few = {0x101, 0x202}, .all = {}}, ranking, ranking}};
    partial.groups[{"r2", ""}] = {.hosts = 5000, .folds = {many}};
    partial.other = {.hosts = 1, .folds = {Moments{}}};
    partial.cut = GroupKey{"r3", "5.10"};
    partial.coverage = hosts(7, 5009);
    return partial;
}

Partial partial_of_parts() {
    Partial partial;
    partial.groups[{"r1"}] = {.hosts = 9,
                              .folds = {Parts{.parts = {{5, {1, 0, 255}}, {1, {}}},
                                              .dropped = 2,
                                              .failures = 3,
                                              .reason = "it threw"}}};
    partial.coverage = hosts(7, 15);
    return partial;
}

}  // namespace coppice::compat
