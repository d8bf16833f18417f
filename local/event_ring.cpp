#include "local/event_ring.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace coppice {

const LocalEvent& EventRing::add(std::string name, std::string channel, std::string data) {
    bytes_ += data.size();
    events_.push_back({++newest_, std::move(name), std::move(channel), std::move(data)});
    while (events_.size() > events_max || (bytes_ > bytes_max && events_.size() > 1)) {
        bytes_ -= events_.front().data.size();
        events_.pop_front();
    }
    return events_.back();
}

std::string EventRing::id_text(std::uint64_t id) const { return run_ + "-" + std::to_string(id); }

std::optional<std::vector<LocalEvent>> EventRing::after(const std::string& id_text) const {
    const std::string start = run_ + "-";
    if (!id_text.starts_with(start)) return std::nullopt;
    const std::string_view number = std::string_view{id_text}.substr(start.size());
    std::uint64_t id = 0;
    const char* last = number.data() + number.size();
    const auto [end, wrong] = std::from_chars(number.data(), last, id);
    if (wrong != std::errc{} || end != last || id > newest_) return std::nullopt;
    if (newest_ - id > events_.size()) return std::nullopt;
    return std::vector<LocalEvent>{events_.end() - static_cast<std::ptrdiff_t>(newest_ - id),
                                   events_.end()};
}

}  // namespace coppice
