#pragma once
// How hosts were at a time, read by slices, so that the loop of the manager goes on with its work
// between. Seen by this folder alone.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/manager_access.h"
#include "common/selector.h"
#include "common/timeline.h"
#include "manager/past_tree.h"
#include "runtime/http_server.h"

namespace coppice {

/// `text` as a time that has come; an error begins with the name of the parameter.
[[nodiscard]] Result<UnixMillis> parse_past(const std::string& name, const std::string& text,
                                            UnixMillis now);
/// What is answered when `time` is before all that is kept.
[[nodiscard]] std::optional<HttpResponse> refuse_too_long_ago(UnixMillis time, UnixMillis now);

class PastHosts {
public:
    struct Asked {
        UnixMillis at{};
        Selector where;
        HostId after;
    };
    PastHosts(ManagerAccess& access, TimelineReader& timelines, Asked asked)
        : access_{access}, timelines_{timelines}, asked_{std::move(asked)} {}

    /// Some of the hosts that were there then, by id; or what is to be answered instead.
    [[nodiscard]] std::variant<std::vector<PastHost>, HttpResponse> next();
    /// There are no more.
    [[nodiscard]] bool is_over() const { return is_over_; }
    /// Once it is over: what is answered when nothing is known of that time.
    [[nodiscard]] std::optional<HttpResponse> refuse_when_unknown() const;

private:
    struct Slice {
        std::vector<PastHost> hosts;
        HostId last;
        bool has_matches = false;
        UnixMillis earliest = UnixMillis::max();  // of hosts that have no row as of then
    };
    [[nodiscard]] static Result<Slice> read(const Manager& manager, TimelineReader& timelines,
                                            const Asked& asked);

    ManagerAccess& access_;
    TimelineReader& timelines_;
    Asked asked_;
    bool is_over_ = false;
    bool has_hosts_ = false;
    bool has_matches_ = false;
    bool has_rows_ = false;
    UnixMillis earliest_ = UnixMillis::max();
};

}  // namespace coppice
