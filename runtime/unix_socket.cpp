#include "runtime/unix_socket.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace coppice {
namespace {

namespace fs = std::filesystem;

Error failure(const fs::path& path, const std::string& what) {
    return Error{"cannot listen at " + path.string() + ": " + what};
}

Error system_failure(const fs::path& path) {
    return failure(path, std::generic_category().message(errno));
}

/// The kernel takes 107 bytes. A longer path is reached through an open directory.
class Address {
public:
    explicit Address(const fs::path& path) {
        std::string name = path.string();
        if (name.size() >= sizeof address_.sun_path) {
            const fs::path parent = path.parent_path();
            directory_.reset(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
            name = "/proc/self/fd/" + std::to_string(directory_.get()) + "/" +
                   path.filename().string();
        }
        is_usable_ = name.size() < sizeof address_.sun_path;
        address_.sun_family = AF_UNIX;
        if (is_usable_) std::memcpy(address_.sun_path, name.c_str(), name.size() + 1);
    }
    [[nodiscard]] bool is_usable() const { return is_usable_; }
    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&address_);
    }
    static constexpr socklen_t size = sizeof(sockaddr_un);

private:
    FileDescriptor directory_;
    sockaddr_un address_{};
    bool is_usable_ = false;
};

bool is_answered(const Address& address) {
    const FileDescriptor client{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    // A full queue of a living listener is EAGAIN.
    return ::connect(client.get(), address.get(), Address::size) == 0 || errno == EAGAIN;
}

/// Removes what a killed process left behind.
Result<Done> make_way(const fs::path& path, const Address& address) {
    struct stat there {};
    if (::lstat(path.c_str(), &there) != 0) return Done{};
    if (!S_ISSOCK(there.st_mode))
        return failure(path, "something else is there; name another --socket, or remove it");
    if (is_answered(address))
        return failure(path,
                       "another agent listens there; stop it, or name another --socket for this");
    if (::unlink(path.c_str()) != 0) return system_failure(path);
    return Done{};
}

}  // namespace

Result<FileDescriptor> listen_at(const UnixSocketConfig& config) {
    constexpr mode_t mode = 0660;
    constexpr auto nobody = static_cast<uid_t>(-1);
    const Address address{config.path};
    if (!address.is_usable()) return failure(config.path, "the name of the file is too long");
    if (const Result<Done> free = make_way(config.path, address); !free.ok()) return free.error();
    FileDescriptor listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    // Nobody can connect before listen(), so the file has its owner and its mode by then.
    const bool is_listening =
        listener.is_open() && ::bind(listener.get(), address.get(), Address::size) == 0 &&
        ::chmod(config.path.c_str(), mode) == 0 &&
        (!config.group || ::chown(config.path.c_str(), nobody, *config.group) == 0) &&
        ::listen(listener.get(), SOMAXCONN) == 0;
    if (!is_listening) return system_failure(config.path);
    return listener;
}

std::optional<Peer> peer_of(int socket) {
    ucred process{};
    socklen_t size = sizeof process;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &process, &size) != 0) return std::nullopt;
    Peer peer{.user = process.uid, .groups = {process.gid}};
    constexpr std::size_t groups_max = 1024;
    std::vector<gid_t> groups(groups_max);
    size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0)
        peer.groups.insert(peer.groups.end(), groups.begin(),
                           groups.begin() + static_cast<std::ptrdiff_t>(size / sizeof(gid_t)));
    return peer;
}

Result<gid_t> group_of(const std::string& name) {
    gid_t number = 0;
    const char* last = name.data() + name.size();
    const auto [end, wrong] = std::from_chars(name.data(), last, number);
    if (wrong == std::errc{} && end == last && !name.empty()) return number;
    constexpr std::size_t entry_bytes = 64UL * 1024;
    std::vector<char> buffer(entry_bytes);
    group entry{};
    group* found = nullptr;
    ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found == nullptr) return Error{"there is no group '" + name + "' on this machine"};
    return found->gr_gid;
}

}  // namespace coppice
