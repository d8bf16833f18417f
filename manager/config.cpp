// Which settings of a manager can be used.

#include "manager/config.h"

#include <algorithm>

#include "common/labels.h"
#include "common/limits.h"
#include "common/selector.h"
#include "common/timing.h"

namespace coppice {
namespace {

void check_domain_path(const std::vector<std::string>& path, std::vector<std::string>& mistakes) {
    if (path.size() > limits::domain_keys_max)
        mistakes.push_back("domain_path has " + std::to_string(path.size()) +
                           " keys; give at most " + std::to_string(limits::domain_keys_max) +
                           ", outermost first, such as site,cluster,rack");
    for (auto key = path.begin(); key != path.end(); ++key) {
        if (!is_label_key(*key))
            mistakes.push_back("domain_path: '" + *key +
                               "' is not a label key; give keys such as site,cluster,rack");
        if (std::find(path.begin(), key, *key) != key)
            mistakes.push_back("domain_path names '" + *key + "' twice; give each key once");
    }
}

}  // namespace

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
    if (failures_max == 0) mistakes.emplace_back("failures_max is 0; give 1 or more");
    if (isolation_pause <= Duration::zero() || isolation_pause > std::chrono::hours{24})
        mistakes.emplace_back("isolation_pause is out of range; give up to 24h");
    check_domain_path(domain_path, mistakes);
    if (const Result<Selector> selector = Selector::parse(may_lead); !selector.ok())
        mistakes.push_back("may_lead: " + selector.error().message);
    return mistakes;
}

}  // namespace coppice
