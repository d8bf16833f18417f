#include "runtime/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>

#include "runtime/file_descriptor.h"

namespace coppice {

void tell_service_manager(std::string_view state) {
    const char* given = std::getenv("NOTIFY_SOCKET");
    const std::string_view path{given == nullptr ? "" : given};
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const bool is_path = path.starts_with('/') || path.starts_with('@');
    if (!is_path || path.size() >= sizeof address.sun_path) return;
    path.copy(address.sun_path, path.size());
    if (path.front() == '@') address.sun_path[0] = '\0';  // an abstract name
    const FileDescriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace coppice
