// Signatures of a fleet, and the file of its key.
#include "runtime/sodium_notary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>
#include <string>

#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const Statement statement =
    Order{.fleet = "blue", .host = HostId{7}, .name = "n7", .labels = {{"rack", "r1"}}};

TEST(SodiumNotary, OpensWhatItsFleetSealedWithThePublicKeyAlone) {
    const FleetKeys keys = make_fleet_keys();
    const Sealed sealed = SodiumNotary{keys}.seal(statement);
    EXPECT_EQ(SodiumNotary{keys.public_key}.open(sealed).value(), statement);
    EXPECT_EQ(SodiumNotary{keys}.open(sealed).value(), statement);
}

TEST(SodiumNotary, SealsEqualStatementsWithEqualBytes) {
    const SodiumNotary notary{make_fleet_keys()};
    EXPECT_EQ(notary.seal(statement), notary.seal(statement));
}

TEST(SodiumNotary, RefusesAnotherFleetsSeal) {
    const Sealed sealed = SodiumNotary{make_fleet_keys()}.seal(statement);
    const Result<Statement> opened = SodiumNotary{make_fleet_keys()}.open(sealed);
    ASSERT_FALSE(opened.ok());
    EXPECT_THAT(opened.error().message, HasSubstr("not this fleet's"));
}

TEST(SodiumNotary, RefusesAnyFlippedBitOfContentAndSignature) {
    const SodiumNotary notary{make_fleet_keys()};
    const Sealed sealed = notary.seal(statement);
    for (std::size_t at = 0; at < sealed.content.size(); ++at) {
        Sealed altered = sealed;
        altered.content[at] ^= static_cast<std::uint8_t>(1U << at % 8);
        EXPECT_FALSE(notary.open(altered).ok()) << at;
    }
    for (std::size_t at = 0; at < sealed.signature.size(); ++at) {
        Sealed altered = sealed;
        altered.signature[at] ^= 1;
        EXPECT_FALSE(notary.open(altered).ok()) << at;
    }
    EXPECT_FALSE(notary.open(Sealed{}).ok());
}

TEST(SodiumNotaryDeathTest, DoesNotSealWithoutTheSigningKey) {
    const SodiumNotary notary{make_fleet_keys().public_key};
    EXPECT_DEATH((void)notary.seal(statement), "fleet's signing key");
}

TEST(SodiumNotary, HashesWithBlake2b) {
    // "abc", from `printf abc | b2sum -l 256`.
    const Digest expected{0xbd, 0xdd, 0x81, 0x3c, 0x63, 0x42, 0x39, 0x72, 0x31, 0x71, 0xef,
                          0x3f, 0xee, 0x98, 0x57, 0x9b, 0x94, 0x96, 0x4e, 0x3b, 0xb1, 0xcb,
                          0x3e, 0x42, 0x72, 0x62, 0xc8, 0xc0, 0x68, 0xd5, 0x23, 0x19};
    const Bytes abc{'a', 'b', 'c'};
    EXPECT_EQ(SodiumNotary{make_fleet_keys()}.hash(abc), expected);
}

class FleetKeysTest : public testing::Test {
protected:
    std::string error_of_loading() const {
        const Result<FleetKeys> keys = load_fleet_keys(file);
        return keys.ok() ? std::string{"no error"} : keys.error().message;
    }

    const TemporaryDirectory directory;
    const std::filesystem::path file = directory.path() / "fleet.key";
};

TEST_F(FleetKeysTest, ComeBackFromTheirFile) {
    const FleetKeys keys = make_fleet_keys();
    ASSERT_TRUE(save_fleet_keys(file, keys).ok());
    EXPECT_EQ(load_fleet_keys(file).value(), keys);
    EXPECT_EQ(std::filesystem::status(file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(FleetKeysTest, AreNeverOverwritten) {
    const FleetKeys keys = make_fleet_keys();
    ASSERT_TRUE(save_fleet_keys(file, keys).ok());
    const Result<Done> again = save_fleet_keys(file, make_fleet_keys());
    ASSERT_FALSE(again.ok());
    EXPECT_THAT(again.error().message, AllOf(HasSubstr(file.string()), HasSubstr("is kept")));
    EXPECT_EQ(load_fleet_keys(file).value(), keys);
}

TEST_F(FleetKeysTest, SayThatTheirFileIsMissing) {
    EXPECT_THAT(error_of_loading(),
                AllOf(HasSubstr(file.string()), HasSubstr("No such file or directory")));
}

TEST_F(FleetKeysTest, RefuseAFileThatOthersMayRead) {
    ASSERT_TRUE(save_fleet_keys(file, make_fleet_keys()).ok());
    ASSERT_EQ(chmod(file.c_str(), 0640), 0);
    EXPECT_THAT(error_of_loading(), HasSubstr("run: chmod 600 " + file.string()));
}

TEST_F(FleetKeysTest, RefuseADamagedFile) {
    ASSERT_TRUE(save_fleet_keys(file, make_fleet_keys()).ok());
    std::string content(130, ' ');
    std::ifstream{file}.read(content.data(), 130);
    for (const std::size_t at : {0U, 64U, 70U}) {  // public key, end of line, seed
        std::string altered = content;
        altered[at] = altered[at] == '1' ? '2' : '1';
        std::ofstream{file} << altered;
        EXPECT_THAT(error_of_loading(), HasSubstr("is damaged; restore it from a copy")) << at;
    }
    std::ofstream{file} << content.substr(1);
    EXPECT_THAT(error_of_loading(), HasSubstr("must have 130 bytes"));
}

TEST(RandomBytes, Differ) {
    std::set<Bytes> drawn;
    for (int i = 0; i < 100; ++i) drawn.insert(random_bytes(16));
    EXPECT_EQ(drawn.size(), 100U);
    EXPECT_EQ(drawn.begin()->size(), 16U);
}

}  // namespace
}  // namespace coppice
