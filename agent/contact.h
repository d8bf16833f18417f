#pragma once
// An agent's talk with a manager: register, ask for a place, keep the line warm as understudy.

#include <optional>
#include <vector>

#include "agent/config.h"
#include "common/node.h"
#include "common/timing.h"
#include "common/uplink.h"

namespace coppice {

/// The connection is opened when there is something to ask and closed when it has been idle.
class Contact {
public:
    Contact(const AgentConfig& config, Timing timing);

    void set_identity(Identity identity) { identity_ = std::move(identity); }
    void set_timing(Timing timing) { timing_ = timing; }
    void set_managers(std::vector<PeerAddress> managers);

    /// How the run before this one ended, and what it left behind; see Register.
    struct FormerRun {
        Cause former_end = Cause::none;
        bool is_short_of_memory = false;
    };
    void register_host(const FormerRun& former, Instant now);
    /// Ask for a place until stop_asking().
    void seek(const Seek& question, Instant now);
    void stop_asking(Instant now);
    /// Keep a connection, so that an order to become root needs no handshake.
    void keep_warm(const Seek& question, Instant now);
    void let_cool() { is_warm_ = false; }
    /// The next try waits as long as it may: the last answer will not change soon.
    void back_off(Instant now);

    [[nodiscard]] bool owns(Route route) const { return route_ && *route_ == route; }
    [[nodiscard]] bool is_asking() const { return asking_ != Asking::nothing; }
    /// A warm line is warmed again at once: the manager knows this host by its connection.
    void on_link_dropped(Route route, Instant now);
    /// True for a frame that this manager sent on this connection.
    [[nodiscard]] bool accepts(const Received& received);
    void work(Instant now, Drawer& drawer, Outputs& out);
    void close(Outputs& out);
    [[nodiscard]] Instant next_deadline() const;

private:
    enum class Asking : std::uint8_t { nothing, registration, place };

    [[nodiscard]] Register registration() const;
    void open(Drawer& drawer, Outputs& out);

    const AgentConfig& config_;
    Timing timing_;
    Identity identity_;
    std::vector<PeerAddress> managers_;
    std::size_t manager_ = 0;
    std::optional<Route> route_;
    std::uint64_t sequence_ = 0;
    Asking asking_ = Asking::nothing;
    FormerRun former_run_;
    Seek question_;  // for a place
    Seek warmth_;
    bool is_warm_ = false;
    std::uint32_t tries_ = 0;
    Duration pause_{};
    Instant next_try_ = never;
    Instant close_at_ = never;
};

}  // namespace coppice
