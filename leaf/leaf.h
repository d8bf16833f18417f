#pragma once
// This host itself: applies what is pushed to it, once, and remembers that.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/labels.h"
#include "common/node.h"
#include "common/ports.h"
#include "common/relay.h"
#include "common/set_sync.h"

namespace coppice {

class Leaf {
public:
    /// `notary` outlives the leaf. `records` are what the store holds. `found` are values that have
    /// taken effect, and for which it may have been too late to note that.
    Leaf(const Notary& notary, const std::vector<Record>& records,
         const std::vector<AppliedRecord>& found = {});

    /// Who this host is; selectors are checked against it. What was refused is considered anew when
    /// name or labels are others.
    void set_identity(HostId self, std::string fleet, std::string name, Labels labels);
    /// As the newest order has them.
    [[nodiscard]] const Labels& labels() const { return labels_; }

    /// Considers the pushes that are held for this host: applies the newest of each topic, and
    /// never goes back. One apply a topic is under way at a time; a stopped host begins none.
    void consider(const std::map<PushId, HeldPush>& held, Outputs& out);
    void on_apply_finished(const ApplyFinished& finished, Outputs& out);

    /// By topic: what took effect here, durably.
    [[nodiscard]] const std::map<std::string, AppliedRecord>& applied() const { return applied_; }
    /// Grows whenever a value takes effect; zero when none has.
    [[nodiscard]] std::uint64_t applied_count() const { return applied_count_; }

    /// This host among members, and among those that applied or refused.
    [[nodiscard]] const NamedSets& sets() const { return sets_; }
    /// Moves out the keys of sets that changed since the last call.
    [[nodiscard]] std::vector<SetKey> take_changed() { return std::exchange(changed_, {}); }

private:
    struct UnderWay {
        PushId push;
        std::uint64_t version = 0;
        bool is_withdrawal = false;
    };

    void consider_some(const std::map<PushId, HeldPush>& held, bool is_switch, Outputs& out);
    void start(PushId push, const HeldPush& held, Outputs& out);
    void finish(const std::string& topic, const UnderWay& done, Outputs& out);
    [[nodiscard]] bool is_stopped() const;
    [[nodiscard]] std::string objection(const PushContent& content, PushId push,
                                        const HeldPush& held) const;
    void answer(SetKind kind, PushId push, std::string reason);
    void forget_topic(const std::string& topic);
    void forget_refusals();
    [[nodiscard]] bool has_answered(PushId push) const { return topic_of_.contains(push); }

    const Notary& notary_;
    HostId self_;
    std::string fleet_;
    std::string name_;
    Labels labels_;
    std::map<std::string, AppliedRecord> applied_;  // by topic
    std::uint64_t applied_count_ = 0;
    std::vector<AppliedRecord> to_note_;         // found, and not in the store
    std::map<std::string, UnderWay> under_way_;  // by topic
    std::map<PushId, std::string> topic_of_;     // pushes that are answered in `sets_`
    NamedSets sets_;
    std::vector<SetKey> changed_;
};

}  // namespace coppice
