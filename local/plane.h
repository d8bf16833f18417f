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
#include <vector>

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
    /// `own` outlives the plane.
    [[nodiscard]] static Result<std::unique_ptr<Plane>> open(PlaneConfig config, OwnOfHost& own);
    ~Plane();
    Plane(const Plane&) = delete;
    Plane& operator=(const Plane&) = delete;

    /// Puts something in front of the agent: what a daemon said, whose Reply comes to on_reply(),
    /// or what it made of parts. Called on the plane's thread; false, and nothing happens, when the
    /// agent is too busy.
    using Submit = std::function<bool(Input)>;

    /// Serves until stop(). How values took effect goes to the applier, all else to `submit`.
    void start(PushApplier& applier, Submit submit);
    void stop();

    /// Everything that `agent` has done is durable: shows it when it differs from before. Call it
    /// after each batch.
    void show(const Agent& agent);
    /// To what was put in front of the agent; told with the next show().
    void on_reply(coppice::Reply reply) { replies_.push_back(std::move(reply)); }
    /// Lost when limits::local_heard_bytes_max wait for the plane's thread.
    void on_heard(const LocalHeard& heard);
    /// Answered in front of the agent; false, and nothing happens, when the plane is too busy.
    [[nodiscard]] bool reduce(const Reduce& reduce);
    /// PushWays::hand_over: whether a daemon is asked, or the file written, is decided here.
    [[nodiscard]] bool hand_over(const Apply& apply);

private:
    Plane(PlaneConfig config, OwnOfHost& own);

    [[nodiscard]] HttpReception::Handlers handlers();
    [[nodiscard]] bool admits(int socket) const;
    [[nodiscard]] bool take(HttpArrival& arrival);
    [[nodiscard]] Instant work(Instant now);
    void say(LocalSaid said, FileDescriptor socket);
    void answer(const coppice::Reply& reply);
    void show_replies();
    void show_role(const Agent& agent);
    void show_topics(const Agent& agent);

    const PlaneConfig config_;
    PushApplier* applier_ = nullptr;
    Submit submit_;
    std::unique_ptr<HttpReception> reception_;
    std::atomic<std::size_t> heard_bytes_ = 0;  // that wait for the thread of the reception
    // On the thread of the reception.
    std::optional<HttpOutbox> outbox_;
    std::optional<Hub> hub_;
    std::map<RequestId, FileDescriptor> speaking_;  // whose words the agent has not answered yet
    RequestId newest_request_;
    // On that of main: what was shown last.
    ExpiryClock expiry_clock_;
    AgentGlance glance_;
    Instant expires_at_ = never;
    bool is_leaving_ = false;
    bool is_shown_ = false;
    std::uint64_t applied_ = 0;
    std::map<std::string, TopicShown> topics_;
    std::vector<coppice::Reply> replies_;  // that are not told yet
};

}  // namespace coppice::local
