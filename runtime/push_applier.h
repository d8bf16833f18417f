#pragma once
// Makes pushed values take effect: the file DIRECTORY/TOPIC holds the topic's newest payload,
// and is removed by a withdrawal.

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <vector>

#include "common/limits.h"
#include "common/node.h"
#include "runtime/file_descriptor.h"
#include "runtime/worker.h"

namespace coppice {

/// Where the value of a topic is written. A '/' in the topic makes a sub-directory; a topic that
/// would leave the directory ("..", absolute, empty parts) is an error.
[[nodiscard]] Result<std::filesystem::path> topic_path(const std::filesystem::path& directory,
                                                       const std::string& topic);

/// Writes on a thread of its own, in the order of apply(). A file is replaced whole, and durable
/// before its success is reported. Sentences of refusals name no path, so that equal failures of
/// many hosts fold into one.
class PushApplier {
public:
    explicit PushApplier(std::filesystem::path directory);

    /// Answered once by take(); at once with a refusal when `waiting_max` values wait already.
    void apply(const Apply& apply);

    /// Readable when take() has something.
    [[nodiscard]] int fd() const { return ready_.get(); }
    /// What was finished since the last call.
    [[nodiscard]] std::vector<ApplyFinished> take();

    /// Of at most limits::payload_bytes_max each.
    static constexpr std::size_t waiting_max = limits::topics_max;

private:
    void finish(ApplyFinished finished);

    const std::filesystem::path directory_;
    FileDescriptor ready_;
    std::mutex mutex_;
    std::vector<ApplyFinished> finished_;
    Worker worker_{waiting_max};  // last: it ends before what it uses
};

}  // namespace coppice
