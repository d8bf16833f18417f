#pragma once
// What explains deaths best: the group that died, and that few others died with.
//
// Of each group two shares are known: precision, how many of its hosts died; and recall, how many
// of the deaths are in it. They are weighed by the F-measure with beta = 1/2 (van Rijsbergen,
// Information Retrieval, 1979, chapter 7), in which precision counts more than recall: a host that
// lives speaks against its group, a death elsewhere may have a cause of its own. With k deaths in
// a group of n hosts, among K deaths, F = 1.25 k / (n + K/4).
//
// A group explains anything only when at least three of its hosts died, and either a quarter of
// it, or more than chance would have it. Of K deaths among N hosts chance puts the part p = n / N
// there; that it puts the part a = k / K or more there has at most the probability
// exp(-K (a ln(a/p) + (1-a) ln((1-a)/(1-p)))) (Hoeffding 1963, theorem 1, which holds for draws
// without replacement too: section 6). That, times the number of groups that are looked at, must
// be below 1/1000.
//
// Hosts do not die of a parent that lives: it stands for what else they share (who comes up
// together often finds the same parent), and explains only what no other group does.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace coppice {

/// Hosts that share the value of a label; or, with an empty key, the host `value` and those below.
struct Group {
    std::string key;
    std::string value;
    std::uint64_t hosts = 0;            // present just before the first of them died
    std::vector<std::uint32_t> deaths;  // by their numbers, ascending
    bool is_living_parent = false;
};

/// The deaths of a window, numbered from 0 on.
struct Deaths {
    std::vector<Group> groups;                          // at equal scores the former explains
    std::vector<std::vector<std::uint32_t>> groups_of;  // each death
};

struct Explanation {
    std::uint32_t group = 0;
    std::vector<std::uint32_t> deaths;
    std::vector<std::uint32_t> alternatives;  // other groups with half of these deaths, best first
};

/// F-measure with beta = 1/2: 0 to 1.
[[nodiscard]] double score(std::uint64_t deaths_in_group, std::uint64_t hosts_of_group,
                           std::uint64_t deaths);

/// The best group takes its deaths, then the best for the rest, until none explains any more; each
/// death is explained once at most. `fleet` is the number of hosts before all the deaths. Takes
/// time in proportion to the deaths and what they share, and for each explanation found to the
/// number of groups.
[[nodiscard]] std::vector<Explanation> explain(const Deaths& deaths, std::uint64_t fleet);

}  // namespace coppice
