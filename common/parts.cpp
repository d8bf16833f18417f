#include "common/parts.h"

#include <algorithm>
#include <iterator>

#include "common/limits.h"

namespace coppice {
namespace {

using Part = Parts::Part;

bool goes_before(const Part& left, const Part& right) {
    return left.hosts == right.hosts ? left.bytes < right.bytes : left.hosts > right.hosts;
}

std::size_t byte_size_of(const Part& part) { return limits::part_fixed_bytes + part.bytes.size(); }

}  // namespace

std::uint64_t Parts::count() const {
    std::uint64_t hosts = 0;
    for (const Part& part : parts) hosts += part.hosts;
    return hosts;
}

std::size_t Parts::byte_size() const {
    std::size_t bytes = 0;
    for (const Part& part : parts) bytes += byte_size_of(part);
    return bytes;
}

void Parts::add(Part part) {
    const auto place = std::upper_bound(parts.begin(), parts.end(), part, goes_before);
    parts.insert(place, std::move(part));
}

void Parts::fold(const Parts& other) {
    const auto middle = static_cast<std::ptrdiff_t>(parts.size());
    parts.insert(parts.end(), other.parts.begin(), other.parts.end());
    std::inplace_merge(parts.begin(), parts.begin() + middle, parts.end(), goes_before);
    keep(limits::parts_gathered_bytes_max);
    dropped += other.dropped;
    if (failures == 0 || (other.failures > 0 && other.reason < reason)) reason = other.reason;
    failures += other.failures;
}

void Parts::keep(std::size_t bytes_max) {
    std::size_t bytes = byte_size();
    while (bytes > bytes_max) {
        bytes -= byte_size_of(parts.back());
        dropped += parts.back().hosts;
        parts.pop_back();
    }
}

std::vector<Part> Parts::take(std::size_t bytes_max) {
    auto first = parts.end();
    for (std::size_t bytes = 0; first != parts.begin(); --first) {
        bytes += byte_size_of(*std::prev(first));
        if (bytes > bytes_max) break;
    }
    std::vector<Part> taken{std::make_move_iterator(first), std::make_move_iterator(parts.end())};
    parts.erase(first, parts.end());
    return taken;
}

void Parts::fail(std::string why) {
    why.resize(std::min(why.size(), limits::refusal_reason_bytes_max));
    fold({.parts = {}, .failures = 1, .reason = std::move(why)});
}

bool Parts::is_sound(std::uint64_t hosts) const {
    const auto is_part = [](const Part& part) {
        return part.hosts > 0 && part.bytes.size() <= limits::part_bytes_max;
    };
    if (byte_size() > limits::parts_bytes_max || !std::all_of(parts.begin(), parts.end(), is_part))
        return false;
    // Taken off one by one: a sum of what somebody says could be beyond what a number holds.
    std::uint64_t left = hosts;
    for (const Part& part : parts) {
        if (part.hosts > left) return false;
        left -= part.hosts;
    }
    return dropped <= left && failures <= limits::hosts_max &&
           reason.size() <= limits::refusal_reason_bytes_max &&
           std::is_sorted(parts.begin(), parts.end(), goes_before);
}

}  // namespace coppice
