#pragma once
// One event stream of the agent that is opened again whenever it ends.

#include <chrono>
#include <functional>
#include <string>

#include "client/event_stream.h"
#include "client/http.h"

namespace coppice::client {

class Stream {
public:
    using Clock = std::chrono::steady_clock;

    struct Handlers {
        std::function<void(const StreamEvent&)> event;
        std::function<void(bool)> connection;
    };

    Stream(std::string socket, Request request, Handlers handlers);

    /// To be polled for input; negative while it is not open.
    [[nodiscard]] int fd() const { return connection_.get(); }
    /// When it is opened again; the end of time while it is open.
    [[nodiscard]] Clock::time_point due() const { return due_; }
    /// Opens it when it is due.
    void work(Clock::time_point now);
    /// Something can be read.
    void on_readable(Clock::time_point now);

private:
    void close(Clock::time_point now);
    void read_head();

    static constexpr std::chrono::milliseconds pause_min{100};
    static constexpr std::chrono::milliseconds pause_max{2000};

    const std::string socket_;
    Request request_;
    const Handlers handlers_;
    Descriptor connection_;
    std::string head_;
    bool has_head_ = false;
    EventReader reader_;
    std::chrono::milliseconds pause_ = pause_min;
    Clock::time_point due_ = Clock::time_point::min();
};

}  // namespace coppice::client
