// Bytes of every release in v<release>/*.hex: today's program reads them, and writes those of the
// newest.
//
// A file is changed by no later release. Before release 1 is out, and for a folder of a new
// release, the files are written by: COPPICE_WRITE_GOLDEN=1 build/dev/bin/compat
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "schemas/codec.h"
#include "tests/compat/samples.h"

namespace coppice::compat {
namespace {

constexpr std::size_t bytes_per_line = 32;

std::filesystem::path folder() {
    return std::filesystem::path{COPPICE_SOURCE_DIR} / "tests" / "compat" / "v1";
}

std::string to_hex(const Bytes& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        text += digits[bytes[i] >> 4U];
        text += digits[bytes[i] & 0xfU];
        if ((i + 1) % bytes_per_line == 0 || i + 1 == bytes.size()) text += '\n';
    }
    return text;
}

Bytes from_hex(std::istream& in) {
    Bytes bytes;
    for (char high = 0, low = 0; in >> high >> low;)
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string{high, low}, nullptr, 16)));
    return bytes;
}

/// The bytes in the file of that name; writes it first when asked to, and there are any of today.
Bytes golden(const std::string& name, const Bytes& today) {
    const std::filesystem::path file = folder() / (name + ".hex");
    if (std::getenv("COPPICE_WRITE_GOLDEN") != nullptr && !today.empty())
        std::ofstream{file} << to_hex(today);
    std::ifstream in{file};
    EXPECT_TRUE(in.is_open()) << file << " is missing; see the head of this test";
    return from_hex(in);
}

template <class Value, class Decode>
void expect_golden(const Samples<Value>& samples, const std::string& prefix, Decode decode) {
    for (const auto& [name, value] : samples) {
        const Bytes today = encode(value);
        const Bytes bytes = golden(prefix + name, today);
        EXPECT_EQ(to_hex(today), to_hex(bytes)) << name;
        const Result<Value> decoded = decode(bytes);
        ASSERT_TRUE(decoded.ok()) << name << ": " << decoded.error().message;
        EXPECT_EQ(*decoded, value) << name;
    }
}

template <class Variant, class Value, class Index>
void expect_every_alternative(const Samples<Value>& samples, Index index) {
    std::set<std::size_t> seen;
    for (const auto& [name, value] : samples) seen.insert(index(value));
    EXPECT_EQ(seen.size(), std::variant_size_v<Variant>) << "an alternative has no sample";
}

TEST(Golden, EveryMessageStatementAndRecordHasASample) {
    expect_every_alternative<Message>(frames(), [](const Frame& one) { return one.body.index(); });
    expect_every_alternative<Statement>(statements(), [](const auto& one) { return one.index(); });
    expect_every_alternative<Record>(records(), [](const auto& one) { return one.index(); });
}

TEST(Golden, FramesHaveTheBytesOfRelease1) { expect_golden(frames(), "frame_", decode_frame); }

TEST(Golden, FramesOfAnEarlierFormAreRead) {
    for (const auto& [name, value] : former_frames()) {
        std::ifstream in{folder() / ("frame_" + name + ".hex")};
        ASSERT_TRUE(in.is_open()) << name;
        const Result<Frame> decoded = decode_frame(from_hex(in));
        ASSERT_TRUE(decoded.ok()) << name << ": " << decoded.error().message;
        EXPECT_EQ(*decoded, value) << name;
    }
}

TEST(Golden, StatementsHaveTheBytesOfRelease1) {
    expect_golden(statements(), "statement_", decode_statement);
}

TEST(Golden, RecordsHaveTheBytesOfRelease1) { expect_golden(records(), "record_", decode_record); }

TEST(Golden, EventsHaveTheBytesOfRelease1) { expect_golden(events(), "", decode_event); }

TEST(Golden, RowsOfTimelinesHaveTheBytesOfRelease1) {
    expect_golden(rows(), "timeline_", decode_row);
    expect_golden(windows(), "series_", decode_window);
}

TEST(Golden, RowsOfTimelinesOfAnEarlierFormAreRead) {
    for (const auto& [name, row] : former_rows()) {
        const Result<TimelineRow> decoded = decode_row(golden("timeline_" + name, {}));
        ASSERT_TRUE(decoded.ok()) << name << ": " << decoded.error().message;
        EXPECT_EQ(*decoded, row) << name;
    }
}

TEST(Golden, EveryFileBelongsToASample) {
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{folder()})
        ++files;
    EXPECT_EQ(files, frames().size() + former_frames().size() + statements().size() +
                         records().size() + events().size() + rows().size() + former_rows().size() +
                         windows().size());
}

}  // namespace
}  // namespace coppice::compat
