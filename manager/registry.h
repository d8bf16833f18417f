#pragma once
// The registered hosts, by id, name and key.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/record.h"
#include "manager/views.h"

namespace coppice {

class Registry {
public:
    /// Requires that id, name and key are not in use. References stay valid until erase().
    HostRecord& add(HostRecord host);
    void erase(HostId host);
    /// Requires that the name is not in use.
    void rename(HostRecord& host, std::string name);

    [[nodiscard]] HostRecord* find(HostId host);
    [[nodiscard]] const HostRecord* find(HostId host) const;
    [[nodiscard]] HostRecord* find_name(std::string_view name);
    [[nodiscard]] const HostRecord* find_name(std::string_view name) const;
    [[nodiscard]] HostRecord* find_key(const PublicKey& key);

    [[nodiscard]] const std::map<HostId, HostRecord>& hosts() const { return hosts_; }
    [[nodiscard]] std::uint64_t size() const { return hosts_.size(); }

private:
    std::map<HostId, HostRecord> hosts_;
    std::vector<HostRecord*> by_id_;  // null: not registered; ids are dense
    std::map<std::string, HostId, std::less<>> by_name_;
    std::map<PublicKey, HostId> by_key_;
};

/// True for a host that is taken to run: registered and neither lost nor gone.
[[nodiscard]] bool is_present(const HostRecord& host);
[[nodiscard]] const char* to_text(HostState state);
[[nodiscard]] const char* to_text(Cause cause);
[[nodiscard]] const char* to_text(Role role);

}  // namespace coppice
