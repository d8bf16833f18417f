// Messages of this host's daemons to their counterparts on its parent and on its children.
#include <algorithm>

#include "agent/state.h"
#include "common/limits.h"
#include "common/names.h"

namespace coppice {
namespace {

using To = LocalSaid::To;

std::string nobody_there(const LocalSaid& said) {
    switch (said.to) {
        case To::parent:
            return "this host has no parent now: it is the root, or looks for one";
        case To::children:
            return "this host has no children now";
        case To::host:
            break;
    }
    return "host " + std::to_string(said.host.value) +
           " is neither the parent nor a child of this host now";
}

/// What is wrong with it, whoever is to get it.
std::optional<Problem> objection(const LocalMessage& message) {
    if (const Result<Done> channel = validate_channel(message.channel); !channel.ok())
        return Problem{Problem::Kind::bad_request, channel.error().message};
    if (message.body.size() <= limits::local_message_bytes_max) return std::nullopt;
    return Problem{Problem::Kind::too_large,
                   "a message has " + std::to_string(message.body.size()) + " bytes; at most " +
                       std::to_string(limits::local_message_bytes_max)};
}

bool is_for(const LocalSaid& said, To group, HostId neighbour) {
    return said.to == group || (said.to == To::host && said.host == neighbour);
}

}  // namespace

void Agent::State::on_said(const LocalSaid& said, Instant now, Outputs& out) {
    out.replies.push_back({said.request, send_on(said, now, out)});
}

/// To all that it is for, who are neighbours at this moment, or to nobody. A manager has no
/// daemons.
Answer Agent::State::send_on(const LocalSaid& said, Instant now, Outputs& out) {
    const LocalMessage& message = said.message;
    if (std::optional<Problem> problem = objection(message)) return *std::move(problem);
    const bool is_for_parent = uplink.is_attached() && uplink.parent() != manager_host &&
                               is_for(said, To::parent, uplink.parent());
    std::vector<Child*> children;
    for (auto& [host, child] : hub.links().children())
        if (is_for(said, To::children, host)) children.push_back(&child);
    if (!is_for_parent && children.empty())
        return Problem{Problem::Kind::conflict, nobody_there(said)};
    const bool has_room = (!is_for_parent || uplink.message_budget().has_room_for(message, now)) &&
                          std::all_of(children.begin(), children.end(), [&](const Child* child) {
                              return child->message_budget.has_room_for(message, now);
                          });
    if (!has_room)
        return Problem{Problem::Kind::unavailable,
                       "the daemons of this host say more than a link is to bear; say less, or "
                       "wait a second"};
    MessageSent sent;
    if (is_for_parent) {
        uplink.message_budget().spend(message, now);
        uplink.send(message, out);
        sent.to.push_back(uplink.parent());
    }
    for (Child* child : children) {
        child->message_budget.spend(message, now);
        hub.links().send(*child, message, out);
        sent.to.push_back(child->host);
    }
    return sent;
}

}  // namespace coppice
