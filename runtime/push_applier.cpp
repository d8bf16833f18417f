#include "runtime/push_applier.h"

#include <sodium.h>
#include <sys/eventfd.h>

#include <array>
#include <sstream>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include "common/ensure.h"

namespace coppice {
namespace {

namespace fs = std::filesystem;

constexpr mode_t file_mode = 0644;

std::string text_of(const PublicKey& fleet) {
    std::array<char, 2 * std::tuple_size_v<PublicKey> + 1> text{};
    return sodium_bin2hex(text.data(), text.size(), fleet.data(), fleet.size());
}

std::string mark_for(const PublicKey& fleet, const PushContent& content) {
    return text_of(fleet) + ' ' + std::to_string(content.version) + ' ' +
           std::to_string(content.push.value);
}

std::optional<AppliedRecord> applied_by(const fs::path& file, const fs::path& directory,
                                        const std::string& fleet) {
    const std::optional<std::string> mark = mark_of(file);
    if (!mark) return std::nullopt;
    std::istringstream text{*mark};
    std::string whose;
    AppliedRecord applied{.topic = file.lexically_relative(directory).string()};
    text >> whose >> applied.version >> applied.push.value;
    if (text.fail() || whose != fleet) return std::nullopt;
    return applied;
}

/// Makes the file hold what was pushed, or go; unless the hook, when there is one, refuses.
Result<Done> take_effect(const fs::path& path, const PushContent& content, const DraftCheck& hook,
                         const std::string& mark) {
    if (content.is_withdrawal && !hook) return remove_file(path);
    if (const auto made = make_directories(path.parent_path()); !made.ok()) return made;
    if (content.is_withdrawal) return remove_file_unless(path, file_mode, hook);
    const auto nothing = [](const fs::path&) { return std::nullopt; };
    return replace_file_unless(path, content.payload, file_mode, hook ? hook : DraftCheck{nothing},
                               mark);
}

std::optional<std::string> refusal_of(const fs::path& directory, const Apply& apply,
                                      const DraftCheck& hook, const PublicKey& fleet) {
    const Result<fs::path> path = topic_path(directory, apply.topic);
    if (!path.ok()) return path.error().message;
    const Result<Done> done =
        take_effect(*path, *apply.content, hook, mark_for(fleet, *apply.content));
    if (!done.ok()) return done.error().message;
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

std::vector<AppliedRecord> applied_in(const fs::path& directory, const PublicKey& fleet) {
    std::vector<AppliedRecord> found;
    std::error_code unreadable;
    fs::recursive_directory_iterator file{directory, unreadable};
    for (; !unreadable && file != fs::recursive_directory_iterator{}; file.increment(unreadable)) {
        const bool is_draft = file->path().filename().string().starts_with('.');
        if (is_draft || !file->is_regular_file(unreadable)) continue;
        auto applied = applied_by(file->path(), directory, text_of(fleet));
        // Its name may not have been durable yet when its writer ended.
        if (applied && sync_directory(file->path().parent_path()).ok())
            found.push_back(std::move(*applied));
    }
    return found;
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
        return runner_.run(*hook, {.topic = apply.topic,
                                   .version = apply.version,
                                   .file = fs::absolute(draft),
                                   .is_withdrawal = apply.content->is_withdrawal});
    });
}

void PushApplier::keep(const Apply& apply) { write_on(worker_, apply, {}); }

void PushApplier::refuse(PushId push, std::string reason) {
    finish({.push = push, .refusal = std::move(reason)});
}

void PushApplier::write_on(Worker& worker, const Apply& apply, DraftCheck hook) {
    const bool is_taken = worker.post([this, apply, hook = std::move(hook)] {
        finish({.push = apply.push, .refusal = refusal_of(directory_, apply, hook, ways_.fleet)});
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
