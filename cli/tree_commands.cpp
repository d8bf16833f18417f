// tree, tree check: the shape of a cell.

#include <iostream>

#include "cli/commands.h"
#include "cli/render.h"

namespace coppice::cli {
namespace {

/// One line, when the tree follows failure domains.
std::string crossings_text(const Json& tree) {
    if (tree.at("domain_path").empty()) return {};
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
    const auto tree = session.get("/v1/tree");
    if (!tree) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*tree);
        return success;
    }
    std::cout << "cell " << tree->at("cell").get<std::string>() << ", generation "
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

}  // namespace

std::vector<Command> tree_commands() {
    return {asking({.words = "tree", .usage = "", .summary = "the tree, leaves folded"}, tree),
            asking({.words = "tree check",
                    .usage = "",
                    .summary = "what is broken in the tree; exit 1 if anything is"},
                   check)};
}

}  // namespace coppice::cli
