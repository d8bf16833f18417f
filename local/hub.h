#pragma once
// The API for the daemons of a host: who asks what, who listens to what. docs/local.md is its
// manual.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/event_ring.h"
#include "local/offers.h"
#include "local/own_contributions.h"
#include "local/own_measurements.h"
#include "local/reducers.h"
#include "local/shown.h"
#include "runtime/http_server.h"

namespace coppice::local {

/// How the hub reaches the connections of its streams.
struct StreamPort {
    std::function<void(std::uint64_t stream, std::string_view piece)> send;
    std::function<std::size_t()> open;  // streams at this moment
};

struct HubConfig {
    std::filesystem::path topics;  // where the files of topics are
    OffersConfig offers;
    std::string run;  // tells the events of this process from those of the next
};

/// What daemons have given to the agent.
struct OwnOfHost {
    OwnMeasurements measurements;
    OwnContributions contributions{};
};

/// What becomes of values and of parts. Called from within the calls of the hub.
struct HubEffects {
    std::function<void(const Apply&)> keep;
    std::function<void(PushId, const std::string& reason)> refuse;
    std::function<void(Reduced)> reduced;
};

/// A response; or a stream that `begin` is told of when it is open; or what a daemon said to those
/// of neighbouring hosts: then the response is response_to() the agent's answer.
struct Reply {
    HttpResponse response;
    std::function<void(std::uint64_t stream)> begin;
    std::optional<LocalSaid> said;
};

/// Requires that it is one to LocalSaid.
[[nodiscard]] HttpResponse response_to(const Answer& answer);

/// Belongs to one thread.
class Hub {
public:
    /// `own` outlives the hub.
    Hub(HubConfig config, OwnOfHost& own, StreamPort port, HubEffects effects);

    [[nodiscard]] Reply answer(const HttpRequest& request, Instant now);
    void on_stream_end(std::uint64_t stream, Instant now);

    /// What the agent shows has changed, or the expiry of its role alone.
    void on_role(RoleShown role, BootTime now);
    /// That version of a topic is durable.
    void on_topic(const std::string& topic, TopicShown shown);
    /// From a daemon of a neighbouring host.
    void on_heard(const LocalHeard& heard);
    /// See Offers::take().
    [[nodiscard]] bool take(const Apply& apply, Instant now) { return offers_.take(apply, now); }

    /// Answered by HubEffects::reduced.
    void reduce(const Reduce& reduce, Instant now) { reducers_.take(reduce, now); }

    /// Values whose time is over are refused, a role that has expired is told.
    void work(Instant now, BootTime boot);
    /// In the time of `now`.
    [[nodiscard]] Instant next_deadline(Instant now, BootTime boot) const;

    static constexpr std::size_t streams_max = 64;
    static constexpr std::size_t patterns_max = 64;

private:
    struct Call {
        const HttpRequest& request;
        std::string rest;  // of the path, behind the route's
        Instant now{};
    };
    struct Route {
        const char* method;
        const char* start;  // of the path; one with a '/' at its end takes what follows
        Reply (Hub::*answer)(const Call& call);
    };
    static const std::vector<Route>& routes();

    [[nodiscard]] Reply get_role(const Call& call);
    [[nodiscard]] Reply get_events(const Call& call);
    [[nodiscard]] Reply get_topics(const Call& call);
    [[nodiscard]] Reply get_topic(const Call& call);
    [[nodiscard]] Reply post_answer(const Call& call);
    [[nodiscard]] Reply post_subscription(const Call& call);
    [[nodiscard]] Reply get_measurements(const Call& call);
    [[nodiscard]] Reply put_measurement(const Call& call);
    [[nodiscard]] Reply get_contributions(const Call& call);
    [[nodiscard]] Reply put_contribution(const Call& call);
    [[nodiscard]] Reply post_reducers(const Call& call);
    [[nodiscard]] Reply post_reduction(const Call& call);
    [[nodiscard]] Reply post_message(const Call& call);

    void begin_events(std::uint64_t stream, const std::string& after,
                      const std::vector<std::string>& channels);
    void begin_subscription(std::uint64_t stream, const std::vector<std::string>& patterns,
                            Instant now);
    void publish(std::string name, std::string channel, std::string data);
    void send_event(std::uint64_t stream, const LocalEvent& event);

    const HubConfig config_;
    OwnOfHost& own_;
    const StreamPort port_;
    Offers offers_;
    Reducers reducers_;
    EventRing ring_;
    RoleShown role_;
    bool was_valid_ = true;                                        // as was told last
    std::map<std::string, TopicShown> topics_;                     // what is applied
    std::map<std::uint64_t, std::vector<std::string>> listeners_;  // the channels of each stream
};

}  // namespace coppice::local
