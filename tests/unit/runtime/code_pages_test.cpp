// Code runs on after its pages were let go of.

#include "runtime/code_pages.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace coppice {
namespace {

/// KiB of files that are mapped into this process, as resident.
long resident_file_kib() {
    std::ifstream status{"/proc/self/status"};
    std::string word;
    long amount = -1;
    while (status >> word)
        if (word == "RssFile:") status >> amount;
    return amount;
}

TEST(CodePages, AreFewerAfterTheirReleaseAndComeBack) {
    std::ostringstream before;
    before << 1.5 << ' ' << std::hex << 255;
    const long resident = resident_file_kib();
    release_code_pages();
    EXPECT_LT(resident_file_kib(), resident);
    std::ostringstream after;
    after << 1.5 << ' ' << std::hex << 255;
    EXPECT_EQ(after.str(), before.str());
}

}  // namespace
}  // namespace coppice
