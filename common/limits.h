#pragma once
// Every limit of Coppice in one place; each says what happens when it is reached.

#include <cstddef>
#include <cstdint>

namespace coppice::limits {

/// A frame on the control lane; larger ones are dropped before parsing and counted.
inline constexpr std::size_t frame_bytes_max = 1024UL * 1024;
/// A push payload; larger ones are refused at the API.
inline constexpr std::size_t payload_bytes_max = 64UL * 1024;
/// Pushed bytes that a parent has under way to one child before it waits for "held".
inline constexpr std::size_t unheld_bytes_max = 128UL * 1024;
/// The same to all of its children; those that would exceed it wait for their turn.
inline constexpr std::size_t unheld_bytes_in_all_max = 16UL * 1024 * 1024;
/// Topics of a fleet; a push of one more is refused at the API.
inline constexpr std::size_t topics_max = 256;
/// Rules of one topic that are in force or wait; one more takes the place of the oldest that no
/// host is under, or is refused when there is none.
inline constexpr std::size_t rules_per_topic_max = 64;
/// Pushes that carry one rule, or withdraw from one topic, at a time; the next takes over the hosts
/// of half of them.
inline constexpr std::size_t pushes_per_rule_max = 8;
/// Payloads of one topic, and bytes of them in all, that are kept to be brought back after they
/// were replaced; the oldest go first.
inline constexpr std::size_t former_versions_max = 8;
inline constexpr std::size_t former_bytes_max = 16UL * 1024 * 1024;
/// Payload bytes of all pushes in force: what each interior host holds at most; refused at the API.
inline constexpr std::size_t held_bytes_max = 16UL * 1024 * 1024;
/// Changes of sets in one heartbeat; the rest waits for the next, so that a frame stays well below
/// frame_bytes_max.
inline constexpr std::size_t set_reports_bytes_max = 256UL * 1024;
/// Facts in one heartbeat; the rest waits for the acknowledgement of the first.
inline constexpr std::size_t facts_per_heartbeat_max = 512;
/// Distinct refusal reasons of one push that travel; further ones are folded into "other".
inline constexpr std::size_t refusal_reasons_max = 8;
inline constexpr std::size_t refusal_reason_bytes_max = 200;

/// Hosts in one set that comes as bytes; larger ones are refused as malformed.
inline constexpr std::size_t hosts_max = 16UL * 1024 * 1024;
inline constexpr std::size_t name_bytes_max = 253;
inline constexpr std::size_t topic_bytes_max = 128;
inline constexpr std::size_t labels_max = 32;
/// Keys of the path of failure domains.
inline constexpr std::size_t domain_keys_max = 4;
inline constexpr std::size_t label_key_bytes_max = 63;
inline constexpr std::size_t label_value_bytes_max = 255;
inline constexpr std::size_t addresses_max = 8;
inline constexpr std::size_t address_bytes_max = 255;
inline constexpr std::size_t selector_bytes_max = 4096;
inline constexpr std::size_t selector_depth_max = 32;
inline constexpr std::size_t host_list_hosts_max = 1'000'000;
inline constexpr std::size_t measurements_max = 64;

/// A greater value, of either sign, counts as none: sums over all hosts stay finite.
inline constexpr double measurement_magnitude_max = 0x1p64;
/// The text of a question; a longer one is refused before it is read.
inline constexpr std::size_t question_bytes_max = 8192;
inline constexpr std::size_t question_depth_max = 32;
/// Folds of one question, and the sketches among them; one more is refused. A reduce() takes the
/// room of four.
inline constexpr std::size_t folds_max = 32;
inline constexpr std::size_t sketches_max = 8;
/// A contribution to reduce(), or what a reducer makes of several; a daemon is told that a larger
/// one is too long.
inline constexpr std::size_t part_bytes_max = 16UL * 1024;
/// What a frame has of a part besides its bytes, about.
inline constexpr std::size_t part_fixed_bytes = 24;
/// Parts of one reduce() in a frame, and as many as a reducer gets at once; those beyond are
/// dropped, and their hosts counted.
inline constexpr std::size_t parts_bytes_max = 256UL * 1024;
/// The same where they come together, before a reducer has had them.
inline constexpr std::size_t parts_gathered_bytes_max = 1024UL * 1024;
/// Contributions of the daemons of one host; one more is refused.
inline constexpr std::size_t contributions_max = 16;
/// Names that one daemon reduces; a daemon with more is refused.
inline constexpr std::size_t reducers_per_daemon_max = 16;
/// Parts that wait for daemons of a host; of more nothing is made, and their reducer has failed.
inline constexpr std::size_t reductions_waiting_max = 64;
/// Hosts that top() and bottom() name.
inline constexpr std::uint16_t ranking_max = 100;
/// Labels or facts by which one question groups.
inline constexpr std::size_t group_keys_max = 4;
/// What the groups of one partial take at most; the last ones in order of their keys make one.
inline constexpr std::size_t groups_bytes_max = 512UL * 1024;
inline constexpr std::size_t fact_bytes_max = 255;
/// Series of a fleet; one more is refused. Their windows and the questions of people share what a
/// host has open.
inline constexpr std::size_t series_max = 16;
inline constexpr std::size_t series_name_bytes_max = 63;
/// Groups of one window that a series keeps, by their keys; the rest is counted.
inline constexpr std::size_t series_groups_max = 1000;
/// What the windows of one series take in a store, about; the oldest go before their time.
inline constexpr std::size_t series_bytes_max = 256UL * 1024 * 1024;

// What a frame or a statement may hold at most; one that holds more is refused as malformed.
inline constexpr std::size_t measurement_name_bytes_max = 63;
inline constexpr std::size_t sentence_bytes_max = 4096;
inline constexpr std::size_t secret_bytes_max = 256;
/// Spares, or managers, of one order.
inline constexpr std::size_t peers_max = 64;
/// Pushes in one heartbeat's list of what is held.
inline constexpr std::size_t held_max = topics_max * rules_per_topic_max;
/// Sets in one heartbeat, and of one child: members, per push applied, refused by reason, "other".
/// Of a push, see StageTimes: two a level of the tree.
inline constexpr std::size_t stages_max = 64;
/// Pushes whose stages a host remembers, its own and those of each child.
inline constexpr std::size_t recent_times_max = 16;
inline constexpr std::size_t sets_per_heartbeat_max = 1 + held_max * (2 + refusal_reasons_max);
/// A row of a store; a larger one is refused as damaged.
inline constexpr std::size_t record_bytes_max = 64UL * 1024 * 1024;

/// A message between daemons of neighbouring hosts; its sender is told that a larger one is too
/// long.
inline constexpr std::size_t local_message_bytes_max = 4096;
inline constexpr std::size_t channel_bytes_max = 63;
/// What the daemons of one host may send on one link: so much at once, and so much a second; the
/// sender of more is told that it is too much. A short message counts as 1 KiB, since a link queues
/// frames: so heartbeats wait for 64 of them at most.
inline constexpr std::size_t local_messages_burst_bytes = 64UL * 1024;
inline constexpr std::size_t local_messages_bytes_per_s = 64UL * 1024;
inline constexpr std::size_t local_message_cost_min = 1024;
/// Messages that an agent has not sent yet; the sender of one more is told that it is too busy.
inline constexpr std::size_t local_messages_unsent_max = 64;
/// Messages of neighbours that no stream was given yet; further ones are lost.
inline constexpr std::size_t local_heard_bytes_max = 1024UL * 1024;

inline constexpr std::uint32_t fanout_min = 2;
inline constexpr std::uint32_t fanout_max = 2048;

/// Links between the root and any host; a path that is longer is refused as malformed.
inline constexpr std::size_t depth_max = 32;
/// Windows that a host has open at one time; of one more its hosts are missing.
inline constexpr std::size_t open_windows_max = 64;
/// Questions of people that are open at one time; one more is refused at the API.
inline constexpr std::size_t open_questions_max = open_windows_max - series_max;
/// Join tokens that a manager knows; one more takes the place of one that can no longer be used, or
/// is refused when there is none.
inline constexpr std::size_t tokens_max = 4096;
/// Events that a manager keeps in memory for listings; older ones stay in the store.
inline constexpr std::size_t events_in_memory_max = 10'000;
/// Deaths among which a manager looks for what they have in common; with one more the window is
/// closed, and those that follow are told in a story of their own. About 200 bytes each.
inline constexpr std::size_t deaths_in_window_max = 131'072;
/// Moves of one plan of people; a share of the hosts is cut to it, a number above it is refused.
inline constexpr std::size_t moves_per_plan_max = 10'000;
/// Moves of one generation that its history holds one by one, 16 bytes each; the rest is counted.
inline constexpr std::size_t moves_per_generation_max = 10'000;
/// Generations, and moves in all of them, that the history of the tree holds; the oldest
/// generations make room.
inline constexpr std::size_t generations_in_history_max = 1000;
inline constexpr std::size_t moves_in_history_max = 100'000;
/// Values of labels of which a manager counts the hosts; beyond these the label with the most
/// values explains no deaths any more. About 150 bytes each.
inline constexpr std::size_t label_values_counted_max = 200'000;

}  // namespace coppice::limits
