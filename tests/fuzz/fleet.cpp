// A small fleet in which one host says what the bytes decide, on connections that its real self
// keeps alive. The others keep the rules, and once every host is started anew all is well.
#include "simulator/fleet.h"

#include <cstdio>
#include <utility>

#include "simulator/observer.h"
#include "tests/fuzz/hostile.h"

namespace coppice::fuzz {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// What one hostile host cannot make the others do. It may well tell lies about itself and about
/// hosts below it, which its parent has no means to check.
constexpr std::string_view rules[] = {" order: ", " stamp: ", " role: ", " ticket: "};

/// The real node, whose frames are replaced while the bytes last.
class HostileNode final : public Node {
public:
    HostileNode(std::unique_ptr<Node> real, Decisions& decisions, const bool& is_hostile)
        : real_{std::move(real)},
          decisions_{decisions},
          hostile_{decisions},
          is_hostile_{is_hostile} {}

    Outputs step(const Input& input, Instant now) override {
        if (const auto* received = std::get_if<Received>(&input)) overhear(received->frame.body);
        Outputs out = real_->step(input, now);
        if (is_hostile_ && !decisions_.is_over())
            for (Send& send : out.sends) forge(send.frame);
        return out;
    }
    [[nodiscard]] Instant next_deadline() const override { return real_->next_deadline(); }

private:
    /// Keeps what the manager has signed, to show it again.
    void overhear(const Message& message) {
        if (const auto* join = std::get_if<Join>(&message)) hostile_.learn(join->order);
        if (const auto* ordered = std::get_if<Ordered>(&message)) hostile_.learn(ordered->order);
        const auto* push = std::get_if<PushDown>(&message);
        if (push != nullptr && push->content != nullptr) hostile_.learn(*push->content);
    }
    void forge(Frame& frame) {
        if (decisions_.flag()) return;
        Frame forged = frame;
        forged.body = decisions_.flag() ? hostile_.message() : hostile_.heartbeat();
        if (const auto delivered = hostile_.delivered(forged)) frame = *delivered;
    }

    std::unique_ptr<Node> real_;
    Decisions& decisions_;
    Hostile hostile_;
    const bool& is_hostile_;
};

void check(const Fleet& fleet, const Observer& observer) {
    for (const std::string& sentence : observer.findings().broken) {
        const bool is_kept = std::none_of(
            std::begin(rules), std::end(rules),
            [&](std::string_view rule) { return sentence.find(rule) != std::string::npos; });
        if (!is_kept) std::fprintf(stderr, "%s\n", sentence.c_str());
        COPPICE_ENSURE(is_kept, "a rule is broken");
    }
    for (const std::string& fault : fleet.world().trace().faults())
        std::fprintf(stderr, "%s\n", fault.c_str());
    COPPICE_ENSURE(fleet.world().trace().faults().empty(), "nodes keep their contract");
}

void start_anew(Fleet& fleet) {
    for (HostIndex host = 1; host < fleet.world().size(); ++host) {
        if (fleet.world().host(host).phase() != VirtualHost::Phase::down) fleet.crash(host);
        fleet.start_host(host);
    }
}

void tell(Decisions& decisions) {
    const HostIndex villain = 1U + decisions.below(6);
    bool is_hostile = false;
    Fleet fleet{{.hosts = 6,
                 .fanout = 2,
                 .cool_down = seconds{1},
                 .wrap_node = [&](HostIndex host, std::unique_ptr<Node> node) {
                     if (host != villain) return node;
                     return std::unique_ptr<Node>{
                         std::make_unique<HostileNode>(std::move(node), decisions, is_hostile)};
                 }}};
    Observer observer{fleet};
    fleet.start();
    COPPICE_ENSURE(fleet.settle(seconds{20}), "the fleet comes up");
    static_cast<void>(fleet.command(PushCommand{.topic = "motd", .payload = {1}}));
    is_hostile = true;
    fleet.world().run_for(seconds{12});
    is_hostile = false;
    check(fleet, observer);
    start_anew(fleet);
    if (!fleet.settle(minutes{3})) {
        for (const std::string& sentence : check_settled(fleet.snapshot()))
            std::fprintf(stderr, "%s\n", sentence.c_str());
        COPPICE_ENSURE(false, "when all hosts are started anew, all is well");
    }
}

}  // namespace
}  // namespace coppice::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace coppice::fuzz;
    Decisions decisions{data, size};
    tell(decisions);
    return 0;
}
