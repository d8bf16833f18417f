// Words of a story; times are UTC.

#include "manager/story_text.h"

#include <algorithm>

#include "manager/registry.h"

namespace coppice {
namespace {

std::string name_of(const Group& group) {
    return group.key.empty() ? group.value + " and the hosts below it"
                             : group.key + ' ' + group.value;
}

std::string part_text(std::uint64_t part, std::uint64_t whole) {
    return std::to_string(part) + " of " + std::to_string(whole);
}

std::string two_digits(std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

/// "silent" when all are, else "30 silent, 10 crashed".
std::string causes_text(const std::map<Cause, std::uint64_t>& causes) {
    std::string text;
    for (const auto& [cause, count] : causes) {
        if (!text.empty()) text += ", ";
        if (causes.size() > 1) text += std::to_string(count) + ' ';
        text += to_text(cause);
    }
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

/// Empty when all were leaves.
std::string roles_text(const std::map<Role, std::uint64_t>& roles) {
    std::string text;
    for (const auto& [role, count] : roles) {
        if (role == Role::leaf) continue;
        if (!text.empty()) text += ", ";
        text += std::to_string(count) + ' ' + to_text(role) + (count > 1 ? "es" : "");
    }
    return text;
}

std::string alternatives_text(const Story& story) {
    std::string text;
    for (const Group* group : story.alternatives)
        text += (text.empty() ? "" : ", ") + name_of(*group) + " (" +
                part_text(group->deaths.size(), group->hosts) + ')';
    return text;
}

}  // namespace

std::string clock_text(UnixMillis time) {
    const std::chrono::hh_mm_ss clock{
        std::chrono::floor<std::chrono::seconds>(time % std::chrono::hours{24})};
    return two_digits(clock.hours().count()) + ':' + two_digits(clock.minutes().count()) + ':' +
           two_digits(clock.seconds().count());
}

std::string seconds_text(UnixMillis span) {
    const auto tenths = (span.count() + 50) / 100;
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
}

std::string cause_text(const Group& group) {
    return "common " + (group.key.empty() ? "parent" : group.key);
}

std::map<std::string, std::string> evidence_of(const Story& story) {
    const Group& group = *story.group;
    const std::string lost = part_text(story.shared, group.hosts);
    const std::string causes = causes_text(story.causes);
    const std::string roles = roles_text(story.roles);
    const std::string since = clock_text(story.first);
    const std::string within = seconds_text(story.last - story.first);
    const std::string elsewhere = part_text(story.deaths_elsewhere, story.hosts_elsewhere);
    const std::string alternatives = alternatives_text(story);
    const std::uint64_t more = story.deaths - story.shared;

    std::string text = name_of(group) + ": " + lost + " hosts " +
                       (story.causes.size() == 1 ? causes : "lost (" + causes + ")") + " since " +
                       since + " (within " + within + ")";
    if (more > 0) text += " and " + std::to_string(more) + " more";
    text += "; probable cause: " + cause_text(group) + "; evidence: " +
            (story.shared == group.hosts ? "all of its hosts" : lost + " of its hosts") + ", and " +
            elsewhere + " other hosts in the same time";
    if (!roles.empty()) text += "; among them " + roles;
    if (!alternatives.empty()) text += "; alternatives: " + alternatives;

    std::map<std::string, std::string> evidence{
        {"group", name_of(group)},  {"lost", lost},     {"seen", causes},
        {"since", since},           {"within", within}, {"elsewhere", elsewhere},
        {"story", std::move(text)},
    };
    if (more > 0) evidence["more"] = std::to_string(more);
    if (!roles.empty()) evidence["roles"] = roles;
    if (!alternatives.empty()) evidence["alternatives"] = alternatives;
    return evidence;
}

}  // namespace coppice
