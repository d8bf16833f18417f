#pragma once
// Makes pushed values take effect: the file DIRECTORY/TOPIC holds the topic's newest payload, and
// is removed by a withdrawal; hooks make of it what they want.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/limits.h"
#include "common/node.h"
#include "runtime/durable_file.h"
#include "runtime/file_descriptor.h"
#include "runtime/hook.h"
#include "runtime/worker.h"

namespace coppice {

/// Where the value of a topic is written. A '/' in the topic makes a sub-directory; a topic that
/// would leave the directory ("..", absolute, empty parts) is an error.
[[nodiscard]] Result<std::filesystem::path> topic_path(const std::filesystem::path& directory,
                                                       const std::string& topic);

/// What the files of the directory say has taken effect, also when the process ended before it
/// could note that: values of that fleet that PushApplier has written. Not known of withdrawals,
/// nor where the file system keeps no extended attributes.
[[nodiscard]] std::vector<AppliedRecord> applied_in(const std::filesystem::path& directory,
                                                    const PublicKey& fleet);

/// How values take effect besides being written.
struct PushWays {
    PublicKey fleet{};  // whose values they are
    std::vector<Hook> hooks;
    Duration hook_limit = std::chrono::seconds{30};
    /// Called by apply(): true when somebody else has taken the value, and will call write(),
    /// keep() or refuse() for it once, from any thread.
    std::function<bool(const Apply&)> hand_over;
};

/// Writes on a thread of its own, in the order of apply(). A file is replaced whole, and durable
/// before its success is reported. A topic with a hook is written when the hook has ended well, and
/// the hook is given the durable draft (an empty one of a withdrawal, whose file goes then); hooks
/// run one at a time, on another thread. Sentences of refusals name no path, so that equal failures
/// of many hosts fold into one.
///
/// However a value took effect, the file of its topic holds it, and is gone after a withdrawal.
class PushApplier {
public:
    explicit PushApplier(std::filesystem::path directory, PushWays ways = {});
    /// Kills a hook that runs; what was not finished is not reported.
    ~PushApplier();
    PushApplier(const PushApplier&) = delete;
    PushApplier& operator=(const PushApplier&) = delete;

    /// Answered once by take(); at once with a refusal when `waiting_max` values wait already.
    void apply(const Apply& apply);

    // From any thread, for a value that was handed over.
    /// As if nobody had taken it.
    void write(const Apply& apply);
    /// It has taken effect already: only its file is written.
    void keep(const Apply& apply);
    void refuse(PushId push, std::string reason);

    /// Readable when take() has something.
    [[nodiscard]] int fd() const { return ready_.get(); }
    /// What was finished since the last call.
    [[nodiscard]] std::vector<ApplyFinished> take();

    /// Of at most limits::payload_bytes_max each.
    static constexpr std::size_t waiting_max = limits::topics_max;

private:
    /// `hook` is empty when there is none.
    void write_on(Worker& worker, const Apply& apply, DraftCheck hook);
    void finish(ApplyFinished finished);

    const std::filesystem::path directory_;
    const PushWays ways_;
    FileDescriptor ready_;
    std::mutex mutex_;
    std::vector<ApplyFinished> finished_;
    HookRunner runner_;
    // Last: they end before what they use.
    Worker worker_{waiting_max};
    std::optional<Worker> hook_worker_;  // when there are hooks
};

}  // namespace coppice
