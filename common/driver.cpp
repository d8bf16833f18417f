#include "common/driver.h"

#include <iterator>
#include <utility>

namespace coppice {

void Driver::feed(const Input& input, Instant now) { pending_.push_back(node_.step(input, now)); }

Result<Done> Driver::flush() {
    std::vector<Write> writes;
    for (Outputs& outputs : pending_)
        writes.insert(writes.end(), std::make_move_iterator(outputs.writes.begin()),
                      std::make_move_iterator(outputs.writes.end()));
    if (!writes.empty()) {
        Result<Done> committed = store_.commit(writes);
        if (!committed.ok()) return committed;
    }
    std::vector<Outputs> batch = std::exchange(pending_, {});
    for (Outputs& outputs : batch) carry_out(outputs);
    return Done{};
}

void Driver::carry_out(Outputs& outputs) {
    for (const Connect& connect : outputs.connects) world_.connect(connect);
    for (Send& send : outputs.sends) world_.send(std::move(send));
    for (const Disconnect& disconnect : outputs.disconnects) world_.disconnect(disconnect.route);
    for (const Probe& probe : outputs.probes) world_.probe(probe);
    for (const Apply& apply : outputs.applies) world_.apply(apply);
    for (Reply& reply : outputs.replies) world_.reply(std::move(reply));
    for (const LocalHeard& heard : outputs.heard) world_.hear(heard);
    for (const Reduce& reduce : outputs.reductions) world_.reduce(reduce);
    for (const Notice& notice : outputs.notices) world_.notice(notice);
    if (outputs.measure) world_.measure();
    if (outputs.stopped) world_.stop();
}

}  // namespace coppice
