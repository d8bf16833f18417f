// tree, tree check, tree plan, apply, history, rollback: the shape of a cell, and changes of it.

#include <algorithm>
#include <charconv>
#include <iostream>
#include <map>

#include "cli/commands.h"
#include "cli/history.h"
#include "cli/render.h"
#include "common/hostlist.h"
#include "common/tree_plan.h"
#include "runtime/clock.h"
#include "runtime/time_text.h"

namespace coppice::cli {
namespace {

/// One line, when the tree follows failure domains.
std::string crossings_text(const Json& tree) {
    if (!tree.contains("domain_path") || tree.at("domain_path").empty()) return {};
    const Json& crossings = tree.at("crossings");
    std::string text = counted(crossings.at("links").get<std::uint64_t>(), "link") +
                       " between failure domains, " + crossings.at("needless").dump() +
                       " needless (";
    for (const Json& key : tree.at("domain_path")) {
        const auto& name = key.get_ref<const std::string&>();
        text += (text.ends_with('(') ? "" : ", ") + crossings.at("leaving").at(name).dump() +
                " out of a " + name;
    }
    return text + ")\n";
}

int tree(Session& session) {
    std::string path = "/v1/tree";
    const bool is_past = session.options().is_set("at");
    if (is_past) {
        const Result<UnixMillis> at = past_of(session, "at");
        if (!at.ok()) return session.misused(at.error().message);
        path += "?at=" + escaped(time_text(*at));
    }
    const auto tree = session.get(path);
    if (!tree) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*tree);
        return success;
    }
    if (is_past && tree->at("root") == "") {
        std::cout << "there was no root then\n";
        return success;
    }
    std::cout << "cell " << tree->at("cell").get<std::string>()
              << (is_past ? " at " + tree->at("at").get<std::string>() : "") << ", generation "
              << tree->at("generation") << ", depth " << tree->at("depth") << ", at most "
              << tree->at("max_children") << " children\n"
              << crossings_text(*tree) << tree_text(*tree, wants_colours());
    return success;
}

int check(Session& session) {
    const auto report = session.get("/v1/tree/check");
    if (!report) return session.exit_code();
    const Json& faults = report->at("faults");
    if (session.wants_json()) {
        Session::print(*report);
    } else if (faults.empty()) {
        std::cout << "the tree is sound\n";
    } else {
        for (const Json& fault : faults) std::cout << fault.get<std::string>() << '\n';
    }
    return faults.empty() ? success : answer_is_no;
}

// --- plans --------------------------------------------------------------------------------------

std::string fraction_text(const Json& number) {
    return number.is_number_float() ? number_text(number.get<double>()) : number.dump();
}

/// What each figure was and will be.
std::string figures_text(const Json& plan) {
    Table table{{"", "BEFORE", "AFTER"}};
    for (const auto& [field, before] : plan.at("before").items()) {
        std::string name = field;
        std::replace(name.begin(), name.end(), '_', ' ');
        table.add({name, fraction_text(before), fraction_text(plan.at("after").at(field))});
    }
    return table.text();
}

/// Moves with the same reason and the same way as one line with a host list.
std::string moves_text(const Json& moves) {
    constexpr std::size_t names_max = 12;  // of parents, before they are counted
    struct Group {
        std::vector<std::string> hosts;
        std::vector<std::string> from;
        std::vector<std::string> to;
    };
    std::map<std::string, Group> groups;
    for (const Json& move : moves) {
        Group& group = groups[move.at("why").get<std::string>()];
        group.hosts.push_back(move.at("host").get<std::string>());
        group.from.push_back(move.at("old_parent").get<std::string>());
        group.to.push_back(move.at("new_parent").get<std::string>());
    }
    const auto shown = [](std::vector<std::string> names) {
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        return names.size() > names_max ? counted(names.size(), "parent")
                                        : fold_host_list(std::move(names));
    };
    Table table{{"HOSTS", "MOVE", "FROM", "TO", "WHY"}};
    for (auto& [why, group] : groups)
        table.add({std::to_string(group.hosts.size()), fold_host_list(group.hosts),
                   shown(std::move(group.from)), shown(std::move(group.to)), why});
    return table.text();
}

std::string names_text(const Json& names) {
    std::vector<std::string> list;
    for (const Json& name : names) list.push_back(name.get<std::string>());
    return fold_host_list(std::move(list));
}

/// What has to be known of a plan, whether it was applied or not.
void show_plan(const Json& plan) {
    if (!plan.at("moves").empty()) std::cout << moves_text(plan.at("moves")) << '\n';
    if (!plan.at("promoted").empty())
        std::cout << "becomes a branch: " << names_text(plan.at("promoted")) << '\n';
    if (!plan.at("dissolved").empty())
        std::cout << "becomes a leaf: " << names_text(plan.at("dissolved")) << '\n';
    if (!plan.at("cannot").empty())
        std::cout << "cannot go back:\n" << moves_text(plan.at("cannot")) << '\n';
    if (!plan.at("moves").empty()) std::cout << figures_text(plan);
    if (plan.at("bounded").get<bool>())
        std::cout << "the bound of " << counted(plan.at("moves_max").get<std::uint64_t>(), "move")
                  << " is reached: there is more to do\n";
}

std::string generations_text(const Json& plan) {
    return "generation " + plan.at("from").dump() + " -> " + plan.at("to").dump() + ", " +
           counted(plan.at("moves").size(), "move");
}

/// The option as it is given again; empty when it was not.
std::string bound_words(const Session& session) {
    const std::string bound = session.options().text("moves-max");
    return bound.empty() ? "" : " --moves-max " + bound;
}

int show_proposal(const Session& session, const Json& plan, const std::string& apply_words) {
    if (session.wants_json()) {
        Session::print(plan);
        return success;
    }
    if (plan.at("moves").empty()) {
        std::cout << "there is nothing to move\n";
        show_plan(plan);
        return success;
    }
    std::cout << generations_text(plan) << ", if it is applied\n\n";
    show_plan(plan);
    std::cout << "\napply it with: coppice " << apply_words << ' '
              << plan.at("digest").get<std::string>() << bound_words(session) << '\n';
    return success;
}

int show_applied(const Session& session, const Json& plan) {
    if (session.wants_json()) {
        Session::print(plan);
        return success;
    }
    if (plan.at("moves").empty()) {
        std::cout << "there was nothing to move\n";
    } else {
        std::cout << generations_text(plan) << "; the hosts are on their way\n\n";
    }
    show_plan(plan);
    return success;
}

/// Of the options; a sentence when the bound is none.
std::string bound_mistake(const Session& session) {
    const Result<MovesBound> bound = parse_moves_bound(session.options().text("moves-max"));
    return bound.ok() ? std::string{} : "--moves-max: " + bound.error().message;
}

int plan(Session& session) {
    if (const std::string mistake = bound_mistake(session); !mistake.empty())
        return session.misused(mistake);
    const auto found =
        session.get("/v1/tree/plan?moves_max=" + escaped(session.options().text("moves-max")));
    return found ? show_proposal(session, *found, "tree apply") : session.exit_code();
}

int apply(Session& session) {
    if (const std::string mistake = bound_mistake(session); !mistake.empty())
        return session.misused(mistake);
    const Json body{{"digest", session.options().text("digest")},
                    {"moves_max", session.options().text("moves-max")}};
    const auto done =
        session.ask({.method = "POST", .path = "/v1/tree/apply", .body = body.dump()});
    return done ? show_applied(session, *done) : session.exit_code();
}

int roll_back(Session& session) {
    if (const std::string mistake = bound_mistake(session); !mistake.empty())
        return session.misused(mistake);
    const std::string& text = session.options().text("generation");
    std::uint64_t generation = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), generation);
    if (error != std::errc{} || end != text.data() + text.size())
        return session.misused("\"" + text +
                               "\" is no generation; `coppice tree history` lists them");
    const bool is_dry_run = session.options().is_set("dry-run");
    const Json body{{"generation", generation},
                    {"digest", session.options().text("digest")},
                    {"moves_max", session.options().text("moves-max")},
                    {"dry_run", is_dry_run}};
    const auto done =
        session.ask({.method = "POST", .path = "/v1/tree/rollback", .body = body.dump()});
    if (!done) return session.exit_code();
    return is_dry_run ? show_proposal(session, *done, "tree rollback " + text)
                      : show_applied(session, *done);
}

// --- history ------------------------------------------------------------------------------------

int history(Session& session) {
    const std::string since = session.options().text("since");
    if (!since.empty())
        if (const Result<UnixMillis> time = parse_time(since, unix_now()); !time.ok())
            return session.misused("--since: " + time.error().message);
    const Result<std::uint64_t> count = session.options().number("count");
    if (!count.ok()) return session.misused(count.error().message);
    const auto changes = session.get("/v1/tree/history?since=" + escaped(since) +
                                     "&count=" + std::to_string(*count));
    if (!changes) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*changes);
        return success;
    }
    if (changes->empty()) std::cout << "nothing has changed in the tree\n";
    for (const Json& change : *changes) {
        const auto more = change.at("moves_more").get<std::uint64_t>();
        std::cout << change.at("time").get<std::string>() << "  " << change.at("from") << " -> "
                  << change.at("to") << "  " << change.at("cause").get<std::string>() << '\n';
        if (!change.at("moves").empty()) std::cout << moves_text(change.at("moves"));
        if (more > 0)
            std::cout << "and " << counted(more, "move") << " of which only the number is kept\n";
    }
    return success;
}

}  // namespace

std::vector<Command> tree_commands() {
    const OptionSpec at{.name = "at",
                        .value_name = "TIME",
                        .help = "as it was then: 2h ago, or at '2024-05-01 12:00' (UTC)",
                        .is_in_file = false};
    const OptionSpec moves_max{.name = "moves-max",
                               .value_name = "5%|N",
                               .help =
                                   "at most so many hosts move: a share of them, and one at "
                                   "least, or a number; 5% when not given",
                               .is_in_file = false};
    const OptionSpec dry_run{
        .name = "dry-run", .help = "show the plan and move nobody", .is_in_file = false};
    const OptionSpec since{.name = "since",
                           .value_name = "TIME",
                           .help =
                               "only changes of the last 10m, 1h, 2d, or since a time such as "
                               "2024-05-01T12:00:00Z",
                           .is_in_file = false};
    const OptionSpec count{.name = "count",
                           .value_name = "N",
                           .default_value = "20",
                           .help = "only the newest so many generations",
                           .is_in_file = false};
    std::vector<Command> commands{
        asking({.words = "tree",
                .usage = "[--at TIME]",
                .summary = "the tree, leaves folded",
                .options = {at}},
               tree),
        asking({.words = "tree check",
                .usage = "",
                .summary = "what is broken in the tree; exit 1 if anything is"},
               check),
        asking({.words = "tree plan",
                .usage = "[--moves-max 5%]",
                .summary = "who would move to make the tree better, and why; nobody does by this",
                .options = {moves_max}},
               plan),
        asking({.words = "tree apply",
                .usage = "[DIGEST] [--moves-max 5%]",
                .summary = "apply that plan; with its digest only if it is still the same",
                .options = {moves_max}},
               apply),
        asking({.words = "tree history",
                .usage = "[--since 1h] [--count 20]",
                .summary = "generations in which hosts moved or got a place: who, when, why",
                .options = {since, count}},
               history),
        asking({.words = "tree rollback",
                .usage = "GENERATION [DIGEST] [--dry-run] [--moves-max 5%]",
                .summary = "take the moves after a generation back, as far as that can be done",
                .positionals = {"generation"},
                .options = {dry_run, moves_max}},
               roll_back)};
    for (Command& command : commands)
        if (command.words == "tree apply" || command.words == "tree rollback")
            command.program.optional_positional = "digest";
    return commands;
}

}  // namespace coppice::cli
