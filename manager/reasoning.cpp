// Why a host is where and what it is, in sentences.

#include "manager/state.h"

namespace coppice {
namespace {

std::string in_brackets(const std::string& text) { return text.empty() ? "" : " (" + text + ")"; }

}  // namespace

std::string Manager::State::reason_of_state(const HostRecord& host) const {
    const std::string cause = in_brackets(to_text(host.cause));
    switch (state_of(host)) {
        case HostState::joining:
            return "it has registered and has not joined its parent yet";
        case HostState::suspect:
            return "its parent has not heard it for a while; it is lost if that goes on";
        case HostState::lost:
            return "it was lost" + cause + "; it is back when it joins again";
        case HostState::left:
            return "it left" + cause;
        case HostState::live:
            break;
    }
    return "its parent hears it";
}

std::string Manager::State::reason_of_place(const HostRecord& host) const {
    if (host.id == cell.root) return "it is the root, which has no parent";
    if (!is_present(host)) return "it has no place while it is away";
    if (!host.is_placed) return "it has no place: " + host.unplaced_reason;
    const auto& generations = tree_history.generations();
    for (auto one = generations.rbegin(); one != generations.rend(); ++one)
        for (auto part = one->second.rbegin(); part != one->second.rend(); ++part)
            for (const TreeChangeRecord::Move& move : part->moves)
                if (move.host == host.id)
                    return "it moved from " + name_of(move.from) + " to " + name_of(move.to) +
                           " on the way to generation " + std::to_string(one->first) + ": " +
                           part->reasons.at(move.reason);
    return "it was placed there and has not moved since generation " +
           std::to_string(tree_history.kept_after());
}

std::string Manager::State::reason_of_role(const HostRecord& host) const {
    if (host.is_drained) return "it is drained and holds no role" + in_brackets(host.drain_reason);
    if (leaving.contains(host.id)) return "it is about to stop and hands its role over";
    if (host.role != Role::leaf)
        return "it leads " + std::to_string(shape.children(host.id).size()) + " hosts";
    if (host.id == cell.understudy) return "it stands by to become the root";
    switch (fitness(host)) {
        case Fitness::ready:
            return "it is ready to lead, and nobody needs it as a parent";
        case Fitness::cooling: {
            const auto left =
                std::chrono::duration_cast<std::chrono::seconds>(host.no_role_before - unix_now());
            return "it came back of late and holds no role for another " +
                   std::to_string(left.count() + 1) + " s, unless nobody else is left";
        }
        case Fitness::stopgap:
            return "--may-lead does not match it: it leads only while nobody that matches can";
        case Fitness::last_resort:
            return is_unstable(host) ? "it comes and goes: it leads only when nobody else is left"
                                     : "it was killed for want of memory and has too little";
        case Fitness::joining:
        case Fitness::understudy:
        case Fitness::unfit:
            break;
    }
    return "it holds no role before it is live";
}

std::vector<std::string> Manager::State::reasons_of(const HostRecord& host) const {
    std::vector<std::string> reasons{reason_of_state(host), reason_of_place(host),
                                     reason_of_role(host)};
    if (std::string crossing = crossing_of(host.id); !crossing.empty())
        reasons.push_back(std::move(crossing));
    if (const IsolationRecord* record = isolation.find(host.id))
        reasons.push_back("pushes do not wait for it since it failed " +
                          std::to_string(record->failures) + " in a row: " + record->reason +
                          "; one that it applies in time ends that");
    if (is_blind) reasons.emplace_back("no root is heard: all of this is of the past");
    return reasons;
}

std::vector<std::string> Manager::reasons(std::string_view host) const {
    const HostRecord* found = state_->registry.find_name(host);
    return found == nullptr ? std::vector<std::string>{} : state_->reasons_of(*found);
}

}  // namespace coppice
