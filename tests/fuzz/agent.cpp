// An agent in any role, whose peers do and say what the bytes decide. Their keys are proven by the
// connection, and orders and pushes are signed by the fleet's manager: all else may be a lie.
#include "agent/agent.h"

#include "simulator/virtual_notary.h"
#include "tests/fuzz/contract.h"
#include "tests/fuzz/hostile.h"

namespace coppice::fuzz {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr HostId self{5};
constexpr int decisions_max = 200;

class Story {
public:
    explicit Story(Decisions& decisions) : decisions_{decisions}, hostile_{decisions} {
        hostile_.learn(push());
        restart();
    }

    void tell() {
        for (int left = decisions_max; left > 0 && !decisions_.is_over(); --left) {
            next();
            check();
        }
        // Whatever was said, time goes on.
        for (int left = 3; left > 0; --left) note(runner_.wait(seconds{60}));
    }

private:
    void restart() {
        const Loaded loaded = runner_.restart();
        const AgentConfig config{.fleet = "f",
                                 .name = "n5",
                                 .key = key_of_host(self),
                                 .addresses = {"tcp://h5:1"},
                                 .managers = {peer_of(manager_host)},
                                 .token_id = "t",
                                 .seed = ++runs_};
        agent_ = std::make_unique<Agent>(config, loaded, notary_);
        runner_.run(*agent_);
        note(runner_.feed(Started{}));
    }

    void next() {
        const std::uint8_t choice = decisions_.byte();
        if (choice >= 0xfc) return say();
        switch (choice % 14) {
            case 0:
                return note(runner_.wait(seconds{60}));
            case 1:
                return runner_.pass(milliseconds{decisions_.byte() * 20});
            case 2:
                return hear_order();
            case 3:
                return hear_own_route(hostile_.message());
            case 4:
                return hear_own_route(Welcome{.path = {HostId{1}}});
            case 5:
                return hear_child(hostile_.message());
            case 6:
                return hear_join();
            case 7:
                return hear_anything();
            case 8:
                return note(runner_.feed(LinkDropped{any_route()}));
            case 9:
                return note(runner_.feed(ProbeFinished{
                    {decisions_.number()}, static_cast<ProbeResult>(decisions_.below(3))}));
            case 10:
                return finish_apply();
            case 11:
                if (decisions_.flag()) return reduce();
                return note(runner_.feed(Measured{{hostile_.measurement()}}));
            case 12:
                return note(runner_.feed(ClockRead{
                    milliseconds{static_cast<std::int64_t>(decisions_.byte()) * 100'000}}));
            default:
                if (decisions_.flag()) note(runner_.feed(StopRequested{}));
                return restart();
        }
    }

    void note(const std::vector<Outputs>& all) {
        for (const Outputs& out : all) note(out);
    }
    void note(const Outputs& out) {
        for (const Apply& apply : out.applies) applying_.push_back(apply.push);
        if (!out.reductions.empty()) newest_reduction_ = out.reductions.back().reduction;
    }
    /// In time, late, or never asked.
    void reduce() {
        note(runner_.feed(Reduced{.reduction = {newest_reduction_.value - decisions_.below(3)},
                                  .outcome = static_cast<Reduced::Outcome>(decisions_.below(3)),
                                  .bytes = Bytes(decisions_.byte() * std::size_t{128}, 1)}));
    }

    void say() {
        note(runner_.feed(LocalSaid{.request = {++requests_},
                                    .to = static_cast<LocalSaid::To>(decisions_.below(3)),
                                    .host = hostile_.host(),
                                    .message = hostile_.local_message()}));
    }
    void hear(Route route, HostId from, const Header& header, Message body) {
        const auto frame = hostile_.delivered({header, std::move(body)});
        if (frame) note(runner_.feed(Received{route, key_of_host(from), *frame}));
    }
    /// As the peer of a connection that the agent has opened.
    void hear_own_route(Message body) {
        if (runner_.connections().empty()) return;
        auto chosen = runner_.connections().begin();
        std::advance(chosen,
                     decisions_.below(static_cast<std::uint32_t>(runner_.connections().size())));
        const auto& [route, peer] = *chosen;
        const Header header{
            .sender = peer.host, .link = runner_.link_on(route), .sequence = ++sequence_};
        hear(route, peer.host, header, std::move(body));
    }
    void hear_child(Message body) {
        const HostId child{6U + decisions_.below(4)};
        const Header header{.sender = child,
                            .incarnation = {1},
                            .link = {1U + decisions_.below(2)},
                            .sequence = ++sequence_};
        hear(Route{2 * child.value}, child, header, std::move(body));
    }
    void hear_join() {
        Order ticket = order(HostId{6U + decisions_.below(4)}, Role::leaf);
        ticket.parent = peer_of(decisions_.byte() < 0xc0 ? self : hostile_.host());
        const Header header{.sender = ticket.host,
                            .incarnation = {1},
                            .link = {1U + decisions_.below(2)},
                            .sequence = ++sequence_};
        hear(Route{2 * ticket.host.value}, ticket.host, header,
             Join{.attachment = {++attachment_},
                  .order = notary_.seal(ticket),
                  .addresses = {"tcp://h:1"},
                  .is_orphan = decisions_.flag()});
    }
    void hear_anything() {
        const Header header{.cell = {decisions_.below(2)},
                            .sender = hostile_.host(),
                            .incarnation = {decisions_.number()},
                            .link = {decisions_.number()},
                            .lane = static_cast<Lane>(decisions_.below(3)),
                            .sequence = decisions_.number()};
        const Route route = any_route();
        hear(route, hostile_.host(), header, hostile_.message());
    }
    void hear_order() {
        const Sealed sealed = notary_.seal(order(self, static_cast<Role>(decisions_.below(3))));
        hostile_.learn(sealed);
        if (decisions_.flag()) return hear_own_route(Registered{.order = sealed});
        hear_own_route(Ordered{.destination = self, .order = sealed});
    }

    Order order(HostId host, Role role) {
        const HostId parent{role == Role::root ? 0U : 1U + decisions_.below(4)};
        Order given{.fleet = "f",
                    .host = host,
                    .key = key_of_host(host),
                    .name = "n" + std::to_string(host.value),
                    .cell = CellId{1},
                    .stamp = {1, decisions_.byte() < 0xf0 ? ++generation_ : decisions_.byte()},
                    .role = role,
                    .is_understudy = decisions_.byte() >= 0xc0,
                    .is_placed = decisions_.byte() < 0xf0,
                    .parent = peer_of(parent),
                    .managers = {peer_of(manager_host)},
                    .fanout = 2,
                    .slack = 2};
        for (std::uint8_t left = decisions_.below(3); left > 0; --left)
            given.spares.push_back(peer_of(HostId{1U + decisions_.below(4)}));
        return given;
    }
    [[nodiscard]] Sealed push() const {
        return notary_.seal(
            PushContent{.fleet = "f", .push = {1}, .topic = "motd", .version = 1, .payload = {1}});
    }
    Route any_route() {
        return Route{decisions_.flag() ? decisions_.number() : 2U + decisions_.below(20)};
    }
    void finish_apply() {
        PushId done{decisions_.number()};
        if (!applying_.empty()) {
            done = applying_.back();
            applying_.pop_back();
        }
        const bool is_refused = decisions_.flag();
        note(runner_.feed(
            ApplyFinished{done, is_refused ? std::optional{decisions_.text(255)} : std::nullopt}));
    }

    void check() {
        const AgentView view = agent_->view();
        // Through restarts too; before its first order in a life the agent obeys none.
        COPPICE_ENSURE(view.stamp == Stamp{} || view.stamp >= obeyed_, "orders do not go back");
        obeyed_ = std::max(obeyed_, view.stamp);
        COPPICE_ENSURE(view.children <= children_max, "more children than the fan-out allows");
        COPPICE_ENSURE(view.role == Role::leaf || view.stamp > Stamp{}, "a role comes by order");
    }

    /// Guests take no room from hosts that belong here: twice fan-out and slack.
    static constexpr std::uint32_t children_max = 8;

    Decisions& decisions_;
    Hostile hostile_;
    VirtualNotary notary_{1};
    NodeRunner runner_{{.connections_max = 3, .sends_max = 256}};
    std::unique_ptr<Agent> agent_;
    std::uint64_t runs_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t attachment_ = 0;
    std::uint64_t generation_ = 0;
    std::uint64_t requests_ = 0;
    Stamp obeyed_;
    std::vector<PushId> applying_;
    ReductionId newest_reduction_;
};

}  // namespace
}  // namespace coppice::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace coppice::fuzz;
    Decisions decisions{data, size};
    Story{decisions}.tell();
    return 0;
}
