#pragma once
// The HTTP API before a real manager whose loop is the thread of whoever asks.

#include <functional>
#include <map>
#include <string>

#include "api/api.h"
#include "tests/support/fake_notary.h"
#include "tests/support/memory_series.h"
#include "tests/support/memory_timelines.h"

namespace coppice::testing {

class SmallApi {
public:
    SmallApi(Loaded loaded, UnixMillis unix_time, Duration patience)
        : manager_{{.addresses = {"tcp://127.0.0.1:7400"}, .fanout = 4},
                   std::move(loaded),
                   notary_},
          access_{{.manager = manager_,
                   .post =
                       [](const std::function<void()>& task) {
                           task();
                           return true;
                       },
                   .submit = [this](const Input& input) { feed(input); },
                   .process_metrics = {},
                   .patience = patience}} {
        feed(Started{.unix_time = unix_time});
    }

    HttpResponse handle(const HttpRequest& request) { return api_.handle(request); }
    [[nodiscard]] const std::vector<ApiRoute>& routes() const { return api_.routes(); }
    [[nodiscard]] MemorySeries& series() { return series_; }
    /// As when the daemon stops.
    void close() { access_.close(); }

private:
    void feed(const Input& input) {
        Outputs outputs = manager_.step(input, Instant{} + std::chrono::seconds{1});
        timelines_.take(outputs.writes);
        series_.take(outputs.writes);
        for (Reply& reply : outputs.replies) access_.on_reply(std::move(reply));
    }

    FakeNotary notary_;
    MemoryTimelines timelines_;
    MemorySeries series_;
    Manager manager_;
    ManagerAccess access_;
    Api api_{access_,
             {timelines_, series_},
             {.fleet = "f1",
              .random_bytes = [this](std::size_t size) { return Bytes(size, ++drawn_); },
              .hash = [this](const Bytes& bytes) { return notary_.hash(bytes); }}};
    std::uint8_t drawn_ = 0;
};

}  // namespace coppice::testing
