#pragma once
// A folder for the store of a benchmark; it ends with it.

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace coppice {

class Folder {
public:
    Folder() {
        if (::mkdtemp(path_.data()) == nullptr) std::abort();
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::filesystem::path file() const { return path_ + "/coppice.db"; }

private:
    std::string path_ = std::filesystem::temp_directory_path() / "coppice-bench-XXXXXX";
};

}  // namespace coppice
