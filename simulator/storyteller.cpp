// The commands of scenarios.
#include "simulator/storyteller.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "common/hostlist.h"
#include "common/limits.h"
#include "simulator/plan_text.h"

namespace coppice {

namespace {

using Lines = Storyteller::Lines;
using Words = std::vector<std::string>;

constexpr std::uint64_t hosts_max = 1'000'000;
constexpr std::uint64_t loss_percent_max = 90;

Lines mistake(const std::string& sentence) { return {"error: " + sentence}; }

Words split(const std::string& line) {
    std::istringstream stream{line};
    Words words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<Duration> duration(std::string_view text) {
    constexpr std::uint64_t count_max = 1'000'000;  // of seconds: more than a week
    const bool is_millis = text.ends_with("ms");
    if (!text.ends_with("s")) return std::nullopt;
    text.remove_suffix(is_millis ? 2 : 1);
    const std::optional<std::uint64_t> count = number(text);
    if (!count.has_value() || *count > count_max) return std::nullopt;
    return std::chrono::milliseconds{*count * (is_millis ? 1 : 1000)};
}

/// Takes "deadline TIME" off the words and returns the time; zero: it is not there, or no time.
Duration take_deadline(Words& words) {
    const auto found = std::find(words.begin(), words.end(), "deadline");
    if (found == words.end() || found + 1 == words.end()) return {};
    const Duration deadline = duration(*(found + 1)).value_or(Duration{});
    words.erase(found, found + 2);
    return deadline;
}

/// Takes "where SELECTOR" off the end of the words and returns the selector.
std::string take_selector(Words& words) {
    const auto where = std::find(words.begin(), words.end(), "where");
    std::string selector;
    for (auto word = where; word != words.end(); ++word)
        if (word != where) selector += (selector.empty() ? "" : " ") + *word;
    words.erase(where, words.end());
    return selector;
}

std::string joined(const Words& words, std::size_t first) {
    std::string text;
    for (std::size_t i = first; i < words.size(); ++i) text += (i == first ? "" : " ") + words[i];
    return text;
}

void show_below(const TreeView& tree, const std::string& parent, std::size_t indent, Lines& lines) {
    for (const TreeNodeView& node : tree.nodes) {
        if (node.parent != parent) continue;
        lines.push_back(std::string(indent, ' ') + node.host + ' ' + text_of(node.role) + ' ' +
                        text_of(node.state, Cause::none));
        show_below(tree, node.host, indent + 2, lines);
    }
}

/// The rows that tell of deaths, by their ids.
Lines losses(const Manager& manager) {
    std::map<std::uint64_t, std::string> rows;
    for (const EventView& view : manager.events(0, limits::events_in_memory_max)) {
        const Event& event = view.event;
        if (event.kind == "host.lost" && !event.hosts.empty())
            rows[event.id] = event.kind + ' ' + manager.names(event.hosts) + ' ' + event.cause;
        if (event.kind == "hosts.lost")
            rows[event.id] =
                event.kind + ' ' + manager.names(event.hosts) + ' ' + event.evidence.at("story");
    }
    Lines lines;
    for (const auto& [id, row] : rows) lines.push_back(row);
    return lines;
}

/// Stories ask for numbers, and have parts reduced to some.
std::string value_text(const QueryValue& value) {
    if (const auto* parts = std::get_if<Parts>(&value)) {
        std::string text;
        for (const Parts::Part& part : parts->parts)
            text += (text.empty() ? "" : " and ") + std::to_string(number_in(part.bytes));
        return text;
    }
    const auto* number = std::get_if<double>(&value);
    if (number == nullptr) return "nothing";
    std::ostringstream text;
    text << *number;
    return text.str();
}

}  // namespace

Lines Storyteller::tell(const std::string& command) {
    const Words words = split(command);
    static const std::map<std::string, Lines (Storyteller::*)(const Words&)> commands{
        {"run", &Storyteller::pass_time},       {"settle", &Storyteller::pass_time},
        {"idle", &Storyteller::pass_time},      {"trace", &Storyteller::pass_time},
        {"start", &Storyteller::disturb},       {"crash", &Storyteller::disturb},
        {"stop", &Storyteller::disturb},        {"pause", &Storyteller::disturb},
        {"resume", &Storyteller::disturb},      {"unplug", &Storyteller::disturb},
        {"plug", &Storyteller::disturb},        {"power_off", &Storyteller::disturb},
        {"power_on", &Storyteller::disturb},    {"cut", &Storyteller::partition},
        {"heal", &Storyteller::partition},      {"refuse", &Storyteller::refuse},
        {"push", &Storyteller::push},           {"query", &Storyteller::query},
        {"reducer", &Storyteller::set_reducer}, {"drain", &Storyteller::drain},
        {"undrain", &Storyteller::drain},       {"tree", &Storyteller::show},
        {"receipts", &Storyteller::show},       {"history", &Storyteller::history},
        {"losses", &Storyteller::show},         {"check", &Storyteller::show},
        {"changes", &Storyteller::show},        {"plan", &Storyteller::reshape},
        {"apply", &Storyteller::reshape},       {"rollback", &Storyteller::reshape},
    };
    if (words.empty()) return {};
    if (words[0] == "hosts") return make_fleet(words);
    if (fleet_ == nullptr) return mistake("The first command is \"hosts\".");
    const auto known = commands.find(words[0]);
    if (known == commands.end()) return mistake("There is no command \"" + words[0] + "\".");
    return (this->*known->second)(words);
}

Lines Storyteller::make_fleet(const Words& words) {
    FleetOptions options;
    std::vector<std::string> absent;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        const std::optional<std::uint64_t> value = number(words[i + 1]);
        const auto is_within = [&](const char* option, std::uint64_t low, std::uint64_t high) {
            return words[i] == option && value.has_value() && *value >= low && *value <= high;
        };
        if (words[i] == "without") {
            const Result<std::vector<std::string>> names = expand_host_list(words[i + 1]);
            if (!names.ok()) return mistake(names.error().message);
            absent = names.value();
        } else if (is_within("loss", 0, loss_percent_max)) {
            options.network.loss = static_cast<double>(*value) / 100;
        } else if (is_within("hosts", 0, hosts_max)) {
            options.hosts = static_cast<std::uint32_t>(*value);
        } else if (is_within("fanout", limits::fanout_min, limits::fanout_max)) {
            options.fanout = static_cast<std::uint32_t>(*value);
        } else if (is_within("racks", 1, hosts_max)) {
            options.racks = static_cast<std::uint32_t>(*value);
        } else if (words[i] == "seed" && value.has_value()) {
            options.seed = *value;
        } else {
            return mistake("\"" + words[i] + ' ' + words[i + 1] +
                           "\" is no option of a fleet, or out of its range.");
        }
    }
    narrator_.reset();
    fleet_ = std::make_unique<Fleet>(options);
    narrator_ = std::make_unique<Narrator>(*fleet_);
    std::set<HostIndex> absent_hosts;
    for (const std::string& name : absent)
        if (const std::optional<HostIndex> found = host(name)) absent_hosts.insert(*found);
    fleet_->start(std::chrono::milliseconds{50}, absent_hosts);
    return {};
}

Lines Storyteller::pass_time(const Words& words) {
    const std::optional<Duration> time = words.size() == 2 ? duration(words[1]) : std::nullopt;
    if (!time.has_value()) return mistake("Say how long, as in \"" + words[0] + " 2s\".");
    if (words[0] == "run") return narrator_->run_for(*time);
    if (words[0] == "trace") {
        Lines lines;
        fleet_->world().trace().set_sink(
            [&lines](const std::string& line) { lines.push_back(line); });
        const Lines news = narrator_->run_for(*time);
        fleet_->world().trace().set_sink({});
        lines.insert(lines.end(), news.begin(), news.end());
        return lines;
    }
    if (words[0] == "idle") {
        const std::uint64_t writes = fleet_->store_writes();
        Lines lines = narrator_->run_for(*time);
        lines.push_back(std::to_string(fleet_->store_writes() - writes) + " writes");
        return lines;
    }
    Lines lines;
    const Instant end = fleet_->world().now() + *time;
    while (fleet_->world().now() < end) {
        for (std::string& line : narrator_->run_for(std::chrono::milliseconds{100}))
            lines.push_back(std::move(line));
        if (fleet_->is_settled()) return lines;
    }
    lines.emplace_back("not at rest:");
    for (std::string& line : check()) lines.push_back(std::move(line));
    return lines;
}

std::optional<HostIndex> Storyteller::host(const std::string& word) const {
    return word == "root" ? fleet_->root() : fleet_->find(word);
}

Lines Storyteller::disturb(const Words& words) {
    const std::optional<HostIndex> chosen = words.size() == 2 ? host(words[1]) : std::nullopt;
    if (!chosen.has_value()) return mistake("Name a host, as in \"" + words[0] + " n001\".");
    static const std::map<std::string, void (Fleet::*)(HostIndex)> actions{
        {"start", &Fleet::start_host},  {"crash", &Fleet::crash},
        {"stop", &Fleet::stop},         {"pause", &Fleet::pause},
        {"resume", &Fleet::resume},     {"unplug", &Fleet::unplug},
        {"plug", &Fleet::plug},         {"power_off", &Fleet::power_off},
        {"power_on", &Fleet::power_on},
    };
    const bool is_down = fleet_->world().host(*chosen).phase() == VirtualHost::Phase::down;
    const bool is_start = words[0] == "start" || words[0] == "power_on";
    if (is_down != is_start && words[0] != "plug" && words[0] != "unplug")
        return mistake(words[1] + (is_down ? " is down." : " runs already."));
    (*fleet_.*actions.at(words[0]))(*chosen);
    if (words[1] != "root") return {};
    return {words[0] + ' ' + fleet_->world().host(*chosen).name()};
}

Lines Storyteller::partition(const Words& words) {
    const std::optional<HostIndex> from = words.size() == 3 ? host(words[1]) : std::nullopt;
    const std::optional<HostIndex> to = words.size() == 3 ? host(words[2]) : std::nullopt;
    if (!from.has_value() || !to.has_value())
        return mistake("Name two hosts, as in \"" + words[0] + " n001 n002\".");
    if (words[0] == "cut")
        fleet_->cut(*from, *to);
    else
        fleet_->heal(*from, *to);
    return {};
}

Lines Storyteller::refuse(const Words& words) {
    const std::optional<HostIndex> chosen = words.size() > 2 ? host(words[1]) : std::nullopt;
    if (!chosen.has_value())
        return mistake("Say \"refuse HOST TOPIC REASON\"; without a reason it refuses no more.");
    fleet_->world().host(*chosen).refuse(words[2], joined(words, 3));
    return {};
}

Lines Storyteller::push(const Words& given) {
    Words words = given;
    PushCommand command{.selector = take_selector(words)};
    command.deadline = take_deadline(words);
    if (words.size() < 3)
        return mistake("Say \"push TOPIC TEXT [deadline TIME] [where SELECTOR]\".");
    command.topic = words[1];
    const std::string text = joined(words, 2);
    command.payload.assign(text.begin(), text.end());
    const Answer answer = fleet_->ask(command);
    if (const auto* problem = std::get_if<Problem>(&answer)) return {problem->detail};
    return {"push " + std::to_string(std::get<PushAccepted>(answer).push.value) + " accepted"};
}

Lines Storyteller::query(const Words& words) {
    const Answer answer = fleet_->ask(QueryCommand{.question = joined(words, 1)});
    if (const auto* problem = std::get_if<Problem>(&answer)) return {problem->detail};
    const auto& answered = std::get<QueryAnswered>(answer);
    std::string line = "answer";
    for (const QueryAnswered::Row& row : answered.rows) {
        for (const std::string& text : row.key) line += ' ' + text;
        if (!row.key.empty()) line += ':';
        for (const QueryValue& value : row.values) line += ' ' + value_text(value);
    }
    line += " of " + std::to_string(answered.included.size()) + " hosts";
    const HostSet missing = answered.target - answered.included;
    if (!missing.empty() && fleet_->manager() != nullptr)
        line += ", missing " + fleet_->manager()->names(missing);
    Lines lines{line};
    for (const std::string& note : answered.notes) lines.push_back("  " + note);
    return lines;
}

Lines Storyteller::set_reducer(const Words& words) {
    const std::optional<HostIndex> chosen = words.size() == 3 ? host(words[1]) : std::nullopt;
    const std::optional<ReducerMood> mood =
        chosen.has_value() ? reducer_mood(words[2]) : std::nullopt;
    if (!mood.has_value())
        return mistake(
            "Say \"reducer HOST works\", or throws, talks_too_much, is_late, hangs, "
            "is_absent.");
    fleet_->world().host(*chosen).set_reducer(*mood);
    return {};
}

Lines Storyteller::drain(const Words& words) {
    if (words.size() != 2) return mistake("Name a host, as in \"" + words[0] + " n001\".");
    const std::optional<HostIndex> chosen = host(words[1]);
    if (!chosen.has_value()) return mistake("There is no host \"" + words[1] + "\".");
    const std::string& name = fleet_->world().host(*chosen).name();
    const Answer answer = fleet_->ask(
        DrainCommand{.host = name, .is_drained = words[0] == "drain", .reason = "scenario"});
    if (const auto* problem = std::get_if<Problem>(&answer)) return {problem->detail};
    return {words[0] + ' ' + name + " accepted"};
}

Lines Storyteller::show(const Words& words) {
    if (words[0] == "check") {
        const Lines broken = check();
        return broken.empty() ? Lines{"all is well"} : broken;
    }
    const Manager* manager = fleet_->manager();
    if (manager == nullptr) return {"the manager is down"};
    Lines lines;
    if (words[0] == "receipts") {
        for (const ReceiptView& receipt : manager->pushes())
            lines.push_back(text_of(receipt, *manager));
        return lines;
    }
    if (words[0] == "losses") return losses(*manager);
    if (words[0] == "changes")
        return lines_of(
            manager->tree_history(UnixMillis::min(), limits::generations_in_history_max));
    const TreeView tree = manager->tree();
    lines.push_back("depth " + std::to_string(tree.depth) + ", most children " +
                    std::to_string(tree.max_children));
    show_below(tree, "", 0, lines);
    return lines;
}

Lines Storyteller::history(const Words& words) {
    const std::optional<HostIndex> chosen = words.size() == 2 ? host(words[1]) : std::nullopt;
    if (!chosen.has_value()) return mistake("Name a host, as in \"history n001\".");
    VirtualStore& store = fleet_->world().host(Fleet::manager_index).store();
    const std::string& name = fleet_->world().host(*chosen).name();
    std::map<HostId, std::string> names;
    HostId id;
    for (const HostRecord& record : store.all<HostRecord>()) {
        names[record.id] = record.name;
        if (record.name == name) id = record.id;
    }
    Lines lines;
    const auto rows = store.timeline(id, UnixMillis::min(), timeline_rows_max);
    for (const TimelineRow& row : *rows) {
        const Instant from{row.from - fleet_->unix_time(Instant{})};
        const HostCondition& was = row.condition;
        const bool is_above = was.role.value_or(Role::leaf) != Role::leaf;
        lines.push_back("from " + text_of(from) + ' ' + text_of(was.state, was.cause) +
                        (is_above ? std::string{", "} + text_of(*was.role) : "") +
                        (was.parent == HostId{} ? "" : " below " + names[was.parent]) +
                        (was.is_drained ? ", drained" : ""));
    }
    return lines;
}

/// plan [BOUND], apply [BOUND], apply planned, rollback GENERATION [BOUND].
Lines Storyteller::reshape(const Words& given) {
    Words words = given;
    const bool is_planned = words.size() == 2 && words[1] == "planned";
    if (is_planned) words.pop_back();
    const std::optional<std::uint64_t> generation =
        words[0] == "rollback" && words.size() > 1 ? number(words[1]) : std::nullopt;
    if (words[0] == "rollback" && !generation)
        return mistake("Say to which generation, as in \"rollback 5\".");
    const std::size_t bound_at = words[0] == "rollback" ? 2 : 1;
    Result<MovesBound> bound = parse_moves_bound(words.size() > bound_at ? words[bound_at] : "");
    if (!bound.ok()) return mistake(bound.error().message);
    if (is_planned) bound = planned_bound_;
    const Manager* manager = fleet_->manager();
    if (manager == nullptr) return {"the manager is down"};
    PlanOutcome outcome = planned_;
    if (words[0] == "plan") {
        outcome = manager->rebalance_plan(*bound);
    } else {
        const std::string digest = is_planned ? planned_.digest : std::string{};
        const Answer answer =
            generation ? fleet_->ask(RollBackCommand{.generation = *generation, .bound = *bound})
                       : fleet_->ask(ReshapeCommand{.bound = *bound, .digest = digest});
        if (const auto* problem = std::get_if<Problem>(&answer)) outcome = *problem;
        if (const auto* reshaped = std::get_if<Reshaped>(&answer)) outcome = reshaped->plan;
    }
    if (const auto* problem = std::get_if<Problem>(&outcome)) return {problem->detail};
    planned_ = std::get<TreePlan>(outcome);
    planned_bound_ = *bound;
    return lines_of(planned_, *manager);
}

Lines Storyteller::check() const {
    const Snapshot snapshot = fleet_->snapshot();
    Lines broken = check_settled(snapshot);
    for (std::string& sentence : check_always(snapshot)) broken.push_back(std::move(sentence));
    for (const std::string& fault : fleet_->world().trace().faults()) broken.push_back(fault);
    return broken;
}

}  // namespace coppice
