#pragma once
// What happened, for people: numbered, in order, the newest kept in memory.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/record.h"
#include "manager/views.h"

namespace coppice {

class History {
public:
    explicit History(std::vector<Event> loaded);

    /// After a start: who follows may have missed the newest revisions, so they count as news.
    void retell_revised(std::uint64_t& next);

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
    /// An event that has its id: a new one, or a new revision, which takes a number from `next`.
    void put(const Event& event, std::uint64_t& next);
    /// Null: there is none, or it is not in memory any more.
    [[nodiscard]] const Event* find(std::uint64_t id) const;
    /// In the order of change; see EventView.
    [[nodiscard]] std::vector<EventView> after(std::uint64_t change, std::size_t count_max) const;

private:
    void change(std::uint64_t id, std::uint64_t number);

    std::map<std::uint64_t, EventView> events_;  // by id
    std::map<std::uint64_t, std::uint64_t> id_by_change_;
    std::vector<Event> news_;
};

}  // namespace coppice
