// A disk that is full, broken or slow, for real processes: preloaded (LD_PRELOAD), it stands before
// the calls that write and sync files. The file that COPPICE_FAULTY_DISK names says what is wrong
// just now: "full", "broken" or "slow"; without that file the disk is well.

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace {

constexpr int slow_ms = 200;

/// The first letter of what is wrong; zero when nothing is.
char fault() {
    const char* file = std::getenv("COPPICE_FAULTY_DISK");
    const int fd = file == nullptr ? -1 : ::open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    char letter = 0;
    const bool is_read = ::read(fd, &letter, 1) == 1;
    ::close(fd);
    return is_read ? letter : '\0';
}

/// Logs, sockets and events are no matter of the disk.
bool is_on_disk(int fd) {
    struct stat status {};
    return fd > STDERR_FILENO && ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

template <class Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

int sync_with(const char* name, int fd) {
    const char wrong = fault();
    if (wrong == 'b') {
        errno = EIO;
        return -1;
    }
    if (wrong == 's') ::poll(nullptr, 0, slow_ms);
    return next<int (*)(int)>(name)(fd);
}

bool refuses_write(int fd) {
    if (!is_on_disk(fd) || fault() != 'f') return false;
    errno = ENOSPC;
    return true;
}

}  // namespace

extern "C" {

int fsync(int fd) { return sync_with("fsync", fd); }
int fdatasync(int fd) { return sync_with("fdatasync", fd); }

ssize_t write(int fd, const void* data, std::size_t size) {
    using Write = ssize_t (*)(int, const void*, std::size_t);
    return refuses_write(fd) ? -1 : next<Write>("write")(fd, data, size);
}

ssize_t pwrite(int fd, const void* data, std::size_t size, off_t offset) {
    using Write = ssize_t (*)(int, const void*, std::size_t, off_t);
    return refuses_write(fd) ? -1 : next<Write>("pwrite")(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void* data, std::size_t size, off64_t offset) {
    using Write = ssize_t (*)(int, const void*, std::size_t, off64_t);
    return refuses_write(fd) ? -1 : next<Write>("pwrite64")(fd, data, size, offset);
}

}  // extern "C"
