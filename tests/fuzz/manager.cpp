// A manager whose hosts and operators do and say what the bytes decide. Their keys are proven by
// the connection; tickets are orders that this manager has signed: all else may be a lie.
#include "manager/manager.h"

#include <cstdio>

#include "simulator/virtual_notary.h"
#include "tests/fuzz/contract.h"
#include "tests/fuzz/hostile.h"

namespace coppice::fuzz {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int decisions_max = 200;
constexpr UnixMillis unix_start{1'700'000'000'000};

/// What a manager may not forget when its process ends, one line each.
using Memory = std::vector<std::string>;

void show_difference(const Memory& before, const Memory& after) {
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
        const std::string was = i < before.size() ? before[i] : "";
        const std::string is = i < after.size() ? after[i] : "";
        if (was != is) std::fprintf(stderr, "was: %s\nis:  %s\n", was.c_str(), is.c_str());
    }
}

class Story {
public:
    explicit Story(Decisions& decisions) : decisions_{decisions}, hostile_{decisions} {
        const std::vector<Write> initial{
            Put{FleetRecord{.fleet = "f"}},
            Put{TokenRecord{.id = "t", .secret_hash = notary_.hash(Bytes{1})}}};
        COPPICE_ENSURE(runner_.store().commit(initial).ok(), "coppice init");
        restart();
    }

    void tell() {
        for (int left = decisions_max; left > 0 && !decisions_.is_over(); --left) next();
        for (int left = 3; left > 0; --left) note(runner_.wait(seconds{60}));
        check();
        // Whatever was said, the store can be opened again, and nothing is forgotten.
        const Memory before = memory();
        for (const HostView& view : hosts())
            if (!view.record.is_placed) return;  // it may find room in the new life
        restart();
        const Memory after = memory();
        show_difference(before, after);
        COPPICE_ENSURE(after == before, "what was shown is in the store");
        check();
    }

private:
    /// A host as it presents itself.
    struct Host {
        HostId id;
        Sealed ticket;
        Incarnation incarnation{1};
        std::uint64_t attachment = 0;
        std::uint64_t sequence = 0;
        std::uint64_t link = 0;
        std::uint64_t facts = 0;
    };

    void restart() {
        Loaded loaded = runner_.restart();
        manager_ = std::make_unique<Manager>(
            ManagerConfig{
                .addresses = {"tcp://m:1"}, .key = key_of_host(manager_host), .fanout = 2},
            std::move(loaded), notary_);
        runner_.run(*manager_);
        // Nothing is asked of a node before it has started.
        note(runner_.feed(Started{unix_time()}));
    }
    [[nodiscard]] UnixMillis unix_time() const {
        return unix_start +
               std::chrono::duration_cast<UnixMillis>(runner_.now().time_since_epoch());
    }

    void next() {
        switch (decisions_.below(12)) {
            case 0:
                return note(runner_.wait(seconds{10}));
            case 1:
                return runner_.pass(milliseconds{decisions_.byte() * 20});
            case 2:
                return speak(any(), Lane::management, registration());
            case 3:
                return join(any());
            case 4:
                return beat(any());
            case 5:
                return seek(any());
            case 6:
                return speak(any(), static_cast<Lane>(decisions_.below(3)), hostile_.message());
            case 7:
                return note(runner_.feed(LinkDropped{Route{2U + decisions_.below(20)}}));
            case 8:
                return note(runner_.feed(ProbeFinished{
                    {decisions_.number()}, static_cast<ProbeResult>(decisions_.below(3))}));
            case 9:
                return note(runner_.feed(CommandReceived{{++requests_}, hostile_.command()}));
            case 10:
                return note(runner_.feed(ClockRead{
                    unix_time() + milliseconds{decisions_.byte() * std::int64_t{10'000'000}}}));
            default:
                if (decisions_.byte() >= 0xe0) restart();
                return check();
        }
    }

    std::uint32_t any() { return 1U + decisions_.below(hosts_end - 1); }

    void speak(std::uint32_t number, Lane lane, Message body) {
        Host& host = hosts_[number];
        const bool is_forged = decisions_.byte() >= 0xf0;
        const Header header{
            .cell = {1},
            .sender = is_forged ? hostile_.host() : host.id,
            .incarnation = is_forged ? Incarnation{decisions_.number()} : host.incarnation,
            .link = {is_forged ? decisions_.number() : host.link},
            .lane = lane,
            .sequence = is_forged ? decisions_.number() : ++host.sequence};
        const auto frame = hostile_.delivered({header, std::move(body)});
        if (!frame) return;
        const Route route{2 * number};
        note(runner_.feed(Received{route, key_of_host({number}), *frame}));
    }
    Register registration() {
        Register request{.token_id = "t",
                         .token_secret = {1},
                         .name = "n" + std::to_string(decisions_.below(hosts_end)),
                         .addresses = {"tcp://h:1"},
                         .labels = {{"zone", "z1"}}};
        return request;
    }
    void join(std::uint32_t number) {
        Host& host = hosts_[number];
        if (decisions_.byte() >= 0xe0) ++host.incarnation.value;
        ++host.link;
        host.sequence = 0;
        speak(number, Lane::control,
              Join{.attachment = {++host.attachment},
                   .order = host.ticket,
                   .addresses = {"tcp://h:1"},
                   .is_orphan = decisions_.flag()});
    }
    void beat(std::uint32_t number) {
        Heartbeat heartbeat = hostile_.heartbeat();
        if (decisions_.byte() < 0xe0) heartbeat.facts_revision = ++hosts_[number].facts;
        speak(number, Lane::control, std::move(heartbeat));
    }
    void seek(std::uint32_t number) {
        const Seek question{.lost_parent = hostile_.host(),
                            .has_parent = decisions_.flag(),
                            .attachment = {++hosts_[number].attachment}};
        speak(number, Lane::management, question);
    }

    void note(const std::vector<Outputs>& all) {
        for (const Outputs& out : all) note(out);
    }
    /// Hosts take the orders that they are sent.
    void note(const Outputs& out) {
        for (const Send& send : out.sends) {
            const Sealed* order = nullptr;
            if (const auto* registered = std::get_if<Registered>(&send.frame.body))
                order = registered->order ? &*registered->order : nullptr;
            if (const auto* ordered = std::get_if<Ordered>(&send.frame.body))
                order = &ordered->order;
            if (order != nullptr) take(*order);
        }
    }
    void take(const Sealed& sealed) {
        hostile_.learn(sealed);
        const auto order = std::get<Order>(notary_.open(sealed).value());
        Host& host = hosts_[order.key[0]];
        host.id = order.host;
        host.ticket = sealed;
    }

    [[nodiscard]] std::vector<HostView> hosts() const { return manager_->hosts("").value(); }
    [[nodiscard]] Memory memory() const {
        Memory memory;
        for (const HostView& view : hosts()) {
            const HostRecord& host = view.record;
            memory.push_back(host.name + ' ' + std::to_string(host.id.value) + ' ' +
                             std::to_string(static_cast<int>(host.state)) + ' ' +
                             std::to_string(host.parent.value) + ' ' +
                             std::to_string(host.attachment.value) + ' ' +
                             std::to_string(host.incarnation.value));
        }
        for (const ReceiptView& view : manager_->pushes())
            memory.push_back(view.topic + ' ' + std::to_string(view.target) + ' ' +
                             std::to_string(view.applied) + ' ' + std::to_string(view.refused));
        return memory;
    }

    void check() const {
        static_cast<void>(manager_->status());
        static_cast<void>(manager_->metrics());
        static_cast<void>(manager_->tokens(unix_time()));
        static_cast<void>(manager_->events(0, 100));
        const TreeView tree = manager_->tree();
        COPPICE_ENSURE(tree.max_children <= tree.fanout + tree.slack, "the fan-out is a limit");
        for (const ReceiptView& view : manager_->pushes()) {
            COPPICE_ENSURE(
                view.applied + view.refused + view.isolated + view.pending == view.target,
                "the four counts add up");
            COPPICE_ENSURE(!view.complete || view.applied == view.target, "complete is complete");
        }
        for (const HostView& view : hosts()) {
            const HostRecord& host = view.record;
            const bool is_present =
                host.state == HostState::live || host.state == HostState::joining;
            COPPICE_ENSURE(!is_present || host.is_placed || !host.unplaced_reason.empty(),
                           "a host has a place or a reason");
            COPPICE_ENSURE(host.parent != host.id, "nobody is its own parent");
            COPPICE_ENSURE(is_present || host.role == Role::leaf, "who is gone holds no role");
        }
    }

    Decisions& decisions_;
    Hostile hostile_;
    VirtualNotary notary_{1};
    NodeRunner runner_{{.connections_max = 0, .sends_max = 256}};
    std::unique_ptr<Manager> manager_;
    std::map<std::uint32_t, Host> hosts_;
    std::uint64_t requests_ = 0;
};

}  // namespace
}  // namespace coppice::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace coppice::fuzz;
    Decisions decisions{data, size};
    Story{decisions}.tell();
    return 0;
}
