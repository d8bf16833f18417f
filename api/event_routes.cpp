// What happened: as a list, or as a stream that goes on.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "api/routes.h"
#include "runtime/clock.h"
#include "runtime/time_text.h"

namespace coppice {
namespace {

constexpr std::uint64_t list_default = 1000;
constexpr std::size_t stream_batch = 256;
constexpr std::chrono::milliseconds stream_poll{100};

struct Wanted {
    std::uint64_t after = 0;
    bool has_after = false;
    UnixMillis since{};
    std::uint64_t count_max = list_default;
};

Result<Wanted> parse_wanted(const Call& call) {
    Wanted wanted;
    std::string after = call.query("after");
    const auto resumed = call.request.headers.find("last-event-id");
    if (resumed != call.request.headers.end()) after = resumed->second;
    wanted.has_after = !after.empty();
    const Result<std::uint64_t> after_id = parse_number("after", after, 0);
    if (!after_id) return after_id.error();
    wanted.after = *after_id;
    const Result<std::uint64_t> limit = parse_number("limit", call.query("limit"), list_default);
    if (!limit) return limit.error();
    wanted.count_max = std::min<std::uint64_t>(*limit, limits::events_in_memory_max);
    if (!call.query("since").empty()) {
        const Result<UnixMillis> since = parse_time(call.query("since"), unix_now());
        if (!since) return since.error();
        wanted.since = *since;
    }
    return wanted;
}

bool is_told_elsewhere(const EventView& view) { return view.event.evidence.contains("part_of"); }

/// The first changes after one; without one the newest events, by their ids.
std::vector<EventView> choose(const Manager& manager, const Wanted& wanted) {
    std::vector<EventView> events = manager.events(wanted.after, limits::events_in_memory_max);
    std::erase_if(events, [&](const EventView& view) { return view.event.time < wanted.since; });
    if (!wanted.has_after) {
        std::erase_if(events, is_told_elsewhere);
        std::sort(events.begin(), events.end(), [](const EventView& left, const EventView& right) {
            return left.event.id < right.event.id;
        });
    }
    if (events.size() > wanted.count_max) {
        const auto surplus = static_cast<std::ptrdiff_t>(events.size() - wanted.count_max);
        if (wanted.has_after) {
            events.erase(events.end() - surplus, events.end());
        } else {
            events.erase(events.begin(), events.begin() + surplus);
        }
    }
    return events;
}

Json list_of(const std::vector<EventView>& events, const Manager& manager) {
    const NamesOf names = [&manager](const HostSet& hosts) { return manager.names(hosts); };
    Json list = Json::array();
    for (const EventView& event : events) list.push_back(json_of(event, names));
    return list;
}

std::string stream_text(const Json& events) {
    std::string text;
    for (const Json& event : events)
        text += "id: " + event["change"].dump() + "\nevent: " + event["kind"].get<std::string>() +
                "\ndata: " + event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n\n";
    return text;
}

/// Follows from `last` on.
EventSource follow(ManagerAccess& access, std::uint64_t last) {
    return [&access, last, is_first = true]() mutable -> std::optional<std::string> {
        // The first piece is sent at once: it tells the client that the stream stands.
        if (std::exchange(is_first, false)) return ": following\n\n";
        const auto events = access.read<Json>([last](const Manager& manager) {
            return list_of(manager.events(last, stream_batch), manager);
        });
        if (!events) return std::nullopt;
        if (events->empty()) {
            std::this_thread::sleep_for(stream_poll);
            return "";
        }
        last = events->back()["change"].get<std::uint64_t>();
        return stream_text(*events);
    };
}

HttpResponse stream_events(ManagerAccess& access, const Wanted& wanted) {
    const bool is_from_now = !wanted.has_after && wanted.since == UnixMillis::zero();
    const auto start = access.read<std::uint64_t>([wanted, is_from_now](const Manager& manager) {
        Wanted first = wanted;
        first.has_after = true;  // in the order of change
        first.count_max = limits::events_in_memory_max;
        const std::vector<EventView> events = choose(manager, first);
        if (events.empty()) return wanted.after;
        return is_from_now ? events.back().change : events.front().change - 1;
    });
    if (!start) return busy_response();
    HttpResponse response;
    response.events = follow(access, *start);
    return response;
}

HttpResponse list_events(ManagerAccess& access, const Call& call) {
    const Result<Wanted> wanted = parse_wanted(call);
    if (!wanted) return http_problem(400, wanted.error().message);
    const auto accept = call.request.headers.find("accept");
    if (accept != call.request.headers.end() &&
        accept->second.find("text/event-stream") != std::string::npos)
        return stream_events(access, *wanted);
    return read_json(access, [wanted = *wanted](const Manager& manager) -> std::optional<Json> {
        return list_of(choose(manager, wanted), manager);
    });
}

}  // namespace

std::vector<ApiRoute> event_routes(ManagerAccess& access) {
    return {{.method = "GET",
             .pattern = "/v1/events",
             .summary = "What happened, oldest first, each event in its newest revision. With "
                        "\"Accept: text/event-stream\" a stream that goes on, tells of each new "
                        "revision, and resumes by Last-Event-ID.",
             .answer = [&access](const Call& call) { return list_events(access, call); },
             .query = {
                 {"since", "A time (RFC 3339, or seconds since 1970), or a duration such as 10m."},
                 {"after",
                  "Only what is new since that `change`, in the order of change: events, "
                  "revisions, and events without hosts that are now `part_of` another."},
                 {"limit", "At most so many: the first after a change, else the newest."}}}};
}

}  // namespace coppice
