// A service manager that listens hears of a start.

#include "runtime/service_manager.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string>

#include "runtime/file_descriptor.h"
#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

class ServiceManagers : public testing::Test {
protected:
    /// Listens on a socket of that name ('@': an abstract one) and says so in the environment.
    void listen(std::string name) {
        ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        if (name.front() == '@') name.front() = '\0';
        name.copy(address.sun_path, sizeof address.sun_path);
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    }
    ~ServiceManagers() override { ::unsetenv("NOTIFY_SOCKET"); }

    [[nodiscard]] std::string heard() {
        std::array<char, 64> text{};
        const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
        return size < 0 ? "" : std::string{text.data(), static_cast<std::size_t>(size)};
    }

private:
    FileDescriptor socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

TEST_F(ServiceManagers, AreToldOnTheirSocket) {
    const TemporaryDirectory folder;
    listen((folder.path() / "notify").string());
    tell_service_manager("READY=1");
    EXPECT_EQ(heard(), "READY=1");
}

TEST_F(ServiceManagers, AreToldOnAnAbstractSocket) {
    listen("@coppice-" + std::to_string(::getpid()));
    tell_service_manager("STOPPING=1");
    EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(ServiceManagers, AreNotMissed) {
    tell_service_manager("READY=1");
    ::setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
    tell_service_manager("READY=1");
    ::setenv("NOTIFY_SOCKET", std::string(500, '/').c_str(), 1);
    tell_service_manager("READY=1");
    EXPECT_EQ(heard(), "");
}

}  // namespace
}  // namespace coppice
