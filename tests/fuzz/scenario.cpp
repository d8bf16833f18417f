// Scenario files. Inputs that ask for large fleets or long times are passed over: they are legal
// and need long.
#include "simulator/scenario.h"

#include <cctype>

#include "tests/fuzz/decisions.h"

namespace coppice::fuzz {
namespace {

bool is_small(std::string_view text) {
    constexpr std::size_t digits_max = 1;
    constexpr std::size_t lines_max = 12;
    std::size_t digits = 0;
    for (const char letter : text) {
        digits = std::isdigit(static_cast<unsigned char>(letter)) != 0 ? digits + 1 : 0;
        if (digits > digits_max) return false;
    }
    return std::count(text.begin(), text.end(), '\n') <= static_cast<std::ptrdiff_t>(lines_max);
}

}  // namespace
}  // namespace coppice::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace coppice;
    const std::string text{fuzz::Decisions{data, size}.rest_text()};
    if (!fuzz::is_small(text)) return 0;
    COPPICE_ENSURE(run_scenario(text).size() >= text.size() / 2, "a story keeps its commands");
    return 0;
}
