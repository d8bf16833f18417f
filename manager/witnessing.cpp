// Before a manager calls its root lost it makes sure that it is not itself that is cut off.
//
// A root that is silent and whose address does not answer looks the same from a manager without a
// network. So others are probed while the root is silent, the understudy first: when one of them
// answers, or speaks, the root is lost. When nobody does there is no verdict; what the manager says
// of hosts is soon of the past (`hosts.unseen`). Once somebody is there again the root has the time
// of a detection to speak.

#include <algorithm>

#include "common/random.h"
#include "manager/state.h"

namespace coppice {
namespace {

constexpr std::size_t witnesses_per_round = 8;

}  // namespace

bool Manager::State::is_root_silent() const {
    if (cell.root == HostId{}) return false;
    if (unjudged_root == cell.root) return true;
    const auto& links = hub.links().children();
    const auto root = links.find(cell.root);
    return root != links.end() && root->second.state == HostState::suspect;
}

/// Somebody else was there after the root would have spoken, had this manager been reachable.
bool Manager::State::is_witnessed() const {
    return witnessed_at != Instant{} && now - witnessed_at <= timing.suspect_after();
}

void Manager::State::hear_witness() {
    witnessed_at = now;
    if (unjudged_root != HostId{} && judge_due == never) judge_due = now + timing.lost_after();
}

void Manager::State::ask_witnesses() {
    if (!is_root_silent()) {
        witnesses_due = never;
        return;
    }
    if (witnesses_due != never && now < witnesses_due) return;
    witnesses_due = now + timing.interval;
    std::vector<HostId> others = present.to_vector();
    std::erase(others, cell.root);
    Random random{config.seed ^ next_witness.value};
    const std::size_t count = std::min(witnesses_per_round, others.size());
    for (std::size_t i = 0; i < count; ++i)
        std::swap(others[i], others[i + random.below(others.size() - i)]);
    others.resize(count);
    const bool has_understudy = present.contains(cell.understudy);
    if (has_understudy && !others.empty()) others.front() = cell.understudy;
    for (const HostId id : others) {
        witnesses.insert(next_witness);
        out.probes.push_back({.probe = next_witness,
                              .addresses = registry.find(id)->addresses,
                              .time_limit = timing.probe_timeout()});
        next_witness.value += 2;
    }
}

void Manager::State::on_witness_probed(const ProbeFinished& finished) {
    if (witnesses.erase(finished.probe) == 0) return;
    if (finished.result != ProbeResult::unanswered) hear_witness();
}

/// A verdict that this manager cannot give. Nobody else to ask is no reason to doubt.
bool Manager::State::withholds_verdict(const HostRecord& host, Cause cause) {
    const bool has_others = present.size() > 1;
    if (host.id != cell.root || cause != Cause::unreachable || is_witnessed() || !has_others)
        return false;
    unjudged_root = host.id;
    judge_due = never;
    out.notices.push_back({Severity::warning, "manager.cut_off",
                           "neither the root '" + host.name +
                               "' nor any other host answers: it may be this manager that is cut "
                               "off, so it calls nobody lost"});
    return true;
}

void Manager::State::judge_root() {
    if (unjudged_root == HostId{}) return;
    const bool is_settled = unjudged_root != cell.root || is_root_heard();
    if (!is_settled && now < judge_due) return;
    const HostId root = std::exchange(unjudged_root, HostId{});
    judge_due = never;
    if (!is_settled) retire(*registry.find(root), HostState::lost, Cause::unreachable);
}

}  // namespace coppice
