#pragma once
// Answers HTTP connections from one thread: whole answers, and streams of server-sent events that
// cost a descriptor and a bounded queue each.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.h"
#include "runtime/file_descriptor.h"
#include "runtime/http_server.h"
#include "runtime/loop.h"

namespace coppice {

struct HttpOutboxConfig {
    /// Within which a client takes some of its answer; later it is cut off.
    Duration patience = std::chrono::seconds{5};
    /// That wait for the reader of one stream. One more ends the stream: whoever reads too slowly
    /// connects again and says where it was.
    std::size_t stream_bytes_max = 512UL * 1024;
    /// A quiet stream carries a comment this often.
    Duration beat = std::chrono::seconds{15};
};

/// All of it belongs to the thread of the loop, which outlives it.
class HttpOutbox {
public:
    /// Never used for another stream.
    using Number = std::uint64_t;

    /// `on_end` is told by work() of each stream that has ended, however it did, but by end().
    HttpOutbox(Loop& loop, HttpOutboxConfig config, std::function<void(Number)> on_end);
    ~HttpOutbox();
    HttpOutbox(const HttpOutbox&) = delete;
    HttpOutbox& operator=(const HttpOutbox&) = delete;

    void answer(FileDescriptor socket, const HttpResponse& response);
    /// Begins a stream.
    [[nodiscard]] Number open(FileDescriptor socket);
    /// Queues a piece of a stream; nothing happens when it has ended.
    void send(Number stream, std::string_view piece);
    void end(Number stream);

    [[nodiscard]] std::size_t streams() const { return streams_; }
    /// Streams that were ended because their clients read too slowly, since the start.
    [[nodiscard]] std::uint64_t slow_readers() const { return slow_readers_; }

    /// Cuts off who is too slow, beats on quiet streams, tells of those that ended. Call it in each
    /// turn of the loop. Returns when it is due again.
    Instant work(Instant now);

private:
    struct Connection {
        FileDescriptor socket;
        std::string waiting;
        std::size_t sent = 0;  // of it
        bool is_stream = false;
        bool waits_for_room = false;
        Instant due{};  // cut off then, or a beat when nothing waits
    };

    Number add(FileDescriptor socket, std::string bytes, bool is_stream);
    /// The connection may be gone afterwards.
    void push(Number number);
    void on_event(Number number);
    void watch(Number number);
    void remove(Number number, bool tell);
    void cut_off(Instant now);

    Loop& loop_;
    const HttpOutboxConfig config_;
    const std::function<void(Number)> on_end_;
    std::map<Number, Connection> connections_;
    std::vector<Number> ended_;  // of which nobody was told yet
    Number next_ = 1;
    std::size_t streams_ = 0;
    std::uint64_t slow_readers_ = 0;
};

}  // namespace coppice
