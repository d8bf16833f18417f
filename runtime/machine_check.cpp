#include "runtime/machine_check.h"

#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <system_error>

#include "runtime/clock.h"
#include "runtime/durable_file.h"
#include "runtime/file_descriptor.h"

namespace coppice {
namespace {

namespace fs = std::filesystem;

std::string reason() { return std::generic_category().message(errno); }

fs::path proc_of(pid_t process) { return fs::path{"/proc"} / std::to_string(process); }

/// The inode of the socket that listens on the port, in the form of /proc/net/tcp.
std::optional<std::string> listening_inode(const char* table, std::uint16_t port) {
    constexpr const char* listening = "0A";
    std::ifstream file{table};
    std::string line;
    std::getline(file, line);  // heads
    while (std::getline(file, line)) {
        std::istringstream words{line};
        std::string number;
        std::string local;
        std::string remote;
        std::string state;
        std::string skipped;
        std::string inode;
        words >> number >> local >> remote >> state >> skipped >> skipped >> skipped >> skipped >>
            skipped >> inode;
        std::uint16_t local_port = 0;
        const std::string digits = local.substr(local.find(':') + 1);
        std::from_chars(digits.data(), digits.data() + digits.size(), local_port, 16);
        if (state == listening && local_port == port) return inode;
    }
    return std::nullopt;
}

bool has_open(const fs::path& process, const std::string& target) {
    std::error_code hidden;
    for (fs::directory_iterator entry{process / "fd", hidden}, end; !hidden && entry != end;
         entry.increment(hidden)) {
        std::error_code gone;
        if (fs::read_symlink(entry->path(), gone) == target) return true;
    }
    return false;
}

std::optional<pid_t> process_with(const std::string& target) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{"/proc", ignored}) {
        const std::string name = entry.path().filename();
        pid_t process = 0;
        const auto [end, failure] =
            std::from_chars(name.data(), name.data() + name.size(), process);
        if (failure != std::errc{} || end != name.data() + name.size()) continue;
        if (has_open(entry.path(), target)) return process;
    }
    return std::nullopt;
}

Result<Done> wait_connected(int fd, Duration time_limit) {
    pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
    const auto limit = std::chrono::ceil<std::chrono::milliseconds>(time_limit).count();
    if (::poll(&waiting, 1, static_cast<int>(limit)) == 0) return Error{"no answer"};
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0) return Error{std::generic_category().message(failure)};
    return Done{};
}

}  // namespace

std::optional<std::uint64_t> open_files_max(std::optional<pid_t> process) {
    if (!process) {
        rlimit files{};
        if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return std::nullopt;
        return files.rlim_max;
    }
    std::ifstream limits{proc_of(*process) / "limits"};
    std::string line;
    while (std::getline(limits, line)) {
        std::istringstream words{line};
        std::string max;
        std::string open;
        std::string files;
        std::uint64_t soft = 0;
        std::uint64_t hard = 0;
        if (words >> max >> open >> files >> soft >> hard && open == "open") return hard;
    }
    return std::nullopt;
}

std::optional<PortHolder> port_holder(std::uint16_t port) {
    std::optional<std::string> inode = listening_inode("/proc/net/tcp", port);
    if (!inode) inode = listening_inode("/proc/net/tcp6", port);
    if (!inode) return std::nullopt;
    PortHolder holder{.process = process_with("socket:[" + *inode + "]"), .program = {}};
    if (holder.process)
        std::getline(std::ifstream{proc_of(*holder.process) / "comm"} >> std::ws, holder.program);
    return holder;
}

std::vector<std::string> arguments_of(pid_t process) {
    std::ifstream file{proc_of(process) / "cmdline"};
    std::vector<std::string> arguments;
    for (std::string word; std::getline(file, word, '\0');) arguments.push_back(word);
    if (!arguments.empty()) arguments.erase(arguments.begin());
    return arguments;
}

Result<DiskRoom> disk_room(const fs::path& folder) {
    struct statvfs status {};
    if (::statvfs(folder.c_str(), &status) != 0) return Error{reason()};
    // A file system without a limit of files says zero of both.
    return DiskRoom{.free_bytes = std::uint64_t{status.f_bavail} * status.f_frsize,
                    .free_files = status.f_files == 0 ? UINT64_MAX : status.f_favail};
}

Result<Duration> durable_write_time(const fs::path& folder) {
    const fs::path file = folder / (".doctor-" + std::to_string(::getpid()));
    const std::array<std::uint8_t, 4096> content{};
    const Instant start = steady_now();
    const Result<Done> written = replace_file(file, content, 0600);
    const Duration taken = steady_now() - start;
    ::unlink(file.c_str());
    if (!written.ok()) return written.error();
    return taken;
}

Result<Done> try_connect(const TcpAddress& address, Duration time_limit) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failure =
        ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
    if (failure != 0) return Error{::gai_strerror(failure)};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, ::freeaddrinfo};
    Result<Done> result = Error{"no address"};
    for (const addrinfo* one = found; one != nullptr && !result.ok(); one = one->ai_next) {
        const FileDescriptor fd{
            ::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
        if (::connect(fd.get(), one->ai_addr, one->ai_addrlen) == 0) return Done{};
        result = errno == EINPROGRESS ? wait_connected(fd.get(), time_limit)
                                      : Result<Done>{Error{reason()}};
    }
    return result;
}

std::optional<UnixMillis> newest_change(const fs::path& folder) {
    std::optional<UnixMillis> newest;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{folder, ignored}) {
        struct stat status {};
        if (::stat(entry.path().c_str(), &status) != 0) continue;
        const UnixMillis changed = std::chrono::seconds{status.st_mtim.tv_sec};
        newest = newest ? std::max(*newest, changed) : changed;
    }
    return newest;
}

}  // namespace coppice
