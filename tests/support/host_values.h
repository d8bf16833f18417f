#pragma once
// A host with values of its own, for tests of what is folded over hosts.

#include <string>
#include <utility>
#include <vector>

#include "common/partial.h"

namespace coppice::testing {

struct HostWithValues {
    std::string name = "n1";
    std::string release = "0.1.0";
    Facts facts;
    Labels labels;
    std::vector<Measurement> measurements;

    [[nodiscard]] HostValues values() const {
        return {.name = name,
                .release = release,
                .facts = facts,
                .labels = labels,
                .measurements = measurements};
    }
};

/// What asks for the moments of load1.
inline const Inquiry load1_inquiry{.folds = {{.name = "load1"}}, .by = {}};

/// The contribution of one host to that.
inline Partial load1_partial(HostId host, double load1) {
    const HostWithValues one{.measurements = {{"load1", load1}}};
    return partial_of(load1_inquiry, host, one.values());
}

}  // namespace coppice::testing
