// Builds messages field by field, with small numbers most of the time, so that they fit together.
#include "tests/fuzz/hostile.h"

#include <utility>

#include "schemas/codec.h"

namespace coppice::fuzz {
namespace {

constexpr std::size_t known_max = 64;
constexpr std::size_t text_max = 8;

template <class Enum>
Enum one_of(Decisions& decisions, Enum last) {
    return static_cast<Enum>(decisions.below(static_cast<std::uint32_t>(last) + 1));
}

Duration span(Decisions& decisions) { return std::chrono::milliseconds{decisions.byte() * 20}; }

}  // namespace

PublicKey key_of_host(HostId host) {
    PublicKey key{};
    key[0] = static_cast<std::uint8_t>(host.value);
    key[1] = 1;
    return key;
}

PeerAddress peer_of(HostId host) {
    return {.host = host,
            .key = key_of_host(host),
            .addresses = {"tcp://h" + std::to_string(host.value) + ":1"}};
}

void Hostile::learn(Sealed sealed) {
    if (known_.size() < known_max) known_.push_back(std::move(sealed));
}

HostId Hostile::host() {
    const std::uint8_t kind = decisions_.byte();
    if (kind < 0xf8) return {kind % hosts_end};
    return {static_cast<std::uint32_t>(decisions_.number())};
}

HostSet Hostile::hosts() {
    HostSet set;
    for (std::uint8_t left = decisions_.below(6); left > 0; --left) set.insert(host());
    return set;
}

Sealed Hostile::sealed() {
    const std::uint8_t choice = decisions_.byte();
    if (known_.empty() || choice == 0xff) return {.content = decisions_.bytes(text_max)};
    return known_[choice % known_.size()];
}

std::string Hostile::name() {
    static constexpr const char* names[] = {"load1", "cores", "motd", "n1", "n2", "zone=z1", ""};
    const std::uint8_t choice = decisions_.byte();
    return choice < 0xf0 ? names[choice % std::size(names)] : decisions_.text(text_max);
}

Stamp Hostile::stamp() {
    const std::uint64_t term = decisions_.number();
    return {term, decisions_.number()};
}

HostFact Hostile::fact() {
    HostFact fact{.host = host()};
    fact.incarnation = {decisions_.number()};
    fact.attachment = {decisions_.number()};
    fact.revision = decisions_.number();
    fact.state = one_of(decisions_, HostState::left);
    fact.cause = one_of(decisions_, Cause::not_back);
    fact.parent = host();
    fact.stamp = stamp();
    return fact;
}

SetKey Hostile::set_key() {
    const auto kind = one_of(decisions_, SetKind::refused);
    if (kind == SetKind::members && decisions_.byte() < 0xf0) return members_key;
    return {kind, {decisions_.number()}, kind == SetKind::refused ? name() : std::string{}};
}

WindowId Hostile::window() {
    const Stamp root = stamp();
    return {root, decisions_.number()};
}

Measurement Hostile::measurement() {
    const auto value = static_cast<double>(decisions_.number());
    return {.name = name(), .value = decisions_.flag() ? -value : value};
}

Accumulator Hostile::accumulator() {
    const std::uint64_t count = decisions_.below(3);
    const double value = measurement().value;
    switch (decisions_.below(6)) {
        case 0:
            return Moments{.count = count, .sum = value, .min = value, .max = value};
        case 1:
            return Variance{.count = count, .mean = value, .squares = measurement().value};
        case 2: {
            Quantiles quantiles;
            quantiles.add(value);
            if (decisions_.flag()) quantiles.bins.push_back({decisions_.byte(), decisions_.byte()});
            return quantiles;
        }
        case 3: {
            Distinct distinct{.count = count};
            for (std::uint8_t left = decisions_.below(3); left > 0; --left)
                distinct.few.push_back(static_cast<std::uint32_t>(decisions_.number()));
            return distinct;
        }
        case 4:
            return Parts{.parts = {{count, Bytes(decisions_.byte(), 1)}, {1, {}}},
                         .dropped = decisions_.below(2),
                         .failures = decisions_.number()};
        default:
            return Ranking{.count = count, .best = {{host(), value}}};
    }
}

Aggregate Hostile::aggregate() {
    Aggregate aggregate{.hosts = decisions_.below(4)};
    for (std::uint8_t left = decisions_.below(4); left > 0; --left)
        aggregate.folds.push_back(accumulator());
    return aggregate;
}

Inquiry Hostile::inquiry() {
    Inquiry inquiry;
    for (std::uint8_t left = decisions_.below(4); left > 0; --left) {
        FoldSpec spec{.kind = one_of(decisions_, FoldSpec::Kind::parts), .name = name()};
        spec.kept = decisions_.below(4);
        inquiry.folds.push_back(std::move(spec));
    }
    for (std::uint8_t left = decisions_.below(3); left > 0; --left) inquiry.by.push_back(name());
    return inquiry;
}

Partial Hostile::partial() {
    Partial partial;
    partial.coverage = hosts();
    for (std::uint8_t left = decisions_.below(3); left > 0; --left)
        partial.groups[GroupKey(decisions_.below(3), name())] = aggregate();
    if (decisions_.flag()) partial.other = aggregate();
    if (decisions_.flag()) partial.cut = GroupKey{name()};
    return partial;
}

Heartbeat Hostile::heartbeat() {
    Heartbeat heartbeat{.stamp = stamp(), .is_hint = decisions_.flag()};
    heartbeat.facts_revision = decisions_.number();
    for (std::uint8_t left = decisions_.below(4); left > 0; --left)
        heartbeat.facts.push_back(fact());
    for (std::uint8_t left = decisions_.below(4); left > 0; --left) {
        SetReport report{.key = set_key()};
        report.added = hosts();
        report.removed = decisions_.flag() ? hosts() : HostSet{};
        report.base_digest = decisions_.flag() ? decisions_.number() : 0;
        report.digest = decisions_.byte() < 0xf0 ? (report.added - report.removed).digest()
                                                 : decisions_.number();
        heartbeat.sets.push_back(std::move(report));
    }
    if (decisions_.flag()) {
        heartbeat.held.emplace();
        for (std::uint8_t left = decisions_.below(4); left > 0; --left)
            heartbeat.held->push_back({{decisions_.number()}, decisions_.number()});
    }
    heartbeat.held_digest = decisions_.number();
    return heartbeat;
}

Message Hostile::upward() {
    switch (decisions_.below(6)) {
        case 0:
            return Join{.attachment = {decisions_.number()},
                        .order = sealed(),
                        .addresses = {"tcp://h:1"},
                        .is_orphan = decisions_.flag()};
        case 1:
            return Register{.token_id = decisions_.byte() < 0xf0 ? "t" : "u",
                            .token_secret = {1},
                            .name = name(),
                            .addresses = {"tcp://h:1"},
                            .labels = {{"zone", name()}},
                            .resources = {measurement()}};
        case 2:
            return Seek{.stamp = stamp(),
                        .lost_parent = host(),
                        .has_parent = decisions_.flag(),
                        .attachment = {decisions_.number()},
                        .is_leaving = decisions_.byte() < 0x20};
        case 3:
            return Leave{.is_moving = decisions_.flag()};
        case 4:
            return WindowClosed{
                .window = window(), .question = {decisions_.number()}, .partial = partial()};
        default:
            return heartbeat();
    }
}

Message Hostile::downward() {
    switch (decisions_.below(8)) {
        case 0:
            return Welcome{.path = hosts().to_vector(),
                           .root_age = span(decisions_),
                           .first_window = window()};
        case 1:
            return Refused{one_of(decisions_, Refusal::stale_incarnation)};
        case 2:
            return Ordered{.destination = host(), .order = sealed()};
        case 3: {
            PushDown push{.push = {decisions_.number()}, .topic = name()};
            push.version = decisions_.number();
            push.target = hosts();
            if (decisions_.flag()) push.content = std::make_shared<const Sealed>(sealed());
            return push;
        }
        case 4: {
            WindowOpened opened{.window = window(), .question = {decisions_.number()}};
            opened.inquiry = inquiry();
            opened.target = hosts();
            opened.closes_in = span(decisions_);
            return opened;
        }
        case 5: {
            Registered registered{.result = one_of(decisions_, Registration::stale_incarnation)};
            registered.sentence = name();
            if (decisions_.flag()) registered.order = sealed();
            registered.newest = {decisions_.number()};
            return registered;
        }
        case 6:
            return NotUnderstood{};
        default: {
            HeartbeatAnswer answer{.facts_acked = decisions_.number()};
            for (std::uint8_t left = decisions_.below(3); left > 0; --left) {
                SetAck ack{.key = set_key()};
                ack.digest = decisions_.flag() ? decisions_.number() : hosts().digest();
                answer.sets.push_back(std::move(ack));
            }
            answer.held_digest = decisions_.number();
            answer.path = hosts().to_vector();
            answer.root_age = span(decisions_);
            answer.cell = stamp();
            return answer;
        }
    }
}

Message Hostile::message() {
    const std::uint8_t choice = decisions_.byte();
    if (choice >= 0xf8) return local_message();
    return (choice & 1U) != 0 ? upward() : downward();
}

LocalMessage Hostile::local_message() {
    return {.channel = name(), .body = decisions_.bytes(text_max)};
}

Command Hostile::command() {
    switch (decisions_.below(7)) {
        case 0: {
            PushCommand push{.topic = name(), .selector = name()};
            push.payload = decisions_.bytes(text_max);
            return push;
        }
        case 1: {
            static constexpr const char* questions[] = {
                "count()", "avg(load1) by zone", "p99(load1)", "top(2, cores)", "distinct(host)"};
            const std::uint8_t choice = decisions_.byte();
            QueryCommand query{.question = choice < 0xf0 ? questions[choice % std::size(questions)]
                                                         : decisions_.text(text_max)};
            query.deadline = span(decisions_);
            return query;
        }
        case 2:
            return DrainCommand{.host = name(), .is_drained = decisions_.flag(), .reason = name()};
        case 3:
            return CreateTokenCommand{
                .id = name(), .lifetime = span(decisions_), .uses_max = decisions_.number()};
        case 4:
            return RevokeTokenCommand{.id = name()};
        case 5:
            return ReshapeCommand{.bound = {.hosts = decisions_.byte()}, .digest = name()};
        default:
            return RollBackCommand{.generation = decisions_.number(),
                                   .bound = {.hosts = decisions_.number()}};
    }
}

std::optional<Frame> Hostile::delivered(const Frame& frame) {
    Bytes bytes = encode(frame);
    const std::uint8_t kind = decisions_.byte();
    if (kind >= 0xe0) {
        for (std::uint8_t left = 1 + kind % 4; left > 0; --left) {
            const std::size_t at = decisions_.byte() * std::size_t{256} + decisions_.byte();
            bytes[at % bytes.size()] ^= decisions_.byte();
        }
    }
    Result<Frame> decoded = decode_frame(bytes);
    if (!decoded.ok()) return std::nullopt;
    return std::move(*decoded);
}

}  // namespace coppice::fuzz
