// Which settings of a manager can be used.

#include "manager/config.h"

#include "common/limits.h"
#include "common/timing.h"

namespace coppice {

std::vector<std::string> ManagerConfig::validate() const {
    std::vector<std::string> mistakes;
    if (name.empty()) mistakes.emplace_back("name is empty; give the manager a name such as m1");
    if (addresses.empty())
        mistakes.emplace_back(
            "addresses is empty; hosts cannot reach this manager: give at least one "
            "tcp://host:port");
    if (addresses.size() > limits::addresses_max)
        mistakes.push_back("addresses has " + std::to_string(addresses.size()) +
                           " entries; give at most " + std::to_string(limits::addresses_max));
    for (const std::string& address : addresses)
        if (!address.starts_with("tcp://"))
            mistakes.push_back("address '" + address + "' is not of the form tcp://host:port");
    if (interval < Timing::interval_min || interval > Timing::interval_max)
        mistakes.emplace_back("interval is out of range; give 100ms to 60s");
    if (fanout < limits::fanout_min || fanout > limits::fanout_max)
        mistakes.push_back("fanout is " + std::to_string(fanout) + "; give " +
                           std::to_string(limits::fanout_min) + " to " +
                           std::to_string(limits::fanout_max));
    if (join_batch < Duration::zero() || join_batch > std::chrono::seconds{1})
        mistakes.emplace_back("join_batch is out of range; give 0s to 1s");
    if (cool_down < Duration::zero() || cool_down > std::chrono::hours{24})
        mistakes.emplace_back("cool_down is out of range; give 0s to 24h");
    return mistakes;
}

}  // namespace coppice
