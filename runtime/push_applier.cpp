#include "runtime/push_applier.h"

#include <sys/eventfd.h>

#include <string>
#include <utility>

#include "common/ensure.h"

namespace coppice {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> refusal_to_write(const fs::path& directory, const Apply& apply,
                                            const DraftCheck& refusal) {
    constexpr mode_t mode = 0644;
    const Result<fs::path> path = topic_path(directory, apply.topic);
    if (!path.ok()) return path.error().message;
    Result<Done> written = make_directories(path->parent_path());
    if (written.ok()) written = replace_file_unless(*path, apply.content->payload, mode, refusal);
    if (!written.ok()) return written.error().message;
    return std::nullopt;
}

std::optional<std::string> accept_all(const fs::path& /*draft*/) { return std::nullopt; }

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

PushApplier::PushApplier(fs::path directory, PushWays ways)
    : directory_{std::move(directory)},
      ways_{std::move(ways)},
      ready_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)},
      runner_{ways_.hook_limit} {
    COPPICE_ENSURE(ready_.is_open(), "the process may open files; raise its limit (ulimit -n)");
    if (!ways_.hooks.empty()) hook_worker_.emplace(waiting_max);
}

PushApplier::~PushApplier() { runner_.stop(); }

void PushApplier::apply(const Apply& apply) {
    if (!ways_.hand_over || !ways_.hand_over(apply)) write(apply);
}

void PushApplier::write(const Apply& apply) {
    const Hook* hook = hook_for(ways_.hooks, apply.topic);
    if (hook == nullptr) return keep(apply);
    write_on(*hook_worker_, apply, [this, hook, apply](const fs::path& draft) {
        return runner_.run(
            *hook, {.topic = apply.topic, .version = apply.version, .file = fs::absolute(draft)});
    });
}

void PushApplier::keep(const Apply& apply) { write_on(worker_, apply, accept_all); }

void PushApplier::refuse(PushId push, std::string reason) {
    finish({.push = push, .refusal = std::move(reason)});
}

void PushApplier::write_on(Worker& worker, const Apply& apply, DraftCheck refusal) {
    const bool is_taken = worker.post([this, apply, refusal = std::move(refusal)] {
        finish({.push = apply.push, .refusal = refusal_to_write(directory_, apply, refusal)});
    });
    if (!is_taken) refuse(apply.push, "too many values wait to be written");
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
