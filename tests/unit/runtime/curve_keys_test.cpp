// The file that holds a process's identity.

#include "runtime/curve_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class KeyFile : public testing::Test {
protected:
    [[nodiscard]] std::string content() const {
        std::ifstream file{path_};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    void write(const std::string& text) const { std::ofstream{path_} << text; }

    TemporaryDirectory directory_;
    fs::path path_ = directory_.path() / "curve.key";
};

TEST_F(KeyFile, IsCreatedOnceAndReadAgain) {
    const auto first = load_or_create_curve_keys(path_);
    const auto second = load_or_create_curve_keys(path_);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(first->public_key, second->public_key);
    EXPECT_EQ(first->secret_key, second->secret_key);
    EXPECT_NE(first->public_key, make_curve_keys().public_key);
}

TEST_F(KeyFile, IsForItsOwnerOnlyAndLeavesNothingBeside) {
    ASSERT_TRUE(load_or_create_curve_keys(path_).ok());
    EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(std::distance(fs::directory_iterator{directory_.path()}, {}), 1);
}

TEST_F(KeyFile, IsRefusedWhenOthersMayReadIt) {
    ASSERT_TRUE(load_or_create_curve_keys(path_).ok());
    fs::permissions(path_, fs::perms::group_read, fs::perm_options::add);
    const auto keys = load_or_create_curve_keys(path_);
    ASSERT_FALSE(keys.ok());
    EXPECT_THAT(keys.error().message, HasSubstr("chmod 600"));
}

TEST_F(KeyFile, IsRefusedWhenItIsTruncated) {
    ASSERT_TRUE(load_or_create_curve_keys(path_).ok());
    fs::resize_file(path_, 50);
    const auto keys = load_or_create_curve_keys(path_);
    ASSERT_FALSE(keys.ok());
    EXPECT_THAT(keys.error().message, HasSubstr("82 bytes"));
}

TEST_F(KeyFile, IsRefusedWhenItsHalvesDoNotBelongTogether) {
    ASSERT_TRUE(load_or_create_curve_keys(path_).ok());
    const std::string text = content();
    write(key_text(make_curve_keys().public_key) + text.substr(40));
    const auto keys = load_or_create_curve_keys(path_);
    ASSERT_FALSE(keys.ok());
    EXPECT_THAT(keys.error().message, HasSubstr("damaged"));
}

TEST_F(KeyFile, ThatCannotBeCreatedIsAnErrorThatNamesIt) {
    const auto keys = load_or_create_curve_keys(directory_.path() / "missing" / "curve.key");
    ASSERT_FALSE(keys.ok());
    EXPECT_THAT(keys.error().message, HasSubstr("missing/curve.key"));
}

TEST(KeyText, IsTakenBack) {
    const PublicKey key = make_curve_keys().public_key;
    const auto parsed = parse_key(key_text(key));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, key);
    EXPECT_FALSE(parse_key("short").ok());
    EXPECT_FALSE(parse_key(std::string(40, '"')).ok());
}

}  // namespace
}  // namespace coppice
