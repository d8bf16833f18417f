// Requests to the HTTP API with a manager behind it. A request is lines: method and path;
// parameters as name=value; headers as name:value; an empty line; the body up to a line of "----".
#include <nlohmann/json.hpp>
#include <sstream>

#include "api/api.h"
#include "tests/fuzz/decisions.h"
#include "tests/support/small_api.h"
#include "tests/support/small_fleet.h"

namespace coppice::fuzz {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr UnixMillis today{1'714'564'800'000};
constexpr std::size_t requests_max = 16;

class Server {
public:
    void serve(const HttpRequest& request) {
        const HttpResponse response = api_.handle(request);
        COPPICE_ENSURE(response.status >= 200 && response.status < 600, "a status of HTTP");
        COPPICE_ENSURE(response.status != 500, "whatever is asked, the server does not fail");
        if (response.events || response.content_type.find("json") == std::string::npos) return;
        const auto body = nlohmann::json::parse(response.body, nullptr, false);
        COPPICE_ENSURE(!body.is_discarded(), "an answer in JSON is JSON");
        if (response.status < 400) return;
        COPPICE_ENSURE(body.value("status", 0) == response.status, "a problem says its status");
        COPPICE_ENSURE(!body.value("detail", "").empty(), "and what is wrong");
    }

private:
    testing::SmallApi api_{testing::small_fleet(), today, Duration::zero()};
};

HttpRequest read_request(std::istream& in) {
    HttpRequest request;
    std::string line;
    std::getline(in, line);
    const std::size_t space = line.find(' ');
    request.method = line.substr(0, space);
    if (space != std::string::npos) request.path = line.substr(space + 1);
    while (std::getline(in, line) && !line.empty()) {
        const std::size_t end = line.find_first_of("=:");
        if (end == std::string::npos) continue;
        auto& values = line[end] == '=' ? request.query : request.headers;
        values.emplace(line.substr(0, end), line.substr(end + 1));
    }
    while (std::getline(in, line) && line != "----")
        request.body += (request.body.empty() ? "" : "\n") + line;
    return request;
}

}  // namespace
}  // namespace coppice::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace coppice::fuzz;
    std::istringstream in{std::string{Decisions{data, size}.rest_text()}};
    Server server;
    for (std::size_t count = 0; in && count < requests_max; ++count) server.serve(read_request(in));
    return 0;
}
