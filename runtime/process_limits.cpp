#include "runtime/process_limits.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>

#include <cerrno>
#include <system_error>

namespace coppice {

Result<std::size_t> prepare_process() {
    constexpr std::size_t stack_bytes = 512UL * 1024;  // enough for name lookups and SQLite
    constexpr int arenas_max = 2;
    ::mallopt(M_ARENA_MAX, arenas_max);

    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, stack_bytes);
    ::pthread_setattr_default_np(&attributes);
    ::pthread_attr_destroy(&attributes);

    rlimit files{};
    const bool is_read = ::getrlimit(RLIMIT_NOFILE, &files) == 0;
    files.rlim_cur = files.rlim_max;
    if (!is_read || ::setrlimit(RLIMIT_NOFILE, &files) != 0)
        return Error{"cannot raise the limit of open files: " +
                     std::generic_category().message(errno)};
    return static_cast<std::size_t>(files.rlim_cur);
}

}  // namespace coppice
