#pragma once
// Answers to questions against the true values: conservation.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/command.h"
#include "simulator/checkers.h"

namespace coppice {

/// What a host would say of itself at any time.
struct HostTruth {
    std::string name;
    Labels labels;
    std::vector<Measurement> measurements;
    Contributions contributions;
};
using TruthOf = std::function<HostTruth(HostId)>;

/// Each row is computed from the true values of exactly the included hosts of its group, all of
/// them asked, and the rows share the included hosts out. Computed the long way: every value is
/// looked at, nothing is folded.
[[nodiscard]] Sentences check_answer(std::string_view question, const QueryAnswered& answer,
                                     const TruthOf& truth_of);

}  // namespace coppice
