#pragma once
// Fleets in which one node does wrong: a real one whose effects are tampered with on their way out.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "simulator/observer.h"

namespace coppice {

using Tamper = std::function<void(const Input&, Outputs&)>;

class BrokenNode final : public Node {
public:
    BrokenNode(std::unique_ptr<Node> real, Tamper tamper)
        : real_{std::move(real)}, tamper_{std::move(tamper)} {}
    Outputs step(const Input& input, Instant now) override {
        Outputs outputs = real_->step(input, now);
        tamper_(input, outputs);
        return outputs;
    }
    Instant next_deadline() const override { return real_->next_deadline(); }

private:
    std::unique_ptr<Node> real_;
    Tamper tamper_;
};

/// Twelve hosts with a fan-out of 3, at rest, and an observer that has seen nothing wrong. From
/// break_it() on one node is tampered with.
class BrokenRoles : public testing::Test {
protected:
    void SetUp() override {
        fleet.start();
        ASSERT_TRUE(fleet.settle(std::chrono::seconds{10}));
        fleet.world().run_for(std::chrono::seconds{25});
        ASSERT_TRUE(observer.findings().broken.empty());
    }

    void break_it(Tamper tamper, HostIndex host = Fleet::manager_index) {
        tamper_ = std::move(tamper);
        broken_ = host;
    }
    /// True when a sentence with this text is there within the time.
    [[nodiscard]] bool complains(const std::string& text,
                                 Duration bound = std::chrono::seconds{10}) {
        return fleet.world().run_until([this, &text] { return has_said(text); }, bound);
    }
    [[nodiscard]] bool has_said(const std::string& text) const {
        for (const std::string& sentence : observer.findings().broken)
            if (sentence.find(text) != std::string::npos) return true;
        return false;
    }
    /// The record that the manager's store has of a host.
    [[nodiscard]] HostRecord record(HostId host) {
        return *fleet.world().host(Fleet::manager_index).store().find(HostRecord{.id = host});
    }
    [[nodiscard]] HostRecord record_of(HostIndex host) { return record(id_of(host)); }
    /// Makes the manager write that, as if it had decided so.
    void decree(Record record) {
        break_it([record, is_done = false](const Input&, Outputs& outputs) mutable {
            if (!std::exchange(is_done, true)) outputs.writes.emplace_back(Put{record});
        });
    }
    /// A host of that role, other than the root; the same as its index in these fleets.
    [[nodiscard]] HostIndex one_with(Role role) {
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (fleet.agent(host)->view().role == role) return host;
        return 1;
    }
    [[nodiscard]] HostId id_of(HostIndex host) { return fleet.agent(host)->view().host; }
    /// Only its neighbours can.
    void have_all_speak_to(HostIndex one) {
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            observer.say(host, LocalSaid::To::host, id_of(one));
    }

private:
    std::unique_ptr<Node> wrapped(HostIndex index, std::unique_ptr<Node> node) {
        return std::make_unique<BrokenNode>(std::move(node),
                                            [this, index](const Input& input, Outputs& outputs) {
                                                if (tamper_ && index == broken_)
                                                    tamper_(input, outputs);
                                            });
    }

    Tamper tamper_;
    HostIndex broken_ = Fleet::manager_index;

protected:
    Fleet fleet{{.hosts = 12,
                 .fanout = 3,
                 .wrap_node = [this](HostIndex index, std::unique_ptr<Node> node) {
                     return wrapped(index, std::move(node));
                 }}};
    Observer observer{fleet, 200};
};

}  // namespace coppice
