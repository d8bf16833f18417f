// The fleet at a glance, and whether this process can serve.

#include <nlohmann/json.hpp>

#include "api/routes.h"
#include "runtime/clock.h"

namespace coppice {

std::vector<ApiRoute> status_routes(ManagerAccess& access) {
    return {
        {.method = "GET",
         .pattern = "/v1/status",
         .summary = "The fleet at a glance: managers, cells, counts of hosts.",
         .answer =
             [&access](const Call&) {
                 return read_json(access, [](const Manager& manager) -> std::optional<Json> {
                     Json status = json_of(manager.status());
                     status["release"] = COPPICE_VERSION;
                     status["time_ms"] = unix_now().count();
                     return status;
                 });
             }},
        {.method = "GET",
         .pattern = "/metrics",
         .summary = "Metrics of the manager for Prometheus.",
         .answer =
             [&access](const Call&) {
                 const auto metrics = access.metrics();
                 if (!metrics) return busy_response();
                 return HttpResponse{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                     .body = metrics_text(*metrics)};
             }},
        {.method = "GET",
         .pattern = "/healthz",
         .summary = "200 while the process runs.",
         .answer =
             [](const Call&) {
                 return json_response({{"ok", true}});
             }},
        {.method = "GET",
         .pattern = "/readyz",
         .summary = "200 when the manager answers, 503 when it does not.",
         .answer =
             [&access](const Call&) {
                 const auto is_ready = access.read<bool>([](const Manager&) { return true; });
                 return is_ready ? json_response({{"ok", true}}) : busy_response();
             }},
    };
}

}  // namespace coppice
