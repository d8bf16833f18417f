#include "local/hub.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "local/json.h"

namespace coppice::local {
namespace {

std::string event_text(const std::string& id, std::string_view name, std::string_view data) {
    std::string text;
    if (!id.empty()) text += "id: " + id + "\n";
    text += "event: ";
    text += name;
    text += "\ndata: ";
    text += data;
    return text + "\n\n";
}

bool is_same_but_expiry(const RoleShown& left, const RoleShown& right) {
    const AgentView& a = left.view;
    const AgentView& b = right.view;
    return a.host == b.host && a.role == b.role && a.is_attached == b.is_attached &&
           a.is_leaving == b.is_leaving && a.parent == b.parent && a.stamp == b.stamp &&
           a.path == b.path;
}

}  // namespace

Hub::Hub(HubConfig config, OwnOfHost& own, StreamPort port, HubEffects effects)
    : config_{std::move(config)},
      own_{own},
      port_{std::move(port)},
      offers_{config_.offers,
              {.offer =
                   [this](std::uint64_t subscriber, const Apply& apply) {
                       const Json offer = json_of(apply, config_.offers.limit);
                       port_.send(subscriber, event_text({}, "offer", text_of(offer)));
                   },
               .withdraw =
                   [this](std::uint64_t subscriber, const Apply& apply) {
                       const Json over{{"topic", apply.topic}, {"version", apply.version}};
                       port_.send(subscriber, event_text({}, "withdrawn", text_of(over)));
                   },
               .keep = std::move(effects.keep),
               .refuse = std::move(effects.refuse)}},
      reducers_{{.ask =
                     [this](std::uint64_t daemon, const Reduce& reduce) {
                         const Json json = json_of(reduce, config_.run);
                         port_.send(daemon, event_text({}, "reduce", text_of(json)));
                     },
                 .answer = std::move(effects.reduced)}},
      ring_{config_.run} {}

// --- what happens -------------------------------------------------------------------------------

void Hub::on_role(RoleShown role, BootTime now) {
    const bool is_valid = role.is_valid(now);
    const bool is_news = !is_same_but_expiry(role, role_) || is_valid != was_valid_;
    role_ = std::move(role);
    was_valid_ = is_valid;
    if (is_news) return publish("role", {}, text_of(json_of(role_, now)));
    const std::string lease = event_text({}, "lease", text_of(lease_of(role_, now)));
    for (const auto& [stream, channels] : listeners_) port_.send(stream, lease);
}

void Hub::on_topic(const std::string& topic, TopicShown shown) {
    TopicShown& known = topics_[topic];
    if (known == shown) return;
    known = shown;
    publish("topic", {}, text_of(json_of(topic, shown)));
}

void Hub::on_heard(const LocalHeard& heard) {
    publish("message", heard.message.channel, text_of(json_of(heard)));
}

void Hub::on_stream_end(std::uint64_t stream, Instant now) {
    listeners_.erase(stream);
    offers_.unsubscribe(stream, now);
    reducers_.remove(stream);
}

void Hub::work(Instant now, BootTime boot) {
    offers_.expire(now);
    reducers_.expire(now);
    if (was_valid_ && !role_.is_valid(boot)) on_role(role_, boot);
}

Instant Hub::next_deadline(Instant now, BootTime boot) const {
    const Instant lapse = was_valid_ && role_.expires
                              ? now + std::max(*role_.expires - boot, BootTime::zero())
                              : never;
    return std::min({offers_.next_deadline(), reducers_.next_deadline(), lapse});
}

// --- streams ------------------------------------------------------------------------------------

void Hub::publish(std::string name, std::string channel, std::string data) {
    const LocalEvent& event = ring_.add(std::move(name), std::move(channel), std::move(data));
    for (const auto& [stream, channels] : listeners_) {
        const bool is_for_it = event.channel.empty() || std::find(channels.begin(), channels.end(),
                                                                  event.channel) != channels.end();
        if (is_for_it) send_event(stream, event);
    }
}

void Hub::send_event(std::uint64_t stream, const LocalEvent& event) {
    port_.send(stream, event_text(ring_.id_text(event.id), event.name, event.data));
}

/// Goes on where the client was, or begins with all that is.
void Hub::begin_events(std::uint64_t stream, const std::string& after,
                       const std::vector<std::string>& channels) {
    listeners_.emplace(stream, channels);
    if (const auto missed = ring_.after(after)) {
        for (const LocalEvent& event : *missed) {
            const bool is_for_it =
                event.channel.empty() ||
                std::find(channels.begin(), channels.end(), event.channel) != channels.end();
            if (is_for_it) send_event(stream, event);
        }
        return;
    }
    const Json all{{"role", json_of(role_, boot_now())}, {"topics", json_of(topics_)}};
    port_.send(stream, event_text(ring_.id_text(ring_.newest()), "reset", text_of(all)));
}

/// What is applied already needs no answer; its payload is asked for by whoever wants it.
void Hub::begin_subscription(std::uint64_t stream, const std::vector<std::string>& patterns,
                             Instant now) {
    offers_.subscribe(stream, patterns, now);
    for (const auto& [topic, shown] : topics_)
        if (offers_.is_subscribed(stream, topic))
            port_.send(stream, event_text({}, "current", text_of(json_of(topic, shown))));
}

}  // namespace coppice::local
