#include "tests/compat/samples.h"

#include <chrono>
#include <utility>

#include "schemas/codec.h"

namespace coppice::compat {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

template <std::size_t size>
std::array<std::uint8_t, size> filled(std::uint8_t first) {
    std::array<std::uint8_t, size> bytes{};
    for (std::uint8_t& byte : bytes) byte = first++;
    return bytes;
}

HostSet hosts(std::uint32_t first, std::uint32_t last) {
    HostSet set;
    for (std::uint32_t host = first; host <= last; ++host) set.insert(HostId{host});
    return set;
}

Sealed sealed() { return {.content = {1, 2, 3, 4, 5}, .signature = filled<64>(0x10)}; }

std::vector<std::string> addresses() { return {"tcp://n7:7400", "tcp://10.0.0.7:7400"}; }

HostFact fact() {
    return {.host = HostId{70},
            .incarnation = Incarnation{2},
            .attachment = Attachment{5},
            .revision = 3,
            .state = HostState::lost,
            .cause = Cause::crashed,
            .parent = HostId{7},
            .stamp = {3, 17}};
}

Register registration() {
    return {.token_id = "t1",
            .token_secret = {9, 8, 7},
            .name = "n7",
            .machine_id = "4c4c4544",
            .addresses = addresses(),
            .labels = {{"rack", "r1"}, {"zone", "b"}},
            .resources = {{"cores", 64}, {"mem_total", 2.5e11}},
            .release = "0.1.0",
            .former_end = Cause::out_of_memory,
            .is_short_of_memory = true};
}

Heartbeat heartbeat() {
    return {.stamp = {3, 17},
            .is_hint = true,
            .facts_revision = 12,
            .facts = {fact(), {.host = HostId{71}}},
            .sets = {{.key = {.kind = SetKind::members},
                      .base_digest = 1,
                      .digest = 2,
                      .added = {HostId{5}, HostId{70'000}},
                      .removed = hosts(100, 200)},
                     {.key = {SetKind::refused, PushId{4}, "no space"},
                      .digest = 3,
                      .added = {HostId{6}}},
                     {.key = {SetKind::applied, PushId{5}, {}},
                      .digest = 4,
                      .added = {HostId{7}},
                      .times = {milliseconds{1}, milliseconds{2}, std::chrono::microseconds{7}}}},
            .held_digest = 99,
            .held = std::vector<Held>{{PushId{4}, 77}, {PushId{5}, 78}}};
}

HeartbeatAnswer answer() {
    return {.facts_acked = 11,
            .sets = {{.key = {SetKind::applied, PushId{4}, ""}, .digest = 8}},
            .held_digest = 99,
            .path = {HostId{1}, HostId{3}},
            .root_age = milliseconds{250},
            .cell = {3, 18},
            .term_instance = 0xabcdef,
            .wants_beat = true};
}

WindowId window() { return {.root = {3, 9}, .number = 1234}; }

Frame frame_of(Message body, Lane lane = Lane::control) {
    return {.header = {.cell = CellId{1},
                       .sender = HostId{7},
                       .incarnation = Incarnation{3},
                       .link = LinkId{0x1234567890abcdef},
                       .lane = lane,
                       .sequence = 42},
            .body = std::move(body)};
}

WindowOpened opened(Inquiry inquiry) {
    return {.window = window(),
            .question = RequestId{6},
            .inquiry = std::move(inquiry),
            .target = hosts(7, 8),
            .closes_in = seconds{2},
            .takes_missing = true};
}

Inquiry inquiry() {
    using Kind = FoldSpec::Kind;
    return {.folds = {{Kind::moments, "load1"},
                      {Kind::variance, "load1"},
                      {Kind::quantiles, "load1"},
                      {Kind::distinct, "kernel"},
                      {Kind::top, "load1", 5},
                      {Kind::bottom, "load1", 6}},
            .by = {"rack", "kernel"}};
}

WindowClosed closed(Partial partial) {
    return {.window = window(),
            .question = RequestId{6},
            .partial = std::move(partial),
            .is_of_missing = true,
            .target_digest = 0xabcdef};
}

PeerAddress peer(std::uint32_t host) {
    return {.host = HostId{host},
            .key = filled<32>(static_cast<std::uint8_t>(host)),
            .addresses = addresses()};
}

Order order() {
    return {.fleet = "blue",
            .host = HostId{7},
            .key = filled<32>(0x70),
            .name = "n7",
            .cell = CellId{1},
            .stamp = {3, 17},
            .term_instance = 0xabcdef,
            .role = Role::branch,
            .is_understudy = true,
            .is_placed = true,
            .reason = "none",
            .parent = peer(3),
            .spares = {peer(4), peer(5)},
            .managers = {peer(0)},
            .labels = {{"rack", "r1"}},
            .fanout = 16,
            .slack = 4,
            .interval = milliseconds{500},
            .expires_unix_s = 1'900'000'000};
}

PushContent content() {
    return {.fleet = "blue",
            .push = PushId{4},
            .topic = "motd",
            .version = 2,
            .selector = "rack=r1",
            .payload = {'h', 'i', 0, 0xff},
            .is_withdrawal = true};
}

HostRecord host() {
    return {.id = HostId{7},
            .name = "n7",
            .key = filled<32>(0x70),
            .machine_id = "4c4c4544",
            .addresses = addresses(),
            .labels = {{"rack", "r1"}},
            .resources = {{"cores", 64}},
            .release = "0.1.0",
            .token_id = "t1",
            .state = HostState::live,
            .cause = Cause::joined,
            .since = UnixMillis{1'700'000'000'123},
            .incarnation = Incarnation{3},
            .attachment = Attachment{5},
            .revision = 6,
            .cell = CellId{2},
            .role = Role::root,
            .parent = HostId{3},
            .is_placed = true,
            .unplaced_reason = "no room",
            .generation = 17,
            .term = 4,
            .spares = {HostId{4}, HostId{5}},
            .awaits_order = true,
            .is_orphan = true,
            .is_drained = true,
            .drain_reason = "a new disk",
            .no_role_before = UnixMillis{1'700'000'600'000},
            .is_short_of_memory = true,
            .gone_at = {UnixMillis{1'700'000'100'000}, UnixMillis{1'700'000'200'000}},
            .unstable_since = UnixMillis{1'700'000'200'000},
            .unstable_event = 43,
            .times_gone = 2};
}

PushRecord push() {
    return {.push = PushId{4},
            .topic = "motd",
            .version = 2,
            .selector = "rack=r1",
            .committed = UnixMillis{1'700'000'000'456},
            .payload_bytes = 4,
            .target = hosts(1, 100),
            .effective = hosts(1, 101),
            .late_joiners = {HostId{101}},
            .content = sealed(),
            .rule = PushId{3},
            .reissue_of = PushId{2},
            .phase = PushPhase::former,
            .is_withdrawal = true,
            .signed_selector = "(rack=r1) && !(zone=b)",
            .offered = UnixMillis{1'700'000'000'500},
            .not_before = UnixMillis{1'700'000'000'400},
            .deadline = UnixMillis{1'700'000'010'000}};
}

ReceiptRecord receipt() {
    return {.push = PushId{4},
            .applied = hosts(1, 90),
            .refused = {{"no space", {HostId{91}}}, {"other", {HostId{92}, HostId{93}}}},
            .completed = UnixMillis{1'700'000'009'000},
            .applied_after_ms = {10, 20, 30},
            .late = UnixMillis{1'700'000'010'000},
            .laggards = hosts(91, 100),
            .stages = {std::chrono::microseconds{1500}, std::chrono::microseconds{2000},
                       std::chrono::microseconds{250}}};
}

TreeChangeRecord tree_change() {
    return {.generation = 18,
            .part = 1,
            .time = UnixMillis{1'700'000'000'789},
            .reasons = {"death of n3 (crashed)", "drain of n4"},
            .moves = {{HostId{7}, HostId{3}, HostId{5}, MovedBy::host, 0},
                      {HostId{8}, HostId{4}, HostId{6}, MovedBy::people, 1}},
            .moves_more = 9,
            .placed = 2,
            .kept_after = 4};
}

IsolationRecord isolation() {
    return {.host = HostId{7},
            .since = UnixMillis{1'700'000'000'789},
            .cause = Cause::refusing,
            .reason = "the disk is full",
            .failures = 11};
}

TokenRecord token() {
    return {.id = "t1",
            .secret_hash = filled<32>(0x20),
            .created = UnixMillis{1'700'000'000'000},
            .expires = UnixMillis{1'800'000'000'000},
            .uses_max = 10,
            .uses = 3,
            .is_revoked = true,
            .labels = {{"zone", "b"}}};
}

}  // namespace

Samples<Frame> frames() {
    return {
        {"register", frame_of(registration(), Lane::management)},
        {"registered", frame_of(Registered{.result = Registration::stale_incarnation,
                                           .sentence = "go on above",
                                           .order = sealed(),
                                           .newest = Incarnation{9}})},
        {"registered_without_order", frame_of(Registered{.result = Registration::bad_token})},
        {"seek", frame_of(Seek{.stamp = {3, 17},
                               .lost_parent = HostId{3},
                               .has_parent = true,
                               .attachment = Attachment{5}})},
        {"seek_leaving", frame_of(Seek{.has_parent = true, .is_leaving = true})},
        {"ordered", frame_of(Ordered{.destination = HostId{70}, .order = sealed()})},
        {"join", frame_of(Join{.attachment = Attachment{5},
                               .order = sealed(),
                               .addresses = addresses(),
                               .is_orphan = true,
                               .was_paused = true})},
        {"welcome", frame_of(Welcome{.path = {HostId{1}, HostId{3}},
                                     .root_age = milliseconds{250},
                                     .first_window = window()})},
        {"refused", frame_of(Refused{.reason = Refusal::stale_incarnation})},
        {"heartbeat", frame_of(heartbeat())},
        {"heartbeat_quiet", frame_of(Heartbeat{.stamp = {3, 17}, .facts_revision = 12})},
        {"heartbeat_answer", frame_of(answer())},
        {"heartbeat_answer_heard", frame_of(HeartbeatAnswer{.heard = 0x12345678})},
        {"leave", frame_of(Leave{.is_moving = true})},
        {"push_down", frame_of(PushDown{.push = PushId{4},
                                        .topic = "motd",
                                        .version = 2,
                                        .target = hosts(1, 100),
                                        .content = std::make_shared<const Sealed>(sealed())},
                               Lane::bulk)},
        {"push_down_without_content", frame_of(PushDown{.push = PushId{4}, .topic = "motd"})},
        {"window_opened_load", frame_of(opened({.folds = {{.name = "load"}}, .by = {}}))},
        {"window_opened_folds", frame_of(opened(inquiry()))},
        {"window_closed_moments", frame_of(closed(moments_partial()))},
        {"window_closed_groups", frame_of(closed(grouped_partial()))},
        {"window_opened_parts",
         frame_of(opened({.folds = {{FoldSpec::Kind::parts, "words"}}, .by = {"rack"}}))},
        {"window_closed_parts", frame_of(closed(partial_of_parts()))},
        {"not_understood", frame_of(NotUnderstood{})},
        {"local_message", frame_of(LocalMessage{.channel = "raft", .body = {1, 2, 255}})},
    };
}

Samples<Frame> former_frames() {
    WindowOpened asked = opened({.folds = {{.name = "load"}}, .by = {}});
    asked.takes_missing = false;
    WindowClosed answered = closed(moments_partial());
    answered.is_of_missing = false;
    answered.target_digest = 0;
    return {{"window_opened", frame_of(asked)}, {"window_closed", frame_of(answered)}};
}

Samples<Statement> statements() { return {{"order", order()}, {"push_content", content()}}; }

Samples<Record> records() {
    return {
        {"identity", IdentityRecord{.name = "n7",
                                    .host = HostId{7},
                                    .incarnation = Incarnation{3},
                                    .order = sealed(),
                                    .run = RunMark::running,
                                    .oom_kills = 2}},
        {"applied",
         AppliedRecord{.topic = "motd", .version = 2, .push = PushId{4}, .is_withdrawn = true}},
        {"fleet",
         FleetRecord{
             .fleet = "blue", .next_host = HostId{71}, .next_push = PushId{5}, .next_event = 44}},
        {"cell", CellRecord{.id = CellId{2},
                            .name = "west",
                            .generation = 17,
                            .root = HostId{1},
                            .understudy = HostId{2}}},
        {"host", host()},
        {"token", token()},
        {"push", push()},
        {"receipt", receipt()},
        {"tree_change", tree_change()},
        {"isolation", isolation()},
        {"series", SeriesRecord{.name = "load",
                                .question = "avg(load1) by rack",
                                .every = milliseconds{15'000},
                                .keep = milliseconds{604'800'000}}},
    };
}

Samples<Event> events() {
    return {{"event", Event{.id = 43,
                            .revision = 2,
                            .time = UnixMillis{1'700'000'000'789},
                            .kind = "host.lost",
                            .hosts = hosts(7, 9),
                            .cause = "crashed",
                            .evidence = {{"parent", "n3"}, {"silent", "2.5 s"}},
                            .cell = CellId{2},
                            .generation = 17}}};
}

}  // namespace coppice::compat
