#pragma once
// What hosts contribute to reduce(): bytes that only their daemons understand. Folding lays parts
// side by side, so it needs no daemon; a reducer makes one of several. See reduction.h.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/ids.h"

namespace coppice {

struct Parts {
    struct Part {
        std::uint64_t hosts = 0;  // whose contributions are inside
        Bytes bytes;
        friend bool operator==(const Part&, const Part&) = default;
    };

    /// Those of more hosts first, of equal ones by their bytes: the order does not tell in which
    /// order they came.
    std::vector<Part> parts;
    std::uint64_t dropped = 0;   // hosts whose contribution there was no room for
    std::uint64_t failures = 0;  // hosts whose reducer failed
    std::string reason;          // of one of those: the first by its text

    /// Hosts whose contributions are inside.
    [[nodiscard]] std::uint64_t count() const;
    /// What the parts take in a frame, about.
    [[nodiscard]] std::size_t byte_size() const;

    void add(Part part);
    /// Keeps limits::parts_gathered_bytes_max.
    void fold(const Parts& other);
    /// Drops the last ones, which cost the fewest hosts, until the rest takes no more than that.
    void keep(std::size_t bytes_max);
    /// Takes the last ones out: as many as take so much at most.
    [[nodiscard]] std::vector<Part> take(std::size_t bytes_max);
    /// Cuts the reason to limits::refusal_reason_bytes_max.
    void fail(std::string why);

    /// As they come up a link, from `hosts` hosts or fewer.
    [[nodiscard]] bool is_sound(std::uint64_t hosts) const;
    friend bool operator==(const Parts&, const Parts&) = default;
};

}  // namespace coppice
