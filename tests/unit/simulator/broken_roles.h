#pragma once
// Fleets in which one node does wrong: a real one whose effects are tampered with on their way out.

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
/// break_it() on the node of `host` is tampered with.
class BrokenFleet {
public:
    explicit BrokenFleet(HostIndex host = Fleet::manager_index)
        : fleet_{{.hosts = 12,
                  .fanout = 3,
                  .wrap_node = [this, host](HostIndex index,
                                            std::unique_ptr<Node> node) -> std::unique_ptr<Node> {
                      if (index != host) return node;
                      return std::make_unique<BrokenNode>(
                          std::move(node), [this](const Input& input, Outputs& outputs) {
                              if (tamper_) tamper_(input, outputs);
                          });
                  }}},
          observer_{fleet_, 200} {
        fleet_.start();
        is_good_ = fleet_.settle(std::chrono::seconds{10});
        fleet_.world().run_for(std::chrono::seconds{25});
        is_good_ = is_good_ && observer_.findings().broken.empty();
    }

    [[nodiscard]] bool is_good() const { return is_good_; }
    [[nodiscard]] Fleet& fleet() { return fleet_; }
    [[nodiscard]] Observer& observer() { return observer_; }
    void break_it(Tamper tamper) { tamper_ = std::move(tamper); }
    /// True when a sentence with this text is there within the time.
    [[nodiscard]] bool complains(const std::string& text,
                                 Duration bound = std::chrono::seconds{10}) {
        return fleet_.world().run_until([this, &text] { return has_said(text); }, bound);
    }
    [[nodiscard]] bool has_said(const std::string& text) const {
        for (const std::string& sentence : observer_.findings().broken)
            if (sentence.find(text) != std::string::npos) return true;
        return false;
    }
    /// The record that the manager's store has of a host.
    [[nodiscard]] HostRecord record(HostId host) {
        return *fleet_.world().host(Fleet::manager_index).store().find(HostRecord{.id = host});
    }
    /// Makes the manager write that, as if it had decided so.
    void decree(Record record) {
        break_it([record, is_done = false](const Input&, Outputs& outputs) mutable {
            if (!std::exchange(is_done, true)) outputs.writes.emplace_back(Put{record});
        });
    }
    /// A host of that role, other than the root; the same as its index in these fleets.
    [[nodiscard]] HostIndex one_with(Role role) {
        for (HostIndex host = 1; host < fleet_.world().size(); ++host)
            if (fleet_.agent(host)->view().role == role) return host;
        return 1;
    }
    [[nodiscard]] HostId id_of(HostIndex host) { return fleet_.agent(host)->view().host; }

private:
    Tamper tamper_;
    Fleet fleet_;
    Observer observer_;
    bool is_good_ = false;
};

}  // namespace coppice
