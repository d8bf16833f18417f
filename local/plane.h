#pragma once
// The socket of an agent for the daemons of its host: HTTP/JSON at a path of the file system, on a
// thread of its own.

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "agent/agent.h"
#include "local/hub.h"
#include "local/own_measurements.h"
#include "local/shown.h"
#include "runtime/http_outbox.h"
#include "runtime/http_reception.h"
#include "runtime/push_applier.h"

namespace coppice::local {

struct PlaneConfig {
    UnixSocketConfig socket;  // its group may use it besides root and the user of this process
    std::string name;         // of the host
    HubConfig hub;
};

/// All calls but hand_over() are of the thread of main. The heartbeats of the agent are on another
/// thread: nothing that a daemon does here holds them up.
class Plane {
public:
    /// `measurements` outlives the plane.
    [[nodiscard]] static Result<std::unique_ptr<Plane>> open(PlaneConfig config,
                                                             OwnMeasurements& measurements);
    ~Plane();
    Plane(const Plane&) = delete;
    Plane& operator=(const Plane&) = delete;

    /// Serves until stop(). What daemons have answered goes to the applier.
    void start(PushApplier& applier);
    void stop();

    /// Everything that `agent` has done is durable: shows it when it differs from before.
    void show(const Agent& agent);
    /// PushWays::hand_over: whether a daemon is asked, or the file written, is decided here.
    [[nodiscard]] bool hand_over(const Apply& apply);

private:
    Plane(PlaneConfig config, OwnMeasurements& measurements);

    [[nodiscard]] HttpReception::Handlers handlers();
    [[nodiscard]] bool admits(int socket) const;
    [[nodiscard]] bool take(HttpArrival& arrival);
    [[nodiscard]] Instant work(Instant now);
    void show_role(const Agent& agent);
    void show_topics(const Agent& agent);

    const PlaneConfig config_;
    PushApplier* applier_ = nullptr;
    std::unique_ptr<HttpReception> reception_;
    // On the thread of the reception.
    std::optional<HttpOutbox> outbox_;
    std::optional<Hub> hub_;
    // On that of main: what was shown last.
    ExpiryClock expiry_clock_;
    AgentGlance glance_;
    Instant expires_at_ = never;
    bool is_leaving_ = false;
    bool is_shown_ = false;
    std::uint64_t applied_ = 0;
    std::map<std::string, TopicShown> topics_;
};

}  // namespace coppice::local
