#pragma once
// The one daemon on each host: it carries the roles that the manager gave to the host.

#include <map>
#include <memory>
#include <string>

#include "agent/config.h"
#include "common/downlink.h"
#include "common/node.h"
#include "common/ports.h"

namespace coppice {

/// What an agent shows on its host.
struct AgentView {
    HostId host;
    Incarnation incarnation;
    Role role = Role::leaf;
    bool is_attached = false;
    bool is_leaving = false;  // asked to stop, and handing over
    bool is_refused = false;  // its first registration was refused for good, and it stopped
    HostId parent;
    Stamp stamp;
    Path path;  // from the root down to this host; of an orphan, from the parent it lost
    std::uint32_t children = 0;
};

/// What changes seldom, cheap to read after every step.
struct AgentGlance {
    HostId host;
    HostId parent;
    Stamp stamp;
    Role role = Role::leaf;
    bool is_attached = false;
    std::uint32_t children = 0;
    friend bool operator==(const AgentGlance&, const AgentGlance&) = default;
};

class Agent final : public Node {
public:
    /// `notary` outlives the agent. `loaded` is what its store holds, nothing on the first run.
    Agent(AgentConfig config, const Loaded& loaded, const Notary& notary);
    ~Agent() override;

    [[nodiscard]] Outputs step(const Input& input, Instant now) override;
    [[nodiscard]] Instant next_deadline() const override;
    [[nodiscard]] AgentView view() const;
    [[nodiscard]] AgentGlance glance() const;
    /// Until when this host may act as branch or root; later than any instant for a leaf, earlier
    /// than any for one whose role is not confirmed or is being handed over. See
    /// Timing::role_lease().
    [[nodiscard]] Instant role_expires_at() const;
    /// How long before that the word was sent from which it is counted.
    [[nodiscard]] Duration role_lease() const;
    [[nodiscard]] bool is_leaving() const;
    /// By topic: what took effect on this host. See Leaf.
    [[nodiscard]] const std::map<std::string, AppliedRecord>& applied() const;
    [[nodiscard]] std::uint64_t applied_count() const;

    // Passing over quiet stretches; see common/rest.h.
    /// When this node has something else to do than to heartbeat; nothing when it has now.
    [[nodiscard]] std::optional<Instant> rests_until() const;
    [[nodiscard]] std::optional<UplinkRest> uplink_rest() const;
    /// What its parent says of the tree has come down to it.
    [[nodiscard]] bool has_heard(const Standing& parent) const;
    void pass(const UplinkPassed& passed);
    [[nodiscard]] Frame quiet_beat() const;
    [[nodiscard]] Downlink& links();
    [[nodiscard]] Standing standing(Instant now) const;
    /// When all of its links have passed.
    void resume();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coppice
