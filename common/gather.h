#pragma once
// Questions on their way down and partials on their way up: each host counts once per window.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "common/downlink.h"
#include "common/message.h"
#include "common/reduction.h"

namespace coppice {

/// One subtree's open windows. A window is answered once, on the link on which it was asked, when
/// every asked child and this host have contributed, or when its time is over.
class Gather {
public:
    explicit Gather(Timing timing) : timing_{timing} {}
    void set_timing(Timing timing) { timing_ = timing; }

    /// A window asked by the parent over `asker`. A repeat of an open window changes nothing; a
    /// repeat of an answered one on the same link gives the same answer again. `self`: whether this
    /// host is to contribute.
    void open(const WindowOpened& asked, LinkId asker, bool self, Downlink& links, Instant now,
              Outputs& out);
    void on_child_answer(const Child& child, const WindowClosed& answer);
    void on_child_gone(HostId child);
    /// This host's own values, for every window that waits for them.
    void on_measured(HostId self, const HostValues& values);
    /// Asks the daemons of this host, where there can be some, to reduce what has come together.
    /// Call it before take_finished(): a window waits for them, within its time.
    void reduce(Instant now, Outputs& out);
    void on_reduced(const Reduced& reduced);
    /// Repeats what was not answered; closes what is over.
    void on_deadline(Downlink& links, Instant now, Outputs& out);

    struct Finished {
        LinkId asker;
        WindowClosed answer;  // as the asker takes it
        Instant opened{};
    };
    /// Windows that were finished since the last call, in order.
    [[nodiscard]] std::vector<Finished> take_finished(Instant now);

    [[nodiscard]] bool waits_for_self() const;
    /// A child that joins now may contribute to this window and later ones of its root.
    [[nodiscard]] WindowId first_window() const;
    [[nodiscard]] std::size_t open_windows() const;
    [[nodiscard]] Instant next_deadline() const;

private:
    struct Window {
        WindowOpened asked;
        LinkId asker;
        Instant opened{};
        Instant closes{};
        Instant next_repeat{};
        std::map<HostId, WindowOpened> waiting;  // what each child that did not answer was asked
        bool waits_for_self = false;
        bool is_answered = false;
        Partial folded;
        Reduction reduction;

        /// But for what daemons of this host make of it.
        [[nodiscard]] bool is_together() const { return waiting.empty() && !waits_for_self; }
    };

    void forget_an_answered_one();

    using Key = std::pair<WindowId, RequestId>;

    std::map<Key, Window> windows_;  // answered ones stay until they close, for repeats
    Timing timing_;
    WindowId newest_;
    ReductionId newest_reduction_;
};

}  // namespace coppice
