#include "runtime/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "runtime/file_descriptor.h"

namespace coppice {
namespace {

namespace fs = std::filesystem;

/// No path in it: the same failure on many hosts is one sentence.
Error system_error(const char* what) {
    return Error{std::string{what} + ": " + std::generic_category().message(errno)};
}

Result<Done> write_all(int fd, std::span<const std::uint8_t> content) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error("cannot write the file");
        content = content.subspan(static_cast<std::size_t>(written));
    }
    return Done{};
}

fs::path draft_of(const fs::path& path) {
    return path.parent_path() / ("." + path.filename().string() + ".coppice-new");
}

constexpr const char* mark_name = "user.coppice";
constexpr std::size_t mark_bytes_max = 256;

Result<Done> write_draft(const fs::path& draft, std::span<const std::uint8_t> content, mode_t mode,
                         const std::string& mark) {
    ::unlink(draft.c_str());  // left over from a crash
    const FileDescriptor fd{
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)};
    if (!fd.is_open()) return system_error("cannot create the file");
    if (const Result<Done> written = write_all(fd.get(), content); !written.ok()) return written;
    // Where there is no such thing the file is as good without it.
    if (!mark.empty()) ::fsetxattr(fd.get(), mark_name, mark.data(), mark.size(), 0);
    if (::fsync(fd.get()) != 0) return system_error("cannot sync the file");
    return Done{};
}

}  // namespace

Result<Done> sync_directory(const fs::path& directory) {
    const FileDescriptor fd{
        ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!fd.is_open() || ::fsync(fd.get()) != 0) return system_error("cannot sync the directory");
    return Done{};
}

Result<Done> replace_file(const fs::path& path, std::span<const std::uint8_t> content,
                          mode_t mode) {
    return replace_file_unless(path, content, mode, [](const fs::path&) { return std::nullopt; });
}

Result<Done> replace_file_unless(const fs::path& path, std::span<const std::uint8_t> content,
                                 mode_t mode, const DraftCheck& refusal, const std::string& mark) {
    const fs::path draft = draft_of(path);
    Result<Done> written = write_draft(draft, content, mode, mark);
    if (written.ok())
        if (const std::optional<std::string> reason = refusal(draft)) written = Error{*reason};
    if (written.ok() && ::rename(draft.c_str(), path.c_str()) != 0)
        written = system_error("cannot put the file in place");
    if (!written.ok()) {
        ::unlink(draft.c_str());
        return written;
    }
    return sync_directory(path.parent_path());
}

Result<bool> create_file(const fs::path& path, std::span<const std::uint8_t> content, mode_t mode) {
    const fs::path draft = draft_of(path);
    Result<Done> written = write_draft(draft, content, mode, {});
    bool is_new = true;
    if (written.ok() && ::link(draft.c_str(), path.c_str()) != 0) {
        is_new = false;
        if (errno != EEXIST) written = system_error("cannot put the file in place");
    }
    ::unlink(draft.c_str());
    if (written.ok()) written = sync_directory(path.parent_path());
    if (!written.ok()) return written.error();
    return is_new;
}

Result<Done> remove_file(const fs::path& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
        return system_error("cannot remove the file");
    // Also when it was gone: its removal may not have been durable yet.
    std::error_code unreadable;
    if (!fs::is_directory(path.parent_path(), unreadable)) return Done{};
    return sync_directory(path.parent_path());
}

Result<Done> remove_file_unless(const fs::path& path, mode_t mode, const DraftCheck& refusal) {
    const fs::path draft = draft_of(path);
    Result<Done> checked = write_draft(draft, {}, mode, {});
    if (checked.ok())
        if (const std::optional<std::string> reason = refusal(draft)) checked = Error{*reason};
    ::unlink(draft.c_str());
    return checked.ok() ? remove_file(path) : checked;
}

std::optional<std::string> mark_of(const fs::path& path) {
    std::string mark(mark_bytes_max, '\0');
    const ssize_t size = ::lgetxattr(path.c_str(), mark_name, mark.data(), mark.size());
    if (size <= 0) return std::nullopt;
    mark.resize(static_cast<std::size_t>(size));
    return mark;
}

Result<std::string> read_small_file(const fs::path& path) {
    std::ifstream in{path};
    if (!in) return Error{"cannot read " + path.string() + "; let this user read it"};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    return text;
}

Result<Done> make_directories(const fs::path& path) {
    constexpr mode_t mode = 0755;
    if (path.empty() || fs::is_directory(path)) return Done{};
    if (const Result<Done> above = make_directories(path.parent_path()); !above.ok()) return above;
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
        return system_error("cannot create the directory");
    std::error_code unreadable;
    if (!fs::is_directory(path, unreadable))
        return Error{"cannot create the directory: a file is in its place"};
    return sync_directory(path.parent_path());
}

}  // namespace coppice
