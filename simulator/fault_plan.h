#pragma once
// Random things that happen to a fleet, all from one seed, each with its end.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "simulator/fleet.h"

namespace coppice {

enum class FaultKind : std::uint8_t {
    crash,      // of a process, or a planned stop
    power,      // of a machine
    pause,      // SIGSTOP
    overload,   // each input takes a process up to 100 ms
    partition,  // a host without a network, or two that do not reach each other, maybe one way
    flap,       // a process, or a cable, that comes and goes every 1 to 8 s
    group,      // all machines of one rack, or zone, lose their power at once
    disk,       // a full one: the process ends when it has something to write
    manager,    // crash or pause of the manager
    loss,       // of frames, on all links
    drain,      // of a host, by people, who lift it again
    writer,     // of a host: it refuses a topic, or takes seconds
};

/// By the names that commands use.
[[nodiscard]] const std::map<std::string, FaultKind>& fault_names();

struct FaultPlanOptions {
    std::vector<FaultKind> kinds;
    /// Mean pause between two faults.
    Duration gap = std::chrono::seconds{2};
    /// Longest time from a fault to its end; the shortest is 50 ms.
    Duration length_max = std::chrono::seconds{15};
    std::uint64_t seed = 1;
};

/// Outlives every run of the fleet's world.
class FaultPlan {
public:
    FaultPlan(Fleet& fleet, FaultPlanOptions options)
        : fleet_{fleet}, options_{std::move(options)}, random_{options_.seed} {}

    /// Faults happen from now on until `end`; their own ends may come later.
    void start(Instant end);
    /// Nothing more happens, not even the ends: mend what is broken. Writers work again.
    void give_up();
    /// Every host that was drained may hold a role again. Lost when the manager is down.
    void lift_drains();
    [[nodiscard]] std::uint64_t faults() const { return faults_; }

private:
    void next(Instant end);
    void happen();
    void crash();
    void cut_power(HostIndex host);
    void pause();
    void overload();
    void partition();
    void flap();
    void come_and_go(HostIndex host, bool is_cable, Instant end);
    void cut_power_of_group();
    void fill_disk();
    void disturb_manager();
    void lose_frames();
    void drain();
    void spoil_writer();
    void mend_writer(HostIndex host);
    void set_drained(HostIndex host, bool is_drained);
    /// A host, interior ones more often than their share.
    [[nodiscard]] HostIndex pick_host();
    /// The action happens when the fault that begins now ends.
    void end_later(Schedule::Action action);

    Fleet& fleet_;
    FaultPlanOptions options_;
    Random random_;
    std::uint64_t faults_ = 0;
    std::set<HostIndex> drained_;
    std::set<HostIndex> spoiled_;  // hosts whose writers fail
    bool has_given_up_ = false;
};

}  // namespace coppice
