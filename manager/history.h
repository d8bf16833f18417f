#pragma once
// What happened, for people: numbered, in order, the newest kept in memory.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "common/record.h"

namespace coppice {

class History {
public:
    explicit History(const std::vector<Event>& loaded) : events_{loaded.begin(), loaded.end()} {}

    /// One thing of a step. What is alike in kind, cause and evidence becomes one event with all
    /// hosts.
    void note(std::string kind, HostId host, std::string cause = {},
              std::map<std::string, std::string> evidence = {});
    void note(std::string kind, const HostSet& hosts, std::string cause = {},
              std::map<std::string, std::string> evidence = {});

    [[nodiscard]] bool has_news() const { return !news_.empty(); }
    /// Numbers the things of this step from `next` on, which it raises, and returns them.
    [[nodiscard]] std::vector<Event> take(std::uint64_t& next, UnixMillis now,
                                          const CellRecord& cell);
    [[nodiscard]] std::vector<Event> after(std::uint64_t id, std::size_t count_max) const;

private:
    std::deque<Event> events_;
    std::vector<Event> news_;
};

}  // namespace coppice
