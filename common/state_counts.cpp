#include "common/state_counts.h"

#include <algorithm>
#include <tuple>

namespace coppice {
namespace {

// --- numbers ------------------------------------------------------------------------------------

void put(Bytes& bytes, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7U)
        bytes.push_back(static_cast<std::uint8_t>(number | 0x80U));
    bytes.push_back(static_cast<std::uint8_t>(number));
}

void put_signed(Bytes& bytes, std::int64_t number) {
    const auto twice = static_cast<std::uint64_t>(number) << 1U;
    put(bytes, number < 0 ? ~twice : twice);
}

class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> bytes) : bytes_{bytes} {}

    [[nodiscard]] bool is_over() const { return bytes_.empty(); }
    /// Zero once something is missing or too long.
    std::uint64_t number() {
        std::uint64_t number = 0;
        for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
            const std::uint8_t byte = bytes_.front();
            bytes_ = bytes_.subspan(1);
            number |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) return number;
        }
        is_sound_ = false;
        return 0;
    }
    std::int64_t signed_number() {
        const std::uint64_t twice = number();
        const std::uint64_t half = twice >> 1U;
        return static_cast<std::int64_t>(twice % 2 == 0 ? half : ~half);
    }
    /// Everything was there.
    [[nodiscard]] bool is_sound() const { return is_sound_; }

private:
    std::span<const std::uint8_t> bytes_;
    bool is_sound_ = true;
};

// --- changes ------------------------------------------------------------------------------------

constexpr CountedAs as(HostState state, bool is_drained = false) {
    return static_cast<CountedAs>(1 + 2 * static_cast<unsigned>(state) + (is_drained ? 1 : 0));
}

/// What one host does most takes four bits.
constexpr std::uint64_t short_bits = 4;
constexpr std::array<std::pair<CountedAs, CountedAs>, 15> shorts{{
    {as(HostState::live), as(HostState::lost)},
    {as(HostState::lost), as(HostState::joining)},
    {as(HostState::joining), as(HostState::live)},
    {as(HostState::live), as(HostState::left)},
    {as(HostState::left), as(HostState::joining)},
    {as(HostState::live), as(HostState::joining)},
    {counted_as_nothing, as(HostState::joining)},
    {as(HostState::joining), as(HostState::lost)},
    {as(HostState::lost), as(HostState::live)},
    {as(HostState::lost), as(HostState::left)},
    {counted_as_nothing, as(HostState::live)},
    {as(HostState::live), as(HostState::live, true)},
    {as(HostState::live, true), as(HostState::live)},
    {as(HostState::live, true), as(HostState::left, true)},
    {as(HostState::left, true), as(HostState::joining, true)},
}};
constexpr std::uint64_t is_long = shorts.size();
static_assert(is_long + 1 == 1U << short_bits);
/// No slot is longer, and sums of so many hosts do not overflow.
constexpr std::uint64_t gap_max = std::uint64_t{1} << 40U;
constexpr std::int64_t count_max = std::int64_t{1} << 40U;

std::uint64_t short_of(const CountChange& change) {
    if (change.count != 1) return is_long;
    const auto* found = std::find(shorts.begin(), shorts.end(), std::pair{change.from, change.to});
    return static_cast<std::uint64_t>(found - shorts.begin());
}

}  // namespace

// --- tallies ------------------------------------------------------------------------------------

CountedAs counted_as(const HostCondition& condition) {
    return as(condition.state, condition.is_drained);
}

Tally& Tally::operator+=(const Tally& other) {
    for (std::size_t i = 0; i < hosts.size(); ++i) hosts[i] += other.hosts[i];
    return *this;
}

Tally& Tally::operator-=(const Tally& other) {
    for (std::size_t i = 0; i < hosts.size(); ++i) hosts[i] -= other.hosts[i];
    return *this;
}

void Tally::move(CountedAs from, CountedAs to, std::int64_t count) {
    hosts[from] -= count;
    hosts[to] += count;
}

std::optional<StateCounts> Tally::counts() const {
    if (std::any_of(hosts.begin() + 1, hosts.end(), [](std::int64_t count) { return count < 0; }))
        return std::nullopt;
    const auto in = [this](HostState state) {
        return static_cast<std::uint64_t>(hosts[as(state)] + hosts[as(state, true)]);
    };
    StateCounts counts{.live = in(HostState::live),
                       .suspect = in(HostState::joining) + in(HostState::suspect),
                       .lost = in(HostState::lost),
                       .left = in(HostState::left)};
    counts.registered = counts.live + counts.suspect + counts.lost + counts.left;
    for (std::size_t i = 2; i < hosts.size(); i += 2)
        counts.drained += static_cast<std::uint64_t>(hosts[i]);
    return counts;
}

namespace {

void put(Bytes& bytes, const Tally& tally) {
    std::size_t end = tally.hosts.size();
    while (end > 0 && tally.hosts[end - 1] == 0) --end;
    for (std::size_t i = 0; i < end; ++i) put_signed(bytes, tally.hosts[i]);
}

std::optional<Tally> read_tally(Reader& reader) {
    Tally tally;
    for (std::size_t i = 0; i < tally.hosts.size() && !reader.is_over(); ++i)
        tally.hosts[i] = reader.signed_number();
    const bool is_sound =
        reader.is_sound() && reader.is_over() &&
        std::all_of(tally.hosts.begin(), tally.hosts.end(),
                    [](std::int64_t count) { return count >= -count_max && count <= count_max; });
    return is_sound ? std::optional{tally} : std::nullopt;
}

}  // namespace

Bytes encode_tally(const Tally& tally) {
    Bytes bytes;
    put(bytes, tally);
    return bytes;
}

std::optional<Tally> decode_tally(std::span<const std::uint8_t> bytes) {
    Reader reader{bytes};
    return read_tally(reader);
}

Bytes encode_tally_before(const TallyBefore& before) {
    Bytes bytes;
    put_signed(bytes, before.time.count());
    put(bytes, before.tally);
    return bytes;
}

std::optional<TallyBefore> decode_tally_before(std::span<const std::uint8_t> bytes) {
    Reader reader{bytes};
    const UnixMillis time{reader.signed_number()};
    const std::optional<Tally> tally = read_tally(reader);
    if (!tally) return std::nullopt;
    return TallyBefore{time, *tally};
}

void tidy(std::vector<CountChange>& changes) {
    const auto key = [](const CountChange& change) {
        return std::tuple{change.at_ms, change.from, change.to};
    };
    std::sort(
        changes.begin(), changes.end(),
        [&](const CountChange& left, const CountChange& right) { return key(left) < key(right); });
    std::vector<CountChange> kept;
    for (const CountChange& change : changes) {
        if (!kept.empty() && key(kept.back()) == key(change))
            kept.back().count += change.count;
        else
            kept.push_back(change);
    }
    std::erase_if(kept, [](const CountChange& change) {
        return change.count == 0 || change.from == change.to;
    });
    changes = std::move(kept);
}

Bytes encode_changes(std::span<const CountChange> changes) {
    Bytes bytes;
    std::int64_t last = 0;
    for (const CountChange& change : changes) {
        const auto gap = static_cast<std::uint64_t>(change.at_ms - last);
        last = change.at_ms;
        const std::uint64_t in_short = short_of(change);
        put(bytes, gap << short_bits | in_short);
        if (in_short != is_long) continue;
        bytes.push_back(change.from);
        bytes.push_back(change.to);
        put_signed(bytes, change.count);
    }
    return bytes;
}

std::optional<std::vector<CountChange>> decode_changes(std::span<const std::uint8_t> bytes) {
    std::vector<CountChange> changes;
    Reader reader{bytes};
    std::int64_t last = 0;
    while (!reader.is_over()) {
        const std::uint64_t first = reader.number();
        const std::uint64_t in_short = first % (is_long + 1);
        if (first >> short_bits > gap_max || last > static_cast<std::int64_t>(gap_max))
            return std::nullopt;
        last += static_cast<std::int64_t>(first >> short_bits);
        CountChange change{.at_ms = last};
        if (in_short != is_long) {
            std::tie(change.from, change.to) = shorts[in_short];
        } else {
            const std::uint64_t from = reader.number();
            const std::uint64_t to = reader.number();
            change.count = reader.signed_number();
            if (from >= counted_as_end || to >= counted_as_end || change.count > count_max ||
                change.count < -count_max)
                return std::nullopt;
            change.from = static_cast<CountedAs>(from);
            change.to = static_cast<CountedAs>(to);
        }
        if (!reader.is_sound()) return std::nullopt;
        changes.push_back(change);
    }
    return changes;
}

}  // namespace coppice
