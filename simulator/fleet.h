#pragma once
// A manager and its hosts in a virtual world, with the handles that stories and checks need.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/agent.h"
#include "manager/manager.h"
#include "simulator/checkers.h"
#include "simulator/quiet.h"
#include "simulator/virtual_notary.h"
#include "simulator/world.h"

namespace coppice {

/// One host of a fleet before it has ever run.
struct HostPlan {
    std::string name;
    Labels labels;
};

struct FleetOptions {
    std::uint32_t hosts = 7;
    /// Labels rack=r1, r2, ... for equal parts of them; zero: none.
    std::uint32_t racks = 0;
    /// The hosts one by one, instead of so many that are called n001, n002, ...
    std::vector<HostPlan> roster;
    /// That every host has besides its own.
    Labels labels;
    std::uint32_t fanout = 32;
    std::uint64_t seed = 1;
    Duration interval = std::chrono::seconds{1};
    Duration cool_down = std::chrono::minutes{10};
    std::uint32_t failures_max = ManagerConfig{}.failures_max;
    Duration isolation_pause = ManagerConfig{}.isolation_pause;
    std::vector<std::string> domain_path;
    std::string may_lead;
    NetworkOptions network;
    HostOptions host;
    /// Makes the node that a host runs out of the real one, to see what a broken one does; empty:
    /// the real one itself.
    std::function<std::unique_ptr<Node>(HostIndex, std::unique_ptr<Node>)> wrap_node;
    /// Passes over stretches in which only heartbeats would pass. Every transition and every write
    /// is the same; witnesses do not see the heartbeats.
    bool is_passing_over = false;
};

/// Also sees what agents show.
class FleetWitness : public Witness {
public:
    /// An agent shows something else than before, after the step that changed it. That it shows
    /// nothing again when its process begins or ends is not told here: on_process() is.
    virtual void on_glance(HostIndex host, const AgentGlance& before, const AgentGlance& after) = 0;
};

/// The manager is host 0 of the world and called "manager". Hosts without a roster are n001,
/// n002, ... with the label zone=z1, z2 or z3 in turn. All measure load1 (their number) and
/// cores (8). The labels `rack` and `site` decide how long frames take.
class Fleet final : private Witness {
public:
    explicit Fleet(const FleetOptions& options);
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    static constexpr HostIndex manager_index = 0;

    [[nodiscard]] const FleetOptions& options() const { return options_; }
    [[nodiscard]] const Notary& notary() const { return notary_; }
    [[nodiscard]] VirtualWorld& world() { return world_; }
    [[nodiscard]] const VirtualWorld& world() const { return world_; }
    [[nodiscard]] const QuietStretches& quiet() const { return quiet_; }
    [[nodiscard]] std::optional<HostIndex> find(std::string_view name) const {
        return world_.find(name);
    }

    /// Starts the manager now and every host but the absent ones within `spread`.
    void start(Duration spread = std::chrono::milliseconds{50},
               const std::set<HostIndex>& absent = {});
    /// True when the manager calls as many hosts live as run.
    [[nodiscard]] bool is_all_live() const;
    /// True when all that run are live, attached and as ordered, and nobody else is called live.
    [[nodiscard]] bool is_settled() const { return check_settled(snapshot()).empty(); }
    /// Lets time pass until is_settled(), looking every 10 ms; false when `bound` is over first.
    [[nodiscard]] bool settle(Duration bound);

    // Faults. A host is disturbed from the fault until some time after its end.
    void start_host(HostIndex host);
    void crash(HostIndex host);
    void stop(HostIndex host);
    void pause(HostIndex host);
    void resume(HostIndex host);
    /// The machine loses its power: nobody is told, its address answers nothing.
    void power_off(HostIndex host);
    void power_on(HostIndex host);
    void unplug(HostIndex host);
    void plug(HostIndex host);
    /// One way.
    void cut(HostIndex from, HostIndex to);
    void heal(HostIndex from, HostIndex to);
    /// Each input keeps the process busy for so long; zero ends that.
    void overload(HostIndex host, Duration per_input);
    /// A process that has something to write ends; the end of it starts the host again.
    void set_disk_full(HostIndex host, bool is_full);
    [[nodiscard]] bool is_unplugged(HostIndex host) const { return unplugged_.contains(host); }
    /// As the host was made with them.
    [[nodiscard]] Labels labels(HostIndex host) const;
    /// A further label of the host, from the next start of its process on.
    void relabel(HostIndex host, const std::string& key, const std::string& value);
    /// Of all links, from now on; see NetworkOptions.
    void set_loss(double loss, double frame_loss);
    /// Frames are lost or late now, or such frames may still be under way.
    [[nodiscard]] bool is_lossy() const { return lossy_until_ > world_.now(); }
    /// Ends every fault: heals, plugs, resumes and starts whatever is cut, paused or down.
    void mend_everything();
    [[nodiscard]] bool is_disturbed(HostIndex host) const;
    /// False: nobody is disturbed.
    [[nodiscard]] bool is_anything_disturbed() const;

    /// When the process of a host that is down crashed; nothing when it was stopped or runs.
    [[nodiscard]] std::optional<Instant> crashed_at(HostIndex host) const;
    /// What the wall clocks of all hosts show at an instant.
    [[nodiscard]] UnixMillis unix_time(Instant time) const {
        return options_.host.unix_start +
               std::chrono::duration_cast<UnixMillis>(time.time_since_epoch());
    }
    /// Null when the process is down.
    [[nodiscard]] const Manager* manager() const;
    /// Outlives the world's last event.
    void add_witness(FleetWitness& witness) {
        world_.add_witness(witness);
        witnesses_.push_back(&witness);
    }
    /// What the agent showed after its last step; nothing when the process is down.
    [[nodiscard]] const AgentGlance& glance(HostIndex host) const { return glances_[host]; }
    /// Null when the process is down, and for the manager.
    [[nodiscard]] const Agent* agent(HostIndex host) const;
    /// Of the root as it sees itself; nothing when there is none.
    [[nodiscard]] std::optional<HostIndex> root() const;

    /// Hands a command to the manager; lost when that is down.
    RequestId command(Command command);
    /// Has a daemon of that host say something; lost when its agent is down.
    RequestId say(HostIndex host, LocalSaid said);
    [[nodiscard]] std::optional<Answer> answer(RequestId request) const;
    /// Lets time pass until the answer is there; a Problem when `bound` is over first.
    [[nodiscard]] Answer ask(Command command, Duration bound = std::chrono::seconds{10});

    [[nodiscard]] Snapshot snapshot() const;
    /// Writes to the stores of all hosts and of the manager since the beginning.
    [[nodiscard]] std::uint64_t store_writes() const;

private:
    [[nodiscard]] std::unique_ptr<Node> wrapped(HostIndex host, std::unique_ptr<Node> node);
    void on_process(HostIndex host, bool is_up) override;
    void on_step(HostIndex host, const Node& node) override;
    void add_manager();
    void add_host(std::uint32_t number);
    [[nodiscard]] HostPlan plan_of(std::uint32_t number) const;
    [[nodiscard]] AgentConfig config_of(std::uint32_t number) const;
    [[nodiscard]] static std::vector<Measurement> measurements_of(std::uint32_t number);
    [[nodiscard]] Place place_of(const Labels& labels);
    /// A line of the trace.
    void tell(const std::string& what, HostIndex host);
    void disturb(HostIndex host);
    void calm(HostIndex host);
    /// Who hangs on a host that is cut off is cut off with it.
    void disturb_with_children(HostIndex host);
    void calm_all();

    FleetOptions options_;
    std::vector<const Node*> inner_;  // the real nodes of processes that run, by host
    VirtualNotary notary_;
    VirtualWorld world_;
    QuietStretches quiet_;
    std::map<std::string, std::uint32_t> places_;  // numbers of racks and sites
    Instant started_at_{};                         // when start() is through
    PublicKey manager_key_{};
    std::vector<std::string> manager_addresses_{"tcp://manager:7400"};
    std::map<HostIndex, Instant> disturbed_until_;
    std::map<HostIndex, Instant> crashed_at_;
    std::set<HostIndex> unplugged_;
    std::set<std::pair<HostIndex, HostIndex>> cuts_;
    std::set<HostIndex> overloaded_;
    std::set<HostIndex> full_disks_;
    std::map<HostIndex, Labels> further_labels_;
    Instant lossy_until_{};
    std::vector<AgentGlance> glances_;  // as the hash of the run has them
    std::vector<FleetWitness*> witnesses_;
    std::map<RequestId, Answer> answers_;
    std::uint64_t next_request_ = 1;
};

/// For who wants to watch: lines of the trace, and the fleet before it starts and when it has come
/// up. Each may be empty.
struct FleetHooks {
    Trace::Sink sink;
    std::function<void(Fleet&)> on_made;
    std::function<void(Fleet&)> on_started;
};

}  // namespace coppice
