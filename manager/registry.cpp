#include "manager/registry.h"

#include <utility>

#include "common/ensure.h"

namespace coppice {

HostRecord& Registry::add(HostRecord host) {
    const HostId id = host.id;
    const bool is_new =
        by_name_.emplace(host.name, id).second && by_key_.emplace(host.key, id).second;
    COPPICE_ENSURE(is_new && find(id) == nullptr, "two hosts with one id, name or key");
    HostRecord& added = hosts_.emplace(id, std::move(host)).first->second;
    if (id.value >= by_id_.size()) by_id_.resize(std::size_t{id.value} + 1);
    return *(by_id_[id.value] = &added);
}

void Registry::erase(HostId host) {
    const HostRecord* found = find(host);
    COPPICE_ENSURE(found != nullptr, "a host is erased that is not registered");
    by_name_.erase(found->name);
    by_key_.erase(found->key);
    by_id_[host.value] = nullptr;
    hosts_.erase(host);
}

void Registry::rename(HostRecord& host, std::string name) {
    COPPICE_ENSURE(by_name_.emplace(name, host.id).second, "two hosts with one name");
    by_name_.erase(host.name);
    host.name = std::move(name);
}

const HostRecord* Registry::find(HostId host) const {
    return host.value < by_id_.size() ? by_id_[host.value] : nullptr;
}

HostRecord* Registry::find(HostId host) {
    return host.value < by_id_.size() ? by_id_[host.value] : nullptr;
}

HostRecord* Registry::find_name(std::string_view name) {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : find(found->second);
}

const HostRecord* Registry::find_name(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : find(found->second);
}

HostRecord* Registry::find_key(const PublicKey& key) {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : find(found->second);
}

bool is_present(const HostRecord& host) {
    return host.state != HostState::lost && host.state != HostState::left;
}

const char* to_text(HostState state) {
    switch (state) {
        case HostState::joining:
            return "joining";
        case HostState::live:
            return "live";
        case HostState::suspect:
            return "suspect";
        case HostState::lost:
            return "lost";
        case HostState::left:
            break;
    }
    return "left";
}

const char* to_text(Cause cause) {
    switch (cause) {
        case Cause::none:
            return "";
        case Cause::joined:
            return "joined";
        case Cause::silent:
            return "silent";
        case Cause::crashed:
            return "crashed";
        case Cause::unreachable:
            return "unreachable";
        case Cause::said_goodbye:
            return "said_goodbye";
        case Cause::not_back:
            return "not_back";
        case Cause::paused:
            return "paused";
        case Cause::cut_off:
            return "cut_off";
        case Cause::restart:
            return "restart";
        case Cause::out_of_memory:
            return "oom";
        case Cause::slow:
            return "slow";
        case Cause::refusing:
            break;
    }
    return "refusing";
}

const char* to_text(Role role) {
    switch (role) {
        case Role::leaf:
            return "leaf";
        case Role::branch:
            return "branch";
        case Role::root:
            break;
    }
    return "root";
}

}  // namespace coppice
