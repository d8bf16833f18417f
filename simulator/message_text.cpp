// Words for the messages whose content decides a story.
#include "simulator/message_text.h"

#include <array>

#include "common/overloaded.h"
#include "simulator/trace.h"

namespace coppice {

namespace {

std::string text(std::uint64_t number) { return std::to_string(number); }
std::string text(HostId host) { return "#" + text(host.value); }
std::string text(const Stamp& stamp) { return text(stamp.term) + "." + text(stamp.generation); }
std::string text(const WindowId& window) { return text(window.root) + "/" + text(window.number); }

std::string text(const HostSet& hosts) {
    constexpr std::size_t shown_max = 8;
    std::string list;
    std::size_t shown = 0;
    for (const HostId host : hosts.to_vector()) {
        if (++shown > shown_max) return list + " ... " + text(hosts.size()) + " hosts";
        list += (list.empty() ? "" : " ") + text(host);
    }
    return list;
}

std::string text(const Path& path) {
    std::string list;
    for (const HostId host : path) list += text(host);
    return list;
}

std::string text(const HostFact& fact) {
    static constexpr std::array<const char*, 5> states{"joining", "live", "suspect", "lost",
                                                       "left"};
    return text(fact.host) + " " + states.at(static_cast<std::size_t>(fact.state)) + " at " +
           text(fact.parent) + " (" + text(fact.incarnation.value) + "." +
           text(fact.attachment.value) + "." + text(fact.revision) + ", obeys " + text(fact.stamp) +
           ")";
}

std::string text(const Heartbeat& heartbeat) {
    std::string line = " obeys " + text(heartbeat.stamp);
    for (const HostFact& fact : heartbeat.facts) line += ", " + text(fact);
    for (const SetReport& set : heartbeat.sets) {
        static constexpr std::array<const char*, 3> kinds{"members", "applied", "refused"};
        line += std::string{", "} + kinds.at(static_cast<std::size_t>(set.key.kind));
        if (!set.added.empty()) line += " + " + text(set.added);
        if (!set.removed.empty()) line += " - " + text(set.removed);
    }
    return line;
}

std::string text(Refusal reason) {
    static constexpr std::array<const char*, 9> reasons{
        "not a parent", "full",     "bad ticket",   "stale ticket",     "not fresh",
        "cycle",        "draining", "unknown link", "stale incarnation"};
    return reasons.at(static_cast<std::size_t>(reason));
}

}  // namespace

std::string text_of(const Message& message) {
    const std::string detail = std::visit(
        Overloaded{
            [](const Seek& seek) {
                return " obeys " + text(seek.stamp) + ", lost " + text(seek.lost_parent) +
                       (seek.is_leaving ? ", is leaving" : "");
            },
            [](const Ordered& ordered) { return " for " + text(ordered.destination); },
            [](const Join& join) { return " attachment " + text(join.attachment.value); },
            [](const Welcome& welcome) {
                return " path " + text(welcome.path) + ", first window " +
                       text(welcome.first_window);
            },
            [](const Refused& refused) { return " " + text(refused.reason); },
            [](const Heartbeat& heartbeat) { return text(heartbeat); },
            [](const HeartbeatAnswer& answer) {
                return " path " + text(answer.path) + ", the root's word is " +
                       std::to_string(answer.root_age.count()) + " ns old, facts up to " +
                       text(answer.facts_acked);
            },
            [](const PushDown& push) {
                return " " + push.topic + " v" + text(push.version) + " for " + text(push.target);
            },
            [](const WindowOpened& opened) {
                return " " + text(opened.window) + " for " + text(opened.target);
            },
            [](const WindowClosed& closed) {
                return " " + text(closed.window) +
                       (closed.is_of_missing ? " of all but " : " of ") +
                       text(closed.partial.coverage);
            },
            [](const LocalMessage& said) {
                return " on " + said.channel + ", " + text(said.body.size()) + " bytes";
            },
            [](const auto&) { return std::string{}; },
        },
        message);
    return std::string{name_of(message)} + detail;
}

}  // namespace coppice
