// Domains form a tree, one level for each key of the path.

#include "manager/domains.h"

#include <utility>

namespace coppice {

Domains::Domains(std::vector<std::string> path) : path_{std::move(path)}, nesting_(1), names_(1) {}

Domains::Id Domains::of(const Labels& labels) {
    Id domain = fleet;
    for (const std::string& key : path_) {
        const auto label = labels.find(key);
        if (label == labels.end()) break;
        const auto known = names_[domain].inner.find(label->second);
        if (known != names_[domain].inner.end()) {
            domain = known->second;
            continue;
        }
        const Id next = static_cast<Id>(nesting_.size());
        names_[domain].inner.emplace(label->second, next);
        nesting_.push_back({.outer = domain, .level = level(domain) + 1});
        names_.push_back({.value = label->second, .inner = {}});
        domain = next;
    }
    return domain;
}

Domains::Id Domains::at(Id domain, Level level) const {
    while (nesting_[domain].level > level) domain = nesting_[domain].outer;
    return domain;
}

Domains::Level Domains::common(Id one, Id other) const {
    if (one == other) return level(one);
    one = at(one, level(other));
    other = at(other, level(one));
    while (one != other) {
        one = outer(one);
        other = outer(other);
    }
    return level(one);
}

std::string Domains::text(Id domain) const {
    if (domain == fleet) return "the fleet";
    std::string text = path_[level(domain) - 1] + '=' + names_[domain].value;
    return outer(domain) == fleet ? text : this->text(outer(domain)) + ',' + text;
}

}  // namespace coppice
