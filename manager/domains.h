#pragma once
// Failure domains: what fails together. A path of label keys, outermost first, puts each host into
// one domain for each key: (site=a), in it (site=a, rack=r1). Domains have dense numbers, so that
// placement compares numbers and never text.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/labels.h"

namespace coppice {

class Domains {
public:
    using Id = std::uint32_t;
    using Level = std::uint32_t;

    /// The outermost domain, at level zero: every host is in it.
    static constexpr Id fleet = 0;

    /// `path` are at most `limits::domain_keys_max` keys; an empty one leaves only the fleet.
    explicit Domains(std::vector<std::string> path = {});

    [[nodiscard]] bool has_path() const { return !path_.empty(); }
    [[nodiscard]] const std::vector<std::string>& path() const { return path_; }

    /// The innermost domain of a host with these labels; numbered when it is new. The path is
    /// followed as far as the host has labels for it: a host with a rack and no site is in the
    /// fleet only. A number is never given to another domain.
    [[nodiscard]] Id of(const Labels& labels);

    /// How many keys of the path the domain is made of.
    [[nodiscard]] Level level(Id domain) const { return nesting_[domain].level; }
    /// The domain round it; the fleet's is the fleet.
    [[nodiscard]] Id outer(Id domain) const { return nesting_[domain].outer; }
    /// The domain of that level that it is or is in. Requires that its own is not smaller.
    [[nodiscard]] Id at(Id domain, Level level) const;
    /// The level of the innermost domain that both are in.
    [[nodiscard]] Level common(Id one, Id other) const;
    /// "site=a,rack=r1"; of the fleet "the fleet".
    [[nodiscard]] std::string text(Id domain) const;
    /// Domains so far, the fleet included.
    [[nodiscard]] std::size_t size() const { return nesting_.size(); }

private:
    struct Nesting {  // apart, since placement reads nothing else
        Id outer = fleet;
        Level level = 0;
    };
    struct Name {
        std::string value;
        std::map<std::string, Id, std::less<>> inner;  // by the value of the next key
    };

    std::vector<std::string> path_;
    std::vector<Nesting> nesting_;
    std::vector<Name> names_;
};

}  // namespace coppice
