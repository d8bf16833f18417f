// Greedy, as the best group takes its deaths away from the others.

#include "manager/explaining.h"

#include <algorithm>
#include <cmath>

namespace coppice {
namespace {

constexpr std::uint64_t together_min = 3;
constexpr double share_that_speaks = 0.25;
constexpr double chance_max = 1e-3;
/// Beyond these, deaths are told one by one.
constexpr std::size_t explanations_max = 64;
constexpr std::size_t alternatives_max = 3;
constexpr double score_of_alternative_min = 0.1;

/// The logarithm of what bounds the probability that of so many deaths the part `found`, or more,
/// is where the part `expected` of all hosts is.
double log_of_chance(double deaths, double found, double expected) {
    if (found <= expected) return 0;
    const double elsewhere = 1 - found;
    const double of_elsewhere =
        elsewhere > 0 ? elsewhere * std::log(elsewhere / (1 - expected)) : 0;
    return -deaths * (found * std::log(found / expected) + of_elsewhere);
}

class Explainer {
public:
    Explainer(const Deaths& deaths, std::uint64_t fleet)
        : deaths_{deaths},
          fleet_{static_cast<double>(fleet)},
          open_{deaths.groups_of.size()},
          is_explained_(open_, false),
          shared_(deaths.groups.size(), 0) {
        counts_.reserve(deaths.groups.size());
        for (std::uint32_t group = 0; group < deaths.groups.size(); ++group) {
            counts_.push_back(deaths.groups[group].deaths.size());
            if (counts_.back() >= together_min) candidates_.push_back(group);
        }
    }

    std::vector<Explanation> run() {
        std::vector<Explanation> found;
        while (found.size() < explanations_max && find_best()) found.push_back(take_best());
        return found;
    }

private:
    [[nodiscard]] double score_of(std::uint32_t group) const {
        return score(counts_[group], deaths_.groups[group].hosts, open_);
    }

    [[nodiscard]] bool explains(std::uint32_t group) const {
        const auto found = static_cast<double>(counts_[group]);
        const auto hosts = static_cast<double>(deaths_.groups[group].hosts);
        if (counts_[group] < together_min) return false;
        if (found >= share_that_speaks * hosts) return true;
        const auto open = static_cast<double>(open_);
        const auto looked_at = static_cast<double>(candidates_.size());
        return log_of_chance(open, found / open, hosts / fleet_) + std::log(looked_at) <
               std::log(chance_max);
    }

    bool find_best() { return find_best_of(false) || find_best_of(true); }

    bool find_best_of(bool living_parents) {
        double best = 0;
        for (const std::uint32_t group : candidates_) {
            if (deaths_.groups[group].is_living_parent != living_parents) continue;
            if (score_of(group) <= best || !explains(group)) continue;
            best = score_of(group);
            best_ = group;
        }
        return best > 0;
    }

    Explanation take_best() {
        Explanation found{.group = best_, .deaths = {}, .alternatives = {}};
        for (const std::uint32_t death : deaths_.groups[best_].deaths)
            if (!is_explained_[death]) found.deaths.push_back(death);
        std::vector<std::uint32_t> others;
        for (const std::uint32_t death : found.deaths) {
            is_explained_[death] = true;
            for (const std::uint32_t group : deaths_.groups_of[death])
                if (++shared_[group] == 1 && group != best_) others.push_back(group);
        }
        found.alternatives = alternatives(others, found.deaths.size());
        for (const std::uint32_t group : others) settle(group);
        settle(best_);
        open_ -= found.deaths.size();
        return found;
    }

    [[nodiscard]] std::vector<std::uint32_t> alternatives(std::vector<std::uint32_t> others,
                                                          std::size_t explained) const {
        std::erase_if(others, [&](std::uint32_t group) {
            const bool is_same = deaths_.groups[group].hosts == deaths_.groups[best_].hosts &&
                                 shared_[group] == explained && counts_[group] == counts_[best_];
            return is_same || shared_[group] * 2 < explained ||
                   score_of(group) < score_of_alternative_min;
        });
        std::sort(others.begin(), others.end(), [&](std::uint32_t left, std::uint32_t right) {
            return score_of(left) != score_of(right) ? score_of(left) > score_of(right)
                                                     : left < right;
        });
        if (others.size() > alternatives_max) others.resize(alternatives_max);
        return others;
    }

    /// The deaths that were taken count for no other group.
    void settle(std::uint32_t group) {
        counts_[group] -= shared_[group];
        shared_[group] = 0;
    }

    const Deaths& deaths_;
    const double fleet_;
    std::size_t open_;  // deaths that nothing explains yet
    std::vector<bool> is_explained_;
    std::vector<std::uint64_t> counts_;  // of open deaths, by group
    std::vector<std::uint64_t> shared_;  // of deaths taken just now, by group
    std::vector<std::uint32_t> candidates_;
    std::uint32_t best_ = 0;
};

}  // namespace

double score(std::uint64_t deaths_in_group, std::uint64_t hosts_of_group, std::uint64_t deaths) {
    return 1.25 * static_cast<double>(deaths_in_group) /
           (static_cast<double>(hosts_of_group) + 0.25 * static_cast<double>(deaths));
}

std::vector<Explanation> explain(const Deaths& deaths, std::uint64_t fleet) {
    return Explainer{deaths, fleet}.run();
}

}  // namespace coppice
