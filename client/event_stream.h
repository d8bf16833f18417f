#pragma once
// Server-sent events, read as they come.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace coppice::client {

struct StreamEvent {
    std::string id;    // empty: it has none
    std::string name;  // "message" when it has none
    std::string data;
};

/// Of the lines that the standard has (html.spec.whatwg.org, server-sent events): event, data, id
/// and comments.
class EventReader {
public:
    /// False when more is waiting than an event may have.
    [[nodiscard]] bool feed(std::string_view piece);
    /// The next whole event.
    [[nodiscard]] std::optional<StreamEvent> take();

    static constexpr std::size_t bytes_max = 4UL * 1024 * 1024;

private:
    std::string waiting_;
    StreamEvent event_;
    bool has_data_ = false;
};

}  // namespace coppice::client
