#include "common/fact_acks.h"

namespace coppice {

void confirm_facts(Downlink& links, const Standing& standing, Outputs& out) {
    const std::uint64_t acked = links.facts().acknowledged();
    for (auto& [id, child] : links.children()) {
        bool is_news = false;
        while (!child.facts_under_way.empty() && child.facts_under_way.front().second <= acked) {
            child.facts_acked = child.facts_under_way.front().first;
            child.facts_under_way.erase(child.facts_under_way.begin());
            is_news = true;
        }
        if (!is_news) continue;
        links.send(child,
                   HeartbeatAnswer{.facts_acked = child.facts_acked,
                                   .held_digest = child.held_digest,
                                   .path = standing.path,
                                   .root_age = standing.root_age,
                                   .cell = standing.cell,
                                   .term_instance = standing.term_instance},
                   out);
    }
}

}  // namespace coppice
