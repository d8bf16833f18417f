// Second opinions over real sockets.

#include "runtime/prober.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "runtime/clock.h"

namespace coppice {
namespace {

/// A port of 127.0.0.1 that takes connections, or refuses them when it is only bound.
class Port {
public:
    explicit Port(bool takes_connections, int backlog = 8) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(fd_.get(), generic, size), 0);
        if (takes_connections) {
            EXPECT_EQ(::listen(fd_.get(), backlog), 0);
        }
        ::getsockname(fd_.get(), generic, &size);
        number_ = ntohs(address.sin_port);
    }
    [[nodiscard]] std::string at(const std::string& host) const {
        return "tcp://" + host + ":" + std::to_string(number_);
    }

private:
    FileDescriptor fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::uint16_t number_ = 0;
};

class Probes : public testing::Test {
protected:
    ProbeResult probe(std::vector<std::string> addresses,
                      Duration time_limit = std::chrono::seconds{10}) {
        result_.reset();
        prober_.start({.probe = ProbeId{++last_},
                       .addresses = std::move(addresses),
                       .time_limit = time_limit});
        const Instant bound = steady_now() + std::chrono::seconds{20};
        while (!result_ && steady_now() < bound) {
            loop_.turn(std::min(bound, prober_.next_deadline()));
            prober_.expire(steady_now());
        }
        EXPECT_TRUE(result_) << "no result in time";
        EXPECT_EQ(prober_.next_deadline(), never) << "a probe is left";
        return result_.value_or(ProbeResult::unanswered);
    }

    Loop loop_;
    std::optional<ProbeResult> result_;
    std::uint64_t last_ = 0;
    Prober prober_{loop_, [this](const ProbeFinished& finished) {
                       EXPECT_EQ(finished.probe, ProbeId{last_});
                       EXPECT_FALSE(result_) << "two results";
                       result_ = finished.result;
                   }};
    Port taking_{true};
    Port refusing_{false};
};

TEST_F(Probes, TellTakenFromRefusedConnections) {
    EXPECT_EQ(probe({taking_.at("127.0.0.1")}), ProbeResult::connected);
    EXPECT_EQ(probe({refusing_.at("127.0.0.1")}), ProbeResult::refused);
}

TEST_F(Probes, AreConnectedWhenOneAddressTakesTheConnection) {
    EXPECT_EQ(probe({refusing_.at("127.0.0.1"), taking_.at("127.0.0.1")}), ProbeResult::connected);
}

TEST_F(Probes, AreRefusedOnlyWhenAllAddressesRefuse) {
    EXPECT_EQ(probe({refusing_.at("127.0.0.1"), refusing_.at("127.0.0.1")}), ProbeResult::refused);
    EXPECT_EQ(probe({refusing_.at("127.0.0.1"), "not an address"}), ProbeResult::unanswered);
}

TEST_F(Probes, LookUpNames) {
    EXPECT_EQ(probe({taking_.at("localhost")}), ProbeResult::connected);
    EXPECT_EQ(probe({refusing_.at("localhost")}), ProbeResult::refused);
}

TEST_F(Probes, WithoutAddressesAreUnanswered) { EXPECT_EQ(probe({}), ProbeResult::unanswered); }

TEST_F(Probes, EndAtTheirTimeLimit) {
    // A full backlog leaves further connections without an answer.
    const Port full{true, 0};
    ProbeResult last = ProbeResult::connected;
    for (int count = 0; count < 8 && last == ProbeResult::connected; ++count)
        last = probe({full.at("127.0.0.1")}, std::chrono::milliseconds{100});
    EXPECT_EQ(last, ProbeResult::unanswered);
}

}  // namespace
}  // namespace coppice
