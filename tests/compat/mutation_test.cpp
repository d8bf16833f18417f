// Damaged and forged bytes: each gives a value or a sentence, and a value that can be used.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/random.h"
#include "schemas/codec.h"
#include "tests/compat/samples.h"

namespace coppice::compat {
namespace {

constexpr int mutations = 20'000;

/// One to four of: a flipped bit, an interesting byte, an overwritten word, a piece copied
/// elsewhere, a cut, a growth.
Bytes mutated(Bytes bytes, Random& random) {
    constexpr std::uint8_t interesting[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
    for (std::uint64_t rounds = 1 + random.below(4); rounds > 0 && bytes.size() >= 16; --rounds) {
        const std::uint64_t at = random.below(bytes.size());
        const std::uint64_t word = random.below(bytes.size() / 8) * 8;
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(word);
        switch (random.below(6)) {
            case 0:
                bytes[at] ^= static_cast<std::uint8_t>(1U << random.below(8));
                break;
            case 1:
                bytes[at] = interesting[random.below(std::size(interesting))];
                break;
            case 2:
                std::generate_n(begin, 8, [&] { return static_cast<std::uint8_t>(random.next()); });
                break;
            case 3: {
                const Bytes piece(begin, begin + 8);
                const auto to = static_cast<std::ptrdiff_t>(random.below(bytes.size() / 8) * 8);
                std::copy(piece.begin(), piece.end(), bytes.begin() + to);
                break;
            }
            case 4:
                bytes.resize(bytes.size() - random.below(16));
                break;
            default:
                bytes.resize(bytes.size() + 8 * random.below(3));
                break;
        }
    }
    return bytes;
}

struct Tally {
    int values = 0;
    int errors = 0;
};

/// A value that came out of damaged bytes is encoded and read again: nothing in it is unsound.
template <class Value, class Decode>
Tally mutate(const Samples<Value>& samples, std::uint64_t seed, Decode decode) {
    std::vector<Bytes> encoded;
    for (const auto& [name, value] : samples) encoded.push_back(encode(value));
    Random random{seed};
    Tally tally;
    for (int i = 0; i < mutations; ++i) {
        const Bytes bytes = mutated(encoded[random.below(encoded.size())], random);
        const Result<Value> decoded = decode(bytes);
        if (!decoded.ok()) {
            EXPECT_FALSE(decoded.error().message.empty());
            ++tally.errors;
            continue;
        }
        ++tally.values;
        const Result<Value> again = decode(encode(*decoded));
        EXPECT_TRUE(again.ok() && *again == *decoded) << "seed " << seed << ", mutation " << i;
    }
    return tally;
}

void expect_both_outcomes(const Tally& tally) {
    EXPECT_GT(tally.values, mutations / 10);
    EXPECT_GT(tally.errors, mutations / 10);
}

TEST(Mutation, OfAFrameGivesASoundFrameOrAnError) {
    expect_both_outcomes(mutate(frames(), 1, decode_frame));
}

TEST(Mutation, OfAStatementGivesASoundStatementOrAnError) {
    expect_both_outcomes(mutate(statements(), 2, decode_statement));
}

TEST(Mutation, OfARecordGivesASoundRecordOrAnError) {
    expect_both_outcomes(mutate(records(), 3, decode_record));
}

TEST(Mutation, OfAnEventGivesASoundEventOrAnError) {
    expect_both_outcomes(mutate(events(), 4, decode_event));
}

TEST(Mutation, OfARowOfATimelineGivesASoundRowOrAnError) {
    expect_both_outcomes(mutate(rows(), 6, decode_row));
    expect_both_outcomes(mutate(windows(), 7, decode_window));
}

TEST(Noise, IsRefused) {
    Random random{5};
    for (int i = 0; i < mutations; ++i) {
        Bytes noise(8 * random.below(64));
        for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random.next());
        EXPECT_FALSE(decode_frame(noise).ok());
    }
}

}  // namespace
}  // namespace coppice::compat
