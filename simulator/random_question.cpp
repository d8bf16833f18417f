#include "simulator/random_question.h"

#include <array>

namespace coppice {

std::string random_question(Random& random, const std::string& where) {
    static const std::array<std::string, 18> formulas{"reduce(hits), count(), p90(load1)",
                                                      "reduce(hits)",
                                                      "reduce(hits)",
                                                      "reduce(bulk)",
                                                      "count()",
                                                      "sum(load1)",
                                                      "avg(load1)",
                                                      "min(load1)",
                                                      "max(load1)",
                                                      "p50(load1)",
                                                      "stddev(queue)",
                                                      "p90(queue)",
                                                      "hist(queue)",
                                                      "top(5, load1)",
                                                      "bottom(3, queue)",
                                                      "distinct(zone)",
                                                      "distinct(load1)",
                                                      "sum(load1) / count(queue) - 2 * min(queue)"};
    static const std::array<std::string, 4> groups{"", " by zone", " by release, zone", " by host"};
    // One after the other: compilers may evaluate the parts of a sum in any order.
    const std::string& formula = formulas[random.below(formulas.size())];
    return formula + groups[random.below(groups.size())] + (where.empty() ? "" : " where " + where);
}

}  // namespace coppice
