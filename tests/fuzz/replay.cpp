// Runs files, or all files of folders, through a fuzz target: the corpora as an ordinary test.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/fuzz/decisions.h"

namespace {

namespace fs = std::filesystem;

std::set<fs::path> inputs_of(int count, char** names) {
    std::set<fs::path> files;
    for (int at = 1; at < count; ++at) {
        if (!fs::is_directory(names[at])) {
            files.emplace(names[at]);
            continue;
        }
        for (const auto& entry : fs::directory_iterator{names[at]}) files.insert(entry.path());
    }
    return files;
}

}  // namespace

int main(int argc, char** argv) {
    const std::set<fs::path> files = inputs_of(argc, argv);
    for (const fs::path& file : files) {
        std::ifstream in{file, std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
        // The name comes first: a finding ends the process.
        std::fprintf(stderr, "%s\n", file.c_str());
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    std::fprintf(stderr, "%zu inputs, no finding\n", files.size());
    return files.empty() ? 1 : 0;
}
