// What to know of an answer to reduce().
#include "manager/reduction_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Inquiry words{.folds = {{FoldSpec::Kind::moments, "load1"}, {FoldSpec::Kind::parts, "words"}},
                    .by = {}};
const Inquiry words_by_rack{.folds = words.folds, .by = {"rack"}};

Aggregate group(Parts parts) { return {.hosts = 4, .folds = {Moments{}, std::move(parts)}}; }

TEST(ReductionNotes, SayNothingOfWhatWentWell) {
    EXPECT_THAT(reduction_notes(words, {}), IsEmpty());
    Partial partial;
    partial.groups[{}] = group({.parts = {{4, {}}}});
    EXPECT_THAT(reduction_notes(words, partial), IsEmpty());
}

TEST(ReductionNotes, TellWhoFailedAndWhatWasDropped) {
    Partial partial;
    partial.groups[{"r1"}] =
        group({.parts = {{1, {}}, {1, {1}}}, .dropped = 2, .failures = 1, .reason = "b"});
    partial.groups[{"r2"}] = group({.parts = {{4, {}}}});
    partial.other = group({.parts = {{4, {}}}, .failures = 2, .reason = "a"});
    EXPECT_THAT(
        reduction_notes(words_by_rack, partial),
        ElementsAre("reducer words failed on 3 hosts: a",
                    "contributions to words of 2 hosts were dropped: what was not reduced took "
                    "more than 256 KiB on a link",
                    "words is in up to 2 parts in 1 of 3 groups: the reducer failed where they "
                    "came together"));
}

TEST(ReductionNotes, TellWhyThereIsMoreThanOnePart) {
    Partial partial;
    partial.groups[{}] = group({.parts = {{1, {}}, {1, {1}}, {1, {2}}}});
    EXPECT_THAT(reduction_notes(words, partial),
                ElementsAre("words is in 3 parts: no daemon of the host that folds last, the root, "
                            "made one of them"));
}

}  // namespace
}  // namespace coppice
