#pragma once
// A manager with a store in memory, and a fleet that is played: hosts obey their orders, the root
// reports for all of them, and a test says who dies.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/set_sync.h"
#include "manager/manager.h"
#include "tests/support/fake_notary.h"
#include "tests/support/memory_series.h"
#include "tests/support/memory_timelines.h"

namespace coppice::testing {

class CellBench {
public:
    struct Host {
        std::string name;
        PublicKey key{};
        Incarnation incarnation{1};
        HostId id;
        Order order;
        Stamp obeyed;    // as last reported
        Stamp followed;  // of the order on which it last changed its parent
        Stamp warmed;    // of the order on which it opened a line to the manager as understudy
        HostId parent;
        Attachment attachment;
        std::uint64_t revision = 0;
        bool is_up = true;
        bool is_attached = false;
        Instant next_seek{};
        Registered answer;  // to its last registration
    };

    explicit CellBench(std::uint32_t fanout = 4);

    /// Feeds one input, makes its writes durable and lets the hosts hear what is sent.
    void feed(const Input& input);
    /// Moves time on, waking the manager when it asks for it; the root beats every interval.
    void run(Duration span);
    /// Every host that is up obeys its newest order, and the tree has no fault.
    [[nodiscard]] bool is_settled() const;
    /// Until it is settled and stays so for some seconds; false after a minute.
    [[nodiscard]] bool settle();

    Host& add(const std::string& name);   // the request is under way then
    Host& join(const std::string& name);  // settled
    void join_many(std::size_t count, const std::string& prefix = "n");
    void request(Host& host, Register body);
    [[nodiscard]] Register registration(const std::string& name) const;
    void restart_host(const std::string& name);
    /// Its parent notices at once; its children go to their spares.
    void kill(const std::string& name, Cause cause = Cause::crashed);
    void seek(Host& host, HostId lost_parent, bool is_leaving = false);
    void say(const HostFact& fact);  // by way of the root
    void report(const SetKey& key, const HostSet& hosts);
    /// A hint only: the root beats on.
    void drop_root_link() { feed(LinkDropped{root_route_}); }
    [[nodiscard]] Answer ask(Command command);
    void restart_manager();
    /// The root answers the newest question, under a window number of its own.
    void answer_question(Partial partial);
    [[nodiscard]] Loaded loaded() const;

    [[nodiscard]] Host& host(const std::string& name) { return hosts.at(name); }
    [[nodiscard]] Host* by_id(HostId id);
    [[nodiscard]] HostView view(const std::string& name) const { return *manager->host(name); }
    [[nodiscard]] std::string root() const { return manager->status().cells.front().root; }
    [[nodiscard]] std::string understudy() const {
        return manager->status().cells.front().understudy;
    }
    [[nodiscard]] std::vector<Event> events(const std::string& kind) const;
    [[nodiscard]] double metric(const std::string& name) const {
        for (const MetricView& metric : manager->metrics())
            if (metric.name == name) return metric.value;
        return 0;
    }

    ManagerConfig config;
    FakeNotary notary;
    Instant now{std::chrono::seconds{1000}};
    UnixMillis unix_start{std::chrono::hours{480'000}};
    std::unique_ptr<Manager> manager;
    std::map<std::string, Host> hosts;
    std::map<std::string, Labels> labels;  // of those that have others than rack=r1
    std::map<RecordKey, Record> records;
    std::vector<Event> journal;
    MemoryTimelines timelines;
    MemorySeries series;
    bool has_roles = true;                // in the timelines, as a manager that starts is told
    std::vector<PushDown> pushes;         // that the root was given
    std::vector<WindowOpened> questions;  // that the root was asked
    std::vector<Reply> replies;
    std::vector<Refused> refusals;  // of joins and beats
    std::uint64_t writes = 0;
    std::uint64_t term = 1;
    bool is_root_silent = false;
    /// Empty: as the root is up or not.
    std::function<ProbeResult(const Probe&)> probe_result;

private:
    void hear(const Send& sent);
    void obey(Host& host, const Sealed& sealed);
    bool attach(Host& host, HostId parent);
    void find_parent(Host& host);
    void join_manager(Host& root);
    void beat();
    [[nodiscard]] bool may_take(HostId parent, const Host& child);
    [[nodiscard]] HostSet members();

    Route root_route_{};
    LinkId root_link_{};
    std::uint64_t sequence_ = 0;
    std::uint64_t links_ = 0;
    HostId joined_root_;
    Instant next_beat_{};
    std::vector<std::pair<std::uint64_t, HostFact>> facts_;
    std::uint64_t facts_revision_ = 0;
    NamedSets sets_;
    SetSender sender_;
    std::map<std::uint64_t, std::string> on_route_;
    std::uint64_t next_request_ = 1;
};

}  // namespace coppice::testing
