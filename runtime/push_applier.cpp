#include "runtime/push_applier.h"

#include <sys/eventfd.h>

#include <string>
#include <utility>

#include "common/ensure.h"
#include "runtime/durable_file.h"

namespace coppice {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> refusal_to_write(const fs::path& directory, const std::string& topic,
                                            const PushContent& content) {
    constexpr mode_t mode = 0644;
    const Result<fs::path> path = topic_path(directory, topic);
    if (!path.ok()) return path.error().message;
    Result<Done> written =
        content.is_withdrawal ? remove_file(*path) : make_directories(path->parent_path());
    if (written.ok() && !content.is_withdrawal)
        written = replace_file(*path, content.payload, mode);
    if (!written.ok()) return written.error().message;
    return std::nullopt;
}

}  // namespace

Result<fs::path> topic_path(const fs::path& directory, const std::string& topic) {
    const Error unusable{"the topic's name cannot be a file name"};
    if (topic.empty() || topic.find('\0') != std::string::npos) return unusable;
    fs::path path = directory;
    for (std::size_t start = 0; start <= topic.size();) {
        const std::size_t end = std::min(topic.find('/', start), topic.size());
        const std::string part = topic.substr(start, end - start);
        if (part.empty() || part == "." || part == "..") return unusable;
        path /= part;
        start = end + 1;
    }
    return path;
}

PushApplier::PushApplier(fs::path directory)
    : directory_{std::move(directory)}, ready_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
    COPPICE_ENSURE(ready_.is_open(), "the process may open files; raise its limit (ulimit -n)");
}

void PushApplier::apply(const Apply& apply) {
    const bool is_taken = worker_.post([this, apply] {
        finish({.push = apply.push,
                .refusal = refusal_to_write(directory_, apply.topic, *apply.content)});
    });
    if (!is_taken) finish({.push = apply.push, .refusal = "too many values wait to be written"});
}

std::vector<ApplyFinished> PushApplier::take() {
    eventfd_t count = 0;
    ::eventfd_read(ready_.get(), &count);
    const std::lock_guard lock{mutex_};
    return std::exchange(finished_, {});
}

void PushApplier::finish(ApplyFinished finished) {
    {
        const std::lock_guard lock{mutex_};
        finished_.push_back(std::move(finished));
    }
    ::eventfd_write(ready_.get(), 1);
}

}  // namespace coppice
