#include "common/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace coppice {

void broken_invariant(const char* file, int line, const char* condition, const char* meaning) {
    std::fprintf(stderr, "%s:%d: broken invariant: %s (%s)\n", file, line, meaning, condition);
    std::abort();
}

}  // namespace coppice
