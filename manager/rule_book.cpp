#include "manager/rule_book.h"

#include <algorithm>

namespace coppice {
namespace {

void exclude(std::string& text, const std::string& selector) {
    if (!text.empty()) text += " && ";
    text += "!(" + selector + ")";
}

std::string grouped(const std::string& selector) {
    return selector.empty() ? std::string{} : "(" + selector + ")";
}

}  // namespace

Rule& RuleBook::open(PushId id, std::uint64_t rank, const std::string& selector) {
    if (Rule* known = find(id)) return *known;
    const auto place = std::find_if(rules_.begin(), rules_.end(),
                                    [rank](const Rule& other) { return other.rank > rank; });
    Result<Selector> parsed = Selector::parse(selector);
    std::optional<Selector> readable;
    if (parsed.ok()) readable = std::move(*parsed);
    return *rules_.insert(
        place,
        {.id = id, .rank = rank, .text = selector, .selector = std::move(readable), .pushes = {}});
}

void RuleBook::erase(PushId id) {
    std::erase_if(rules_, [id](const Rule& rule) { return rule.id == id; });
}

Rule* RuleBook::find(PushId id) {
    const auto found = std::find_if(rules_.begin(), rules_.end(),
                                    [id](const Rule& rule) { return rule.id == id; });
    return found == rules_.end() ? nullptr : &*found;
}

const Rule* RuleBook::find(PushId id) const {
    const auto found = std::find_if(rules_.begin(), rules_.end(),
                                    [id](const Rule& rule) { return rule.id == id; });
    return found == rules_.end() ? nullptr : &*found;
}

const Rule* RuleBook::find_text(std::string_view selector) const {
    const auto found = std::find_if(rules_.begin(), rules_.end(),
                                    [selector](const Rule& rule) { return rule.text == selector; });
    return found == rules_.end() ? nullptr : &*found;
}

const Rule* RuleBook::winner(const Subject& host) const {
    const auto found = std::find_if(rules_.rbegin(), rules_.rend(), [&host](const Rule& rule) {
        return rule.selector && rule.selector->matches(host.name, host.labels);
    });
    return found == rules_.rend() ? nullptr : &*found;
}

std::string RuleBook::precise(const Rule& rule) const {
    std::string text = grouped(rule.text);
    for (const Rule& other : rules_)
        if (other.rank > rule.rank) exclude(text, other.text);
    return text;
}

std::string RuleBook::orphans_of(const std::string& selector) const {
    std::string text = grouped(selector);
    for (const Rule& rule : rules_) exclude(text, rule.text);
    return text;
}

}  // namespace coppice
