#pragma once
// A program of the host that makes pushed values take effect.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "common/time.h"
#include "runtime/file_descriptor.h"

namespace coppice {

struct Hook {
    std::string topic_prefix;
    std::filesystem::path program;
};

/// "TOPIC-PREFIX=/path/program". The program is looked for when it is needed, not now.
[[nodiscard]] Result<Hook> parse_hook(const std::string& text);
/// The one with the longest prefix of the topic; null when there is none.
[[nodiscard]] const Hook* hook_for(const std::vector<Hook>& hooks, const std::string& topic);

/// What a hook is told.
struct HookCall {
    std::string topic;
    std::uint64_t version = 0;
    std::filesystem::path file;  // holds the payload
    bool is_withdrawal = false;  // the topic is to have no value any more; the file is empty
};

/// Runs hooks, one at a time; from one thread.
class HookRunner {
public:
    explicit HookRunner(Duration time_limit);

    /// Nothing when the program ended with 0; otherwise why not, in a sentence that names no path.
    ///
    /// No shell; the environment is COPPICE_TOPIC, COPPICE_VERSION, COPPICE_FILE and PATH alone,
    /// and COPPICE_WITHDRAWN=1 of a withdrawal; standard input is empty; no descriptor of this
    /// process is open in it. Of its output 4 KiB are kept and the rest is dropped, so that it
    /// never waits for a reader; the last line of its standard error is the reason of a refusal. It
    /// has a process group of its own, which is killed when its time is over, or stop() was called.
    /// What it leaves in the background when it ends goes on.
    [[nodiscard]] std::optional<std::string> run(const Hook& hook, const HookCall& call);

    /// Kills the hook that runs, and every later one at once. From any thread.
    void stop();

    static constexpr std::size_t output_bytes_max = 4096;

private:
    const Duration time_limit_;
    FileDescriptor stopped_;
};

}  // namespace coppice
