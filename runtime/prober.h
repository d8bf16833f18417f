#pragma once
// A second opinion about a silent host: does its address take a plain TCP connection?

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "common/node.h"
#include "runtime/file_descriptor.h"
#include "runtime/loop.h"
#include "runtime/tcp_address.h"
#include "runtime/worker.h"

namespace coppice {

/// Tries all addresses of a probe at once. Any that takes the connection: connected. All refuse:
/// refused. Otherwise unanswered, at the latest after the time limit. Names are looked up on a
/// thread of its own that starts with the first name; ending waits for a lookup under way.
class Prober {
public:
    using Finished = std::function<void(const ProbeFinished&)>;

    /// `finished` is called on the loop's thread. `loop` outlives the prober.
    Prober(Loop& loop, Finished finished);
    ~Prober();
    Prober(const Prober&) = delete;
    Prober& operator=(const Prober&) = delete;

    /// More than `probes_max` at one time are unanswered at once.
    void start(const Probe& probe);
    /// When expire() has something to do.
    [[nodiscard]] Instant next_deadline() const;
    /// Ends the probes whose time is over.
    void expire(Instant now);

    static constexpr std::size_t probes_max = 256;

private:
    struct Target;
    struct Attempt {
        std::vector<FileDescriptor> connecting;
        std::size_t open_count = 0;  // addresses without a result
        bool are_all_refused = true;
        Instant deadline;
    };

    void resolve(ProbeId id, const TcpAddress& address);
    void connect_all(ProbeId id, const std::vector<Target>& targets);
    void connect(ProbeId id, const Target& target);
    void on_ready(ProbeId id, int fd);
    void on_result(ProbeId id, ProbeResult result);
    void finish(ProbeId id, ProbeResult result);

    Loop& loop_;
    Finished finished_;
    std::map<ProbeId, Attempt> attempts_;
    std::optional<Worker> names_;
};

}  // namespace coppice
