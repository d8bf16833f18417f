#pragma once
// When the hosts of a failure trace were down: the common form of every reader.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/labels.h"
#include "common/result.h"

namespace coppice {

/// From begin to just before end, since the start of the trace.
struct Outage {
    std::chrono::seconds begin{};
    std::chrono::seconds end{};
    friend bool operator==(const Outage&, const Outage&) = default;
};

struct TracedHost {
    std::string name;
    Labels labels;
    std::string group;  // of hosts whose failures belong together: a system, or a cluster of a site
    /// Zero, or when the host starts: it is not there before, or was down when all began.
    std::chrono::seconds absent_until{};
    /// Ascending and apart from each other, all after `absent_until`.
    std::vector<Outage> outages;
};

/// Rows that cannot be used for one and the same reason.
struct RejectedRows {
    std::string reason;
    std::uint64_t rows = 0;
    std::size_t first_line = 0;
    std::string example;  // the first of them
    friend bool operator==(const RejectedRows&, const RejectedRows&) = default;
};

struct Outages {
    std::vector<TracedHost> hosts;  // by name
    std::chrono::seconds span{};    // no outage ends later
    std::uint64_t rows = 0;         // of the selection, the rejected ones included
    std::vector<RejectedRows> rejected;
};

/// What a reader finds in a trace, in any order and by Unix time.
class OutageCollector {
public:
    using Time = std::chrono::seconds;  // since 1970

    /// An unknown host is made; a known one stays as it is.
    void add_host(const std::string& name, const Labels& labels, const std::string& group);
    /// The trace speaks of this host in that time: before its first word the host is not there, and
    /// an outage from there on is no failure.
    void add_word(const std::string& name, Time begin, Time end);
    /// Requires that the host is known and that begin < end. Overlapping and touching outages are
    /// united.
    void add_outage(const std::string& name, Time begin, Time end);
    void count_row() { ++rows_; }
    void reject(const std::string& reason, std::size_t line, std::string_view row);

    /// Time zero is that of the first word or outage. An error when nothing was added.
    [[nodiscard]] Result<Outages> finish() const;

private:
    struct Entry {
        TracedHost host;
        Time first = Time::max();
        std::vector<Outage> outages;
        Time last{};
    };
    std::map<std::string, Entry> entries_;
    std::uint64_t rows_ = 0;
    std::map<std::string, RejectedRows> rejected_;
};

/// The part of the trace from one day on, days counted from zero; the new time zero is its start.
/// Hosts that are down there start late. An error when the trace ends before it.
[[nodiscard]] Result<Outages> cut_out(const Outages& outages, std::uint32_t from_day,
                                      std::uint32_t days);

/// So many copies of the fleet. Every group of every further copy is late by a time of its own,
/// drawn from the seed; what falls behind the end goes on at the start. Their names end in "-x2",
/// "-x3" and so on. One copy is the fleet itself.
[[nodiscard]] Outages tile(const Outages& outages, std::uint32_t copies, std::uint64_t seed);

/// Ascending, overlapping and touching ones united.
[[nodiscard]] std::vector<Outage> united(std::vector<Outage> outages);

}  // namespace coppice
