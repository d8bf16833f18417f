#pragma once
// A manager with very many hosts, which are played by one root that tells that everybody lives
// where it was ordered to be.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/limits.h"
#include "common/set_sync.h"
#include "manager/manager.h"

namespace coppice::testing {

class LargeCell {
public:
    /// Of a host by its number; empty: of a rack of 32.
    using LabelsOf = std::function<Labels(std::uint32_t)>;

    /// `notary` outlives the cell.
    explicit LargeCell(const Notary& notary, ManagerConfig config = {}, LabelsOf labels_of = {})
        : notary_{notary}, config_{std::move(config)}, labels_of_{std::move(labels_of)} {
        config_.addresses = {"tcp://manager.cluster.example.org:7400"};
        config_.key.fill(1);
        const TokenRecord known{.id = token, .secret_hash = notary.hash(secret()), .labels = {}};
        Loaded loaded{.term = 1, .records = {FleetRecord{.fleet = "fleet-1"}, known}, .events = {}};
        manager_ = std::make_unique<Manager>(config_, std::move(loaded), notary_);
        feed(Started{std::chrono::hours{480'000}});
    }

    /// The hosts register in batches, as large as a manager takes if nobody says otherwise, and
    /// are answered.
    void join(std::uint32_t count, std::uint32_t batch = 4096) {
        for (std::uint32_t done = 0; done < count; ++done) {
            ask_to_join();
            if ((done + 1) % batch == 0 || done + 1 == count) take_batch();
        }
    }

    /// A request of one more host; answered by take_batch().
    void ask_to_join() {
        const std::uint32_t number = ++asked_;
        Register request = registration(number);
        if (labels_of_) request.labels = labels_of_(number);
        feed(Received{Route{number * 2ULL},
                      key_of(number),
                      {{.incarnation = {1}, .lane = Lane::management}, std::move(request)}});
    }
    /// The manager no longer waits for company.
    void take_batch() {
        now_ += config_.join_batch;
        feed(DeadlineReached{});
    }

    /// Every host obeys its newest order and the manager knows it. False when that takes more than
    /// ten minutes of the cell's time.
    [[nodiscard]] bool settle() {
        constexpr int seconds_max = 600;
        if (!is_root_joined_) join_root();
        for (int second = 0; second < seconds_max; ++second) {
            run_for(std::chrono::seconds{1});
            if (untold_.empty() && is_quiet()) return true;
        }
        return false;
    }

    /// The root tells that these were lost, in as many heartbeats as it takes.
    void lose(const HostSet& lost) {
        std::vector<HostFact> facts;
        facts.reserve(limits::facts_per_heartbeat_max);
        for (const HostId id : lost.to_vector()) {
            facts.push_back(fact_of(id, HostState::lost, Cause::unreachable));
            if (facts.size() == limits::facts_per_heartbeat_max) beat(std::exchange(facts, {}));
        }
        untold_ -= lost;
        members_ -= lost;
        store(sets_, members_key, members_);
        beat(std::move(facts));
    }
    /// Whoever gets an order obeys it, for so long.
    void run_for(std::chrono::seconds span) {
        for (auto second = span; second.count() > 0; --second) {
            tell_facts();
            now_ += config_.interval;
            beat({});
            if (manager_->next_deadline() <= now_) feed(DeadlineReached{});
        }
    }
    /// Called with all that is to be durable.
    void on_writes(std::function<void(const std::vector<Write>&)> sink) { sink_ = std::move(sink); }

    [[nodiscard]] const Manager& manager() const { return *manager_; }
    /// Ends the manager; the cell can only be asked for its records then.
    void end_manager() { manager_.reset(); }
    /// The records that a store holds, but for tokens and hosts.
    [[nodiscard]] const FleetRecord& fleet() const { return fleet_; }
    [[nodiscard]] const CellRecord& cell() const { return cell_; }

    /// Of a rack of 32 hosts, as agents of a cluster register.
    [[nodiscard]] static Register registration(std::uint32_t number) {
        constexpr std::uint32_t hosts_per_rack = 32;
        constexpr double gib = 1024.0 * 1024 * 1024;
        std::array<char, 16> digits{};
        std::snprintf(digits.data(), digits.size(), "n%06u", number);
        const std::string name = digits.data();
        return {.token_id = token,
                .token_secret = secret(),
                .name = name,
                .machine_id = std::string(25, 'a') + name,
                .addresses = {"tcp://" + name + ".cluster.example.org:43217"},
                .labels = {{"zone", "z1"}, {"rack", "r" + std::to_string(number / hosts_per_rack)}},
                .resources = {{"cores", 64}, {"disk_total", 1000 * gib}, {"mem_total", 256 * gib}},
                .release = "0.1.0"};
    }
    [[nodiscard]] static PublicKey key_of(std::uint32_t number) {
        PublicKey key{};
        std::memcpy(key.data(), &number, sizeof number);
        key.back() = 1;
        return key;
    }

private:
    static constexpr const char* token = "0a1b2c3d";
    static constexpr Attachment attachment{1};
    static Bytes secret() { return Bytes(16, 7); }

    struct Told {  // of a host, by id
        HostId parent;
        Stamp stamp;
        std::uint64_t revision = 0;
    };

    void feed(const Input& input) {
        const Outputs out = manager_->step(input, now_);
        if (sink_ && !out.writes.empty()) sink_(out.writes);
        for (const Write& write : out.writes)
            if (const auto* put = std::get_if<Put>(&write)) note(put->record);
        for (const Send& sent : out.sends) hear(sent.frame.body);
    }

    void note(const Record& record) {
        if (const auto* fleet = std::get_if<FleetRecord>(&record)) fleet_ = *fleet;
        if (const auto* cell = std::get_if<CellRecord>(&record)) cell_ = *cell;
        const auto* host = std::get_if<HostRecord>(&record);
        if (host == nullptr) return;
        if (host->role == Role::root) root_ = host->id;
        if (host->id.value >= told_.size()) told_.resize(std::size_t{host->id.value} + 1);
        Told& told = told_[host->id.value];
        const Stamp newest{host->term, host->generation};
        if (told.stamp != newest) untold_.insert(host->id);
        told.parent = host->parent;
        told.stamp = newest;
    }

    void hear(const Message& body) {
        if (const auto* registered = std::get_if<Registered>(&body)) keep_ticket(registered->order);
        if (const auto* ordered = std::get_if<Ordered>(&body))
            if (ordered->destination == root_) keep_ticket(ordered->order);
        if (const auto* answer = std::get_if<HeartbeatAnswer>(&body))
            for (const SetAck& ack : answer->sets) sender_.on_ack(ack);
    }
    void keep_ticket(const std::optional<Sealed>& order) {
        if (order && !ticket_) ticket_ = order;  // the first host is the root
    }

    void join_root() {
        is_root_joined_ = true;
        feed(from_root(Join{.attachment = attachment, .order = *ticket_, .addresses = {}}));
    }

    void tell_facts() {
        const std::vector<HostId> untold = untold_.to_vector();
        untold_ = {};
        std::vector<HostFact> facts;
        for (const HostId id : untold) {
            members_.insert(id);
            if (id == root_) continue;
            facts.push_back(fact_of(id, HostState::live, Cause::joined));
            if (facts.size() == limits::facts_per_heartbeat_max) beat(std::exchange(facts, {}));
        }
        store(sets_, members_key, members_);
        beat(std::move(facts));
    }

    [[nodiscard]] HostFact fact_of(HostId id, HostState state, Cause cause) {
        Told& told = told_[id.value];
        return {.host = id,
                .incarnation = {1},
                .attachment = attachment,
                .revision = ++told.revision,
                .state = state,
                .cause = cause,
                .parent = told.parent,
                .stamp = told.stamp};
    }

    void beat(std::vector<HostFact> facts) {
        facts_revision_ += facts.size();
        feed(from_root(Heartbeat{.stamp = told_[root_.value].stamp,
                                 .facts_revision = facts_revision_,
                                 .facts = std::move(facts),
                                 .sets = sender_.reports(sets_, false)}));
    }

    [[nodiscard]] Received from_root(Message body) {
        return {Route{1'000'000'000},
                key_of(root_.value),
                {{.sender = root_, .incarnation = {1}, .link = LinkId{1}, .sequence = ++sequence_},
                 std::move(body)}};
    }

    [[nodiscard]] bool is_quiet() const {
        const StatusView status = manager_->status();
        if (status.hosts.live != status.hosts.registered) return false;
        for (const MetricView& metric : manager_->metrics())
            if (metric.name == "coppice_orders_open" && metric.value > 0) return false;
        return true;
    }

    const Notary& notary_;
    ManagerConfig config_;
    LabelsOf labels_of_;
    std::unique_ptr<Manager> manager_;
    std::function<void(const std::vector<Write>&)> sink_;
    Instant now_{std::chrono::seconds{1000}};
    std::uint32_t asked_ = 0;
    FleetRecord fleet_;
    CellRecord cell_;

    // The root that tells of all.
    HostId root_;
    std::optional<Sealed> ticket_;
    bool is_root_joined_ = false;
    std::uint64_t sequence_ = 0;
    std::uint64_t facts_revision_ = 0;
    std::vector<Told> told_;
    HostSet untold_;
    HostSet members_;
    NamedSets sets_;
    SetSender sender_;
};

}  // namespace coppice::testing
