#pragma once
// Identifiers as distinct types: one kind of number cannot be passed for another.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace coppice {

using Bytes = std::vector<std::uint8_t>;

/// A number with a meaning. Two strong numbers of different tags do not convert into each other.
template <class Tag, class Number = std::uint64_t>
struct StrongNumber {
    Number value = 0;
    friend constexpr auto operator<=>(StrongNumber, StrongNumber) = default;
};

/// Dense, never reused; zero is the manager itself.
using HostId = StrongNumber<struct HostIdTag, std::uint32_t>;
using CellId = StrongNumber<struct CellIdTag, std::uint32_t>;
/// Grows with every push of the fleet; never reused.
using PushId = StrongNumber<struct PushIdTag>;
/// One run of the agent on a host: a restart is a new, greater incarnation, some way above the
/// last.
using Incarnation = StrongNumber<struct IncarnationTag>;
/// Raised by the child with every Join; orders what different parents say of one host.
using Attachment = StrongNumber<struct AttachmentTag>;
/// Drawn by the child for every connection; a frame of another link is not answered.
using LinkId = StrongNumber<struct LinkIdTag>;
/// Pairs a command with its answer.
using RequestId = StrongNumber<struct RequestIdTag>;
/// Handle of one connection, given by whoever runs the node; see node.h.
using Route = StrongNumber<struct RouteTag>;
/// Pairs a reachability probe with its result.
using ProbeId = StrongNumber<struct ProbeIdTag>;
/// Pairs parts that a daemon is to reduce with what it makes of them.
using ReductionId = StrongNumber<struct ReductionIdTag>;

inline constexpr HostId manager_host{0};

/// A CURVE public key (Curve25519), 32 bytes.
using PublicKey = std::array<std::uint8_t, 32>;
/// An Ed25519 signature, 64 bytes.
using Signature = std::array<std::uint8_t, 64>;
/// A digest used as a name or a proof (BLAKE2b-256), 32 bytes.
using Digest = std::array<std::uint8_t, 32>;

/// The fencing number of an order: term of the manager, then generation of the cell.
/// An agent obeys its own orders only when the stamp does not decrease.
struct Stamp {
    std::uint64_t term = 0;
    std::uint64_t generation = 0;
    friend constexpr auto operator<=>(const Stamp&, const Stamp&) = default;
};

enum class Role : std::uint8_t { leaf, branch, root };
enum class HostState : std::uint8_t { joining, live, suspect, lost, left };

/// Why a host is in its state, as far as the observer could tell.
enum class Cause : std::uint8_t {
    none,
    joined,        // a Join was admitted
    silent,        // beats stopped; the address still answers or cannot be told
    crashed,       // beats stopped and the address refuses connections
    unreachable,   // beats stopped and the address does not answer
    said_goodbye,  // a planned stop
    not_back,      // its parent was lost and it did not come back in time
    // Why it was away, as it says itself when it is back:
    paused,         // its process stood still, by its own clock
    cut_off,        // it ran, and had lost its parent
    restart,        // its former run was stopped as planned
    out_of_memory,  // its former run was killed, and the kernel counted a kill for want of memory
    // Why nobody waits for it:
    slow,      // it answers much later than others
    refusing,  // it refuses what others apply
};

}  // namespace coppice

template <class Tag, class Number>
struct std::hash<coppice::StrongNumber<Tag, Number>> {  // NOLINT(readability-identifier-naming)
    std::size_t operator()(coppice::StrongNumber<Tag, Number> id) const noexcept {
        return std::hash<Number>{}(id.value);
    }
};
