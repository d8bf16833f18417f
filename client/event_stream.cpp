#include "client/event_stream.h"

#include <algorithm>
#include <utility>

namespace coppice::client {

bool EventReader::feed(std::string_view piece) {
    waiting_.append(piece);
    return waiting_.size() + event_.data.size() <= bytes_max;
}

std::optional<StreamEvent> EventReader::take() {
    std::size_t start = 0;
    for (std::size_t end = waiting_.find('\n'); end != std::string::npos;
         end = waiting_.find('\n', start)) {
        std::string_view line = std::string_view{waiting_}.substr(start, end - start);
        start = end + 1;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) {
            StreamEvent whole = std::exchange(event_, {});
            if (whole.name.empty()) whole.name = "message";
            if (!std::exchange(has_data_, false)) continue;
            waiting_.erase(0, start);
            return whole;
        }
        const std::size_t colon = std::min(line.find(':'), line.size());
        std::string_view value = line.substr(std::min(colon + 1, line.size()));
        if (value.starts_with(' ')) value.remove_prefix(1);
        const std::string_view field = line.substr(0, colon);
        if (field == "id") event_.id = value;
        if (field == "event") event_.name = value;
        if (field != "data") continue;
        if (std::exchange(has_data_, true)) event_.data += '\n';
        event_.data += value;
    }
    waiting_.erase(0, start);
    return std::nullopt;
}

}  // namespace coppice::client
