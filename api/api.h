#pragma once
// The HTTP API of a manager: every address under /v1 mirrors a command of the command line.

#include <functional>
#include <string>
#include <vector>

#include "api/manager_access.h"
#include "api/route.h"
#include "common/ids.h"
#include "common/series.h"
#include "common/timeline.h"
#include "runtime/http_server.h"

namespace coppice {

/// What it takes to make tokens.
struct TokenMint {
    std::string fleet;
    PublicKey manager_key{};  // CURVE
    PublicKey fleet_key{};    // Ed25519
    std::function<Bytes(std::size_t)> random_bytes;
    std::function<Digest(const Bytes&)> hash;
};

class Api {
public:
    /// What a store holds, read on the thread of the manager's loop.
    struct Past {
        TimelineReader& timelines;
        SeriesReader& series;
    };
    /// What is referred to outlives the API.
    Api(ManagerAccess& access, Past past, TokenMint mint);

    /// From any thread but the manager's.
    [[nodiscard]] HttpResponse handle(const HttpRequest& request) const;
    [[nodiscard]] const std::vector<ApiRoute>& routes() const { return routes_; }

private:
    std::vector<ApiRoute> routes_;
};

}  // namespace coppice
