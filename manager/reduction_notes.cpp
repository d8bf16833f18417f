#include "manager/reduction_notes.h"

#include <algorithm>

#include "common/limits.h"

namespace coppice {
namespace {

/// Of one fold, over all groups.
struct Sum {
    Parts all;  // failures, the reason and what was dropped; no parts
    std::uint64_t groups = 0;
    std::uint64_t split_groups = 0;  // that have more than one part
    std::uint64_t parts_max = 0;

    void add(const Aggregate& group, std::size_t fold) {
        if (group.hosts == 0) return;
        const auto& parts = std::get<Parts>(group.folds[fold]);
        all.fold({.parts = {},
                  .dropped = parts.dropped,
                  .failures = parts.failures,
                  .reason = parts.reason});
        ++groups;
        split_groups += parts.parts.size() > 1 ? 1 : 0;
        parts_max = std::max<std::uint64_t>(parts_max, parts.parts.size());
    }
};

std::string counted_hosts(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " host" : " hosts");
}

std::string split_note(const std::string& name, const Sum& sum, bool is_grouped) {
    const std::string where = is_grouped ? " in " + std::to_string(sum.split_groups) + " of " +
                                               std::to_string(sum.groups) + " groups"
                                         : std::string{};
    const std::string why =
        sum.all.failures > 0 ? "the reducer failed where they came together"
                             : "no daemon of the host that folds last, the root, made one of them";
    return name + " is in " + (is_grouped ? "up to " : "") + std::to_string(sum.parts_max) +
           " parts" + where + ": " + why;
}

}  // namespace

std::vector<std::string> reduction_notes(const Inquiry& inquiry, const Partial& partial) {
    std::vector<std::string> notes;
    for (std::size_t fold = 0; fold < inquiry.folds.size(); ++fold) {
        const FoldSpec& spec = inquiry.folds[fold];
        if (spec.kind != FoldSpec::Kind::parts) continue;
        Sum sum;
        for (const auto& [key, group] : partial.groups) sum.add(group, fold);
        sum.add(partial.other, fold);
        if (sum.all.failures > 0)
            notes.push_back("reducer " + spec.name + " failed on " +
                            counted_hosts(sum.all.failures) + ": " + sum.all.reason);
        if (sum.all.dropped > 0)
            notes.push_back("contributions to " + spec.name + " of " +
                            counted_hosts(sum.all.dropped) +
                            " were dropped: what was not reduced took more than " +
                            std::to_string(limits::parts_bytes_max / 1024) + " KiB on a link");
        if (sum.split_groups > 0) notes.push_back(split_note(spec.name, sum, !inquiry.by.empty()));
    }
    return notes;
}

}  // namespace coppice
