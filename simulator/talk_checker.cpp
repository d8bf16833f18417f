#include "simulator/talk_checker.h"

#include <algorithm>

namespace coppice {

void TalkChecker::say(HostIndex host, LocalSaid::To to, HostId neighbour) {
    const std::string text = std::to_string(said_.size());
    const Bytes body{text.begin(), text.end()};
    const RequestId request = fleet_.say(
        host, {.to = to, .host = neighbour, .message = {.channel = "talk", .body = body}});
    said_.emplace(body, Said{request, host, {}});
}

void TalkChecker::on_heard(HostIndex host, const LocalHeard& heard) {
    ++heard_;
    const auto complain = [this, host](const std::string& what) {
        complaints_.add("talk", fleet_.world().host(host).name() + " hears " + what);
    };
    const auto found = said_.find(heard.message.body);
    if (found == said_.end()) return complain("what nobody has said.");
    Said& said = found->second;
    const HostId hearer = model_.glance(host).host;
    const std::optional<Answer> answer = fleet_.answer(said.request);
    const auto* sent = answer ? std::get_if<MessageSent>(&*answer) : nullptr;
    if (sent == nullptr || std::find(sent->to.begin(), sent->to.end(), hearer) == sent->to.end())
        complain("a message that was not sent to it.");
    if (!said.heard_by.insert(host).second) complain("a message twice.");
    if (model_.index_of(heard.from) != said.host)
        complain("from host " + std::to_string(heard.from.value) + " what " +
                 fleet_.world().host(said.host).name() + " has said.");
}

}  // namespace coppice
