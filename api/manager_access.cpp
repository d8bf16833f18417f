#include "api/manager_access.h"

namespace coppice {

Answer ManagerAccess::submit(Command command, Duration more) {
    const auto promise = std::make_shared<std::promise<Answer>>();
    std::future<Answer> answer = promise->get_future();
    const bool is_posted = parts_.post([this, promise, command = std::move(command)] {
        const RequestId request{next_request_.value++};
        waiting_.emplace(request, promise);
        parts_.submit(CommandReceived{.request = request, .command = command});
    });
    if (!is_posted || !wait(answer, parts_.patience + more))
        return Problem{.kind = Problem::Kind::unavailable,
                       .detail =
                           "the manager is too busy to answer; whether it took the command "
                           "is not known: look, then try again"};
    return answer.get();
}

std::optional<std::vector<MetricView>> ManagerAccess::metrics() {
    using Metrics = std::vector<MetricView>;
    return read<Metrics>([more = parts_.process_metrics](const Manager& manager) {
        Metrics metrics = manager.metrics();
        if (more)
            for (MetricView& one : more()) metrics.push_back(std::move(one));
        return metrics;
    });
}

void ManagerAccess::on_reply(Reply reply) {
    const auto found = waiting_.find(reply.request);
    if (found == waiting_.end()) return;
    found->second->set_value(std::move(reply.answer));
    waiting_.erase(found);
}

}  // namespace coppice
