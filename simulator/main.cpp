// coppice-sim: a fleet in a virtual world, for faults, traces and proofs.
#include <exception>
#include <iostream>

#include "simulator/commands/commands.h"

int main(int argc, char** argv) {
    try {
        return coppice::run_simulator({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "coppice-sim: " << error.what() << '\n';
        return 1;
    }
}
