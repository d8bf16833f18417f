// Runs seeds until a checker speaks up; links one source of the product with a bug in it.
#include <cstdlib>
#include <iostream>

#include "simulator/check.h"

int main() {
    using namespace coppice;
    const CheckReport found = run_check({.seeds = 500, .hosts = 30});
    if (!found.failing_seed) {
        std::cout << "Nobody found the bug in " << found.seeds << " seeds.\n";
        return EXIT_FAILURE;
    }
    std::cout << "Found by seed " << *found.failing_seed << ":\n";
    for (const std::string& sentence : found.broken) std::cout << "  " << sentence << '\n';
    return EXIT_SUCCESS;
}
