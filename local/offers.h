#pragma once
// Pushed values that daemons of the host make take effect: who is asked, and what becomes of a
// value when nobody answers.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/node.h"

namespace coppice {

struct OffersConfig {
    /// For an answer, from the moment of the first offer; for a subscriber to come, from the
    /// moment at which there is none. Then the value is refused.
    Duration limit = std::chrono::seconds{30};
    /// Topics with one of these prefixes wait for a subscriber and are never written without one.
    std::vector<std::string> subscriber_only;
};

/// What becomes of values. Called from within the calls of Offers.
struct OfferEffects {
    std::function<void(std::uint64_t subscriber, const Apply&)> offer;
    std::function<void(std::uint64_t subscriber, const Apply&)> withdraw;  // its time is over
    std::function<void(const Apply&)> keep;                                // it took effect
    std::function<void(PushId, const std::string& reason)> refuse;
};

/// One value of a topic at a time (the leaf sees to it), and one offer to a subscriber at a time:
/// what waits for a daemon's queue is one payload. The oldest subscriber of a topic is asked.
class Offers {
public:
    Offers(OffersConfig config, OfferEffects effects)
        : config_{std::move(config)}, effects_{std::move(effects)} {}

    /// A pattern is a topic, or a prefix of topics with a '*' at its end.
    void subscribe(std::uint64_t subscriber, std::vector<std::string> patterns, Instant now);
    /// What it did not answer is offered to the next one.
    void unsubscribe(std::uint64_t subscriber, Instant now);
    [[nodiscard]] bool is_subscribed(std::uint64_t subscriber, const std::string& topic) const;

    /// False when no daemon has to do with the topic.
    [[nodiscard]] bool take(const Apply& apply, Instant now);
    /// A refusal, or success; false when that value is not on offer now.
    [[nodiscard]] bool answer(const std::string& topic, std::uint64_t version,
                              const std::optional<std::string>& refusal, Instant now);

    void expire(Instant now);
    [[nodiscard]] Instant next_deadline() const;

private:
    struct Value {
        Apply apply;
        std::optional<std::uint64_t> holder;  // who was asked
        bool was_offered = false;             // so that a daemon that dies of it is asked no longer
        Instant deadline = never;             // none while its subscriber has others to answer
    };

    [[nodiscard]] bool waits_for_subscriber(const std::string& topic) const;
    [[nodiscard]] bool is_busy(std::uint64_t subscriber) const;
    /// Offers what waits to whoever is free.
    void distribute(Instant now);
    void offer(Value& value, Instant now);

    const OffersConfig config_;
    const OfferEffects effects_;
    std::map<std::uint64_t, std::vector<std::string>> subscribers_;  // the oldest first
    std::map<std::string, Value> values_;                            // by topic
};

}  // namespace coppice
