#pragma once
// The newest events of an agent, so that a daemon that was away for a moment misses none.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace coppice {

struct LocalEvent {
    std::uint64_t id = 0;
    std::string name;     // "role"
    std::string channel;  // of a message; empty: for everybody
    std::string data;     // one line of JSON
};

class EventRing {
public:
    /// `run` tells the ids of one process from those of the next.
    explicit EventRing(std::string run) : run_{std::move(run)} {}

    const LocalEvent& add(std::string name, std::string channel, std::string data);

    /// What came after the event of that Last-Event-ID; nothing when it is of another run, or when
    /// something that came after it is gone.
    [[nodiscard]] std::optional<std::vector<LocalEvent>> after(const std::string& id_text) const;

    /// What the stream says: "RUN-17".
    [[nodiscard]] std::string id_text(std::uint64_t id) const;
    [[nodiscard]] std::uint64_t newest() const { return newest_; }

    static constexpr std::size_t events_max = 256;
    static constexpr std::size_t bytes_max = 256UL * 1024;

private:
    const std::string run_;
    std::deque<LocalEvent> events_;
    std::size_t bytes_ = 0;
    std::uint64_t newest_ = 0;
};

}  // namespace coppice
