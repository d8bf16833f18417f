#pragma once
// Boolean expressions over host names and labels:
//   key=value  key!=value  key in (a,b)  has(key)  host in n[1-9]  host=n1  !  &&  ||  ( )
// `host` is the host's name; a host without the label also satisfies key!=value. The empty
// expression selects every host.

#include <memory>
#include <string_view>

#include "common/labels.h"
#include "common/result.h"

namespace coppice {

class Selector {
public:
    /// An error names the mistake and points at its character, counted from one, after `offset`
    /// further ones of a text that this one ends.
    [[nodiscard]] static Result<Selector> parse(std::string_view text, std::size_t offset = 0);

    [[nodiscard]] bool selects_all() const { return expression_ == nullptr; }
    [[nodiscard]] bool matches(std::string_view name, const Labels& labels) const;

    struct Expression;  // defined in selector.cpp

private:
    std::shared_ptr<const Expression> expression_;  // null selects every host
};

}  // namespace coppice
