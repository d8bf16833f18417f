#pragma once
// Deaths that belong together are told as one event: a window of deaths, and the stories in it.
//
// Each death is told at once, as part of a row "host.lost". While the window is open rows are
// regrouped: deaths that share something (explaining.h) become one row "hosts.lost", which keeps
// its id and raises its revision as it grows. A row whose hosts are all told elsewhere has no hosts
// any more, and says so (`part_of`). Whoever is in a story stays in a story; each host of a window
// is in one row at any time. (A second death of a host in one window is told by itself.)

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/record.h"
#include "manager/explaining.h"

namespace coppice {

/// What a host has in common with others: the value of a label, or with an empty key a parent.
struct Share {
    std::string key;
    std::string value;
    std::uint64_t hosts = 0;  // that have it, with this one, just before its death
    bool is_head = false;     // this host is that parent
};

struct Death {
    HostId host;
    Cause cause = Cause::none;
    Role role = Role::leaf;
    std::vector<Share> shares;
    bool is_told_elsewhere = false;  // unless it is part of a story here
};

class Grouping {
public:
    /// A window ends when nobody died for max(10 s, 25 intervals), after twice that or 2 minutes,
    /// whichever is later, and when it is full (limits::deaths_in_window_max). 25 is the longest
    /// that a death stays unknown (Detection::mass_later): of those who fell silent together the
    /// last are called lost so long after the first.
    explicit Grouping(Duration interval);

    /// For the next take(), which requires the same instant.
    void add(Death death, UnixMillis time);

    /// The rows that are new, which are numbered from `next` on, or changed. `fleet` is the number
    /// of hosts that are present after these deaths.
    [[nodiscard]] std::vector<Event> take(std::uint64_t& next, std::uint64_t fleet, Instant now);
    /// When take() has something to do besides telling of new deaths.
    [[nodiscard]] Instant next_deadline() const;

private:
    struct Dead {
        HostId host;
        Cause cause = Cause::none;
        Role role = Role::leaf;
        UnixMillis time{};
        std::uint32_t row = 0;
    };
    struct Row {
        Event event;  // without an id until it is told
        bool is_story = false;
        bool has_news = false;
        bool is_silent = false;                   // its deaths are told elsewhere
        std::uint32_t group = 0;                  // of a story
        std::vector<std::uint32_t> alternatives;  // of a story
        std::uint32_t heir = 0;                   // the row that took its last host
    };

    void admit(const Death& death, UnixMillis time, Instant now);
    [[nodiscard]] std::uint32_t single_row(const Death& death, UnixMillis time);
    [[nodiscard]] std::optional<std::uint32_t> group_of(const Share& share);
    [[nodiscard]] bool is_full() const;
    [[nodiscard]] Instant end() const;
    void close(std::vector<Event>& told, std::uint64_t& next);
    void regroup();
    [[nodiscard]] std::uint32_t claim(const Explanation& explanation,
                                      const std::vector<bool>& is_claimed);
    void move(std::uint32_t death, std::uint32_t row);
    void tell_stories();
    void emit(std::vector<Event>& told, std::uint64_t& next);

    const Duration quiet_;    // ends a window
    const Duration longest_;  // so does its age
    std::vector<std::pair<Death, UnixMillis>> news_;

    // The window; empty when none is open.
    Instant opened_{};
    Instant newest_{};
    Instant regroup_due_ = never;  // never: every death was looked at
    std::size_t looked_at_ = 0;    // deaths in the last look
    std::uint64_t fleet_ = 0;      // hosts that are present
    HostSet hosts_;
    std::vector<Dead> dead_;
    Deaths deaths_;
    std::map<std::pair<std::string, std::string>, std::uint32_t> group_by_name_;
    std::vector<Row> rows_;
    std::map<std::tuple<Cause, Role, bool>, std::uint32_t> fresh_;  // rows of this step
};

}  // namespace coppice
