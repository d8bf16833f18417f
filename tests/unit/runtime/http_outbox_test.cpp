// Answers and streams from one thread, to clients that read and to others.
#include "runtime/http_outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <vector>

#include "runtime/clock.h"
#include "runtime/http_problem.h"
#include "runtime/http_reception.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/runtime/unix_connection.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

/// A server that answers "/" and opens a stream for all else.
class Outbox : public testing::Test {
protected:
    void start(const HttpOutboxConfig& config, bool admits = true) {
        auto made = HttpReception::open(
            {.unix_socket = UnixSocketConfig{.path = path}, .body_bytes_max = 1024},
            {.take = [this](HttpArrival& arrival) { return take(arrival); },
             .answer =
                 [](HttpTurnedAway why) {
                     return http_answer_text(http_turned_away(why, seconds{5}));
                 },
             .failed_accept = [] {},
             .admits = [admits](int) { return admits; },
             .work = [this](Instant now) { return outbox->work(now); }});
        ASSERT_TRUE(made.ok());
        reception = std::move(*made);
        outbox.emplace(reception->loop(), config, [this](HttpOutbox::Number) { ++ended; });
        reception->start();
    }
    void TearDown() override {
        if (reception) reception->stop();
        outbox.reset();
    }
    bool take(HttpArrival& arrival) {
        if (arrival.bytes.starts_with("GET / ")) {
            outbox->answer(std::move(arrival.socket), {.body = answer});
        } else {
            streams.push_back(outbox->open(std::move(arrival.socket)));
            outbox->send(streams.back(), "event: hello\n\n");
            ++opened;
        }
        return true;
    }
    void send_to_all(const std::string& piece) {
        EXPECT_TRUE(reception->post([this, piece] {
            for (const HttpOutbox::Number stream : streams) outbox->send(stream, piece);
        }));
    }
    static void wait_for(const std::atomic<int>& value, int wanted) {
        for (int tries = 0; value < wanted && tries < 1000; ++tries)
            std::this_thread::sleep_for(milliseconds{10});
        EXPECT_GE(value, wanted);
    }

    TemporaryDirectory folder;
    std::filesystem::path path = folder.path() / "agent.sock";
    std::string answer = "{}";
    std::unique_ptr<HttpReception> reception;
    std::optional<HttpOutbox> outbox;
    std::vector<HttpOutbox::Number> streams;
    std::atomic<int> opened = 0;
    std::atomic<int> ended = 0;
};

TEST_F(Outbox, AnswersAreWholeHoweverLargeTheyAre) {
    answer = std::string(3'000'000, 'x');
    start({});
    UnixConnection client{path};
    client.send("GET / HTTP/1.1\r\n\r\n");
    const std::string all = client.read_all();
    EXPECT_TRUE(all.starts_with("HTTP/1.1 200 OK\r\n")) << all.substr(0, 40);
    EXPECT_TRUE(all.ends_with("\r\n\r\n" + answer));
}

TEST_F(Outbox, AStreamCarriesWhatIsSentUntilItsClientGoes) {
    start({});
    {
        UnixConnection client{path};
        client.send("GET /events HTTP/1.1\r\n\r\n");
        EXPECT_THAT(client.read_until("hello\n\n"), HasSubstr("text/event-stream"));
        send_to_all("event: more\n\n");
        EXPECT_THAT(client.read_until("more\n\n"), HasSubstr("event: more"));
    }
    wait_for(ended, 1);
}

TEST_F(Outbox, AQuietStreamBeats) {
    start({.beat = milliseconds{20}});
    UnixConnection client{path};
    client.send("GET /events HTTP/1.1\r\n\r\n");
    EXPECT_THAT(client.read_until(": \n\n: \n\n"), HasSubstr(": \n\n: \n\n"));
}

TEST_F(Outbox, WhoeverReadsTooSlowlyLosesItsStreamAndNobodyElseDoes) {
    start({.stream_bytes_max = 100'000});
    UnixConnection slow{path};
    slow.send("GET /events HTTP/1.1\r\n\r\n");
    UnixConnection quick{path};
    quick.send("GET /events HTTP/1.1\r\n\r\n");
    wait_for(opened, 2);
    const std::string piece = std::string(20'000, 'x');
    for (int round = 0; round < 50 && ended == 0; ++round) {
        const std::string mark = "<" + std::to_string(round) + ">";
        send_to_all(piece + mark);
        EXPECT_THAT(quick.read_until(mark), HasSubstr(mark));
    }
    wait_for(ended, 1);
    EXPECT_TRUE(reception->post([this] { EXPECT_EQ(outbox->slow_readers(), 1U); }));
    send_to_all("the end");
    EXPECT_THAT(quick.read_until("the end"), HasSubstr("the end"));
    EXPECT_EQ(ended, 1);
}

TEST_F(Outbox, WhoeverDoesNotTakeItsAnswerIsCutOff) {
    answer = std::string(3'000'000, 'x');
    start({.patience = milliseconds{50}});
    UnixConnection slow{path};
    slow.send("GET / HTTP/1.1\r\n\r\n");
    std::atomic<int> cut = 0;
    for (int tries = 0; cut == 0 && tries < 1000; ++tries) {
        EXPECT_TRUE(reception->post([&] { cut = static_cast<int>(outbox->slow_readers()); }));
        std::this_thread::sleep_for(milliseconds{10});
    }
    EXPECT_EQ(cut, 1);
    EXPECT_LT(slow.read_all().size(), answer.size());
}

TEST_F(Outbox, StrangersAreToldThatTheyAre) {
    start({}, false);
    UnixConnection client{path};
    client.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_THAT(client.read_all(), HasSubstr("403 Forbidden"));
}

}  // namespace
}  // namespace coppice
