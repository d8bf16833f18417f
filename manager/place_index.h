#pragma once
// Where there is room in one failure domain: ordered indexes over its hosts in the tree.

#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "common/ids.h"

namespace coppice {

/// How willingly a leaf is made a branch, best first. The last resort are hosts that should hold no
/// role, when nobody else is left.
enum class Fitness : std::uint8_t { ready, cooling, joining, understudy, last_resort, unfit };
/// Up to how many children a parent is asked for.
enum class Room : std::uint8_t { fill, fanout, slack };

inline constexpr std::size_t rooms = 3;
inline constexpr std::size_t grades = 5;  // fitness that can be promoted

/// What an interior host is to a domain that it is in: it serves the domain when that is the
/// outermost that it heads, otherwise it has a wider one to serve first, or heads but a part.
enum class Duty : std::uint8_t { own, wider, part };

/// One interior host in the order in which it is asked.
struct Candidate {
    Duty duty = Duty::own;
    std::uint32_t depth = std::numeric_limits<std::uint32_t>::max();
    std::uint64_t tie = 0;
    HostId host;
    friend auto operator<=>(const Candidate&, const Candidate&) = default;
};

struct PlaceIndex {
    std::array<std::set<Candidate>, rooms> room;     // open interior hosts with that much room
    std::array<std::set<Candidate>, grades> leaves;  // open ones with such a leaf, by depth alone
    std::vector<std::vector<HostId>> levels;         // open interior hosts by depth, sorted by tie
    std::vector<HostId> strays;                      // leaves below a parent outside the domain
};

}  // namespace coppice
