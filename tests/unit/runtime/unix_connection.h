#pragma once
// A client of a socket in the file system, byte by byte.

#include <sys/un.h>

#include <cstring>
#include <filesystem>

#include "tests/unit/runtime/byte_connection.h"

namespace coppice {

class UnixConnection : public ByteConnection {
public:
    explicit UnixConnection(const std::filesystem::path& path) : ByteConnection{AF_UNIX} {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        is_connected_ = connect(address);
    }

    [[nodiscard]] bool is_connected() const { return is_connected_; }

private:
    bool is_connected_ = false;
};

}  // namespace coppice
