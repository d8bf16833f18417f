// Builds the fleet and runs what is asked of it.
#include "simulator/fleet.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/ensure.h"

namespace coppice {

namespace {

const std::string fleet_name = "sim";
const std::string token_id = "t1";
const Bytes token_secret{'s', 'e', 'c', 'r', 'e', 't'};
constexpr Duration look_period = std::chrono::milliseconds{10};
constexpr std::uint32_t zones = 3;

PublicKey key_of(std::uint64_t seed, std::uint32_t number) {
    PublicKey key{};
    std::uint64_t word = scramble(seed) + number;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (i % sizeof word == 0) word = scramble(word);
        key[i] = static_cast<std::uint8_t>(word >> (i % sizeof word * 8));
    }
    return key;
}

std::string name_of(std::uint32_t number) {
    std::string digits = std::to_string(number);
    if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
    return "n" + digits;
}

}  // namespace

Fleet::Fleet(const FleetOptions& options)
    : options_{options},
      notary_{scramble(options.seed + 2)},
      world_{{.seed = options.seed, .network = options.network, .hosts = options.host}},
      quiet_{world_, manager_index},
      manager_key_{key_of(options.seed, 0)} {
    set_loss(options.network.loss, options.network.frame_loss);
    if (options.is_passing_over) world_.on_lull([this](Instant limit) { quiet_.pass(limit); });
    world_.on_reply([this](HostIndex, const Reply& reply) {
        answers_.insert_or_assign(reply.request, reply.answer);
    });
    world_.add_witness(*this);
    add_manager();
    if (!options_.roster.empty())
        options_.hosts = static_cast<std::uint32_t>(options_.roster.size());
    for (std::uint32_t number = 1; number <= options_.hosts; ++number) add_host(number);
    glances_.resize(world_.size());
}

std::unique_ptr<Node> Fleet::wrapped(HostIndex host, std::unique_ptr<Node> node) {
    if (inner_.size() <= host) inner_.resize(host + 1);
    inner_[host] = node.get();
    return options_.wrap_node ? options_.wrap_node(host, std::move(node)) : std::move(node);
}

void Fleet::add_manager() {
    const auto make_node = [this](Loaded loaded, std::uint64_t run) -> std::unique_ptr<Node> {
        const ManagerConfig config{.addresses = manager_addresses_,
                                   .key = manager_key_,
                                   .interval = options_.interval,
                                   .fanout = options_.fanout,
                                   .cool_down = options_.cool_down,
                                   .failures_max = options_.failures_max,
                                   .isolation_pause = options_.isolation_pause,
                                   .domain_path = options_.domain_path,
                                   .may_lead = options_.may_lead,
                                   .seed = scramble(options_.seed + 3) + run};
        return wrapped(manager_index,
                       std::make_unique<Manager>(config, std::move(loaded), notary_));
    };
    const HostIndex index = world_.add_host({.name = "manager",
                                             .key = manager_key_,
                                             .addresses = manager_addresses_,
                                             .place = {},
                                             .measurements = {},
                                             .make_node = make_node});
    const std::vector<Write> writes{
        Put{FleetRecord{.fleet = fleet_name}},
        Put{CellRecord{.name = "main"}},
        Put{TokenRecord{.id = token_id, .secret_hash = notary_.hash(token_secret)}},
    };
    const Result<Done> committed = world_.host(index).store().commit(writes);
    COPPICE_ENSURE(committed.ok(), "a new virtual store works");
}

HostPlan Fleet::plan_of(std::uint32_t number) const {
    if (!options_.roster.empty()) return options_.roster[number - 1];
    HostPlan plan{.name = name_of(number),
                  .labels = {{"zone", "z" + std::to_string(number % zones + 1)}}};
    if (options_.racks > 0) {
        const std::uint64_t rack = std::uint64_t{number - 1} * options_.racks / options_.hosts + 1;
        plan.labels["rack"] = "r" + std::to_string(rack);
    }
    return plan;
}

AgentConfig Fleet::config_of(std::uint32_t number) const {
    HostPlan plan = plan_of(number);
    plan.labels.insert(options_.labels.begin(), options_.labels.end());
    if (const auto further = further_labels_.find(number); further != further_labels_.end())
        for (const auto& [key, value] : further->second) plan.labels[key] = value;
    return {.fleet = fleet_name,
            .name = plan.name,
            .machine_id = "machine-" + plan.name,
            .key = key_of(options_.seed, number),
            .addresses = {"tcp://" + plan.name + ":7401"},
            .managers = {{manager_host, manager_key_, manager_addresses_}},
            .token_id = token_id,
            .token_secret = token_secret,
            .labels = std::move(plan.labels),
            .resources = {{"cores", 8}},
            .release = "sim"};
}

/// Some hosts have a queue, of some it is below nothing.
std::vector<Measurement> Fleet::measurements_of(std::uint32_t number) {
    std::vector<Measurement> measured{{"load1", static_cast<double>(number)}, {"cores", 8}};
    if (number % 3 == 0) measured.push_back({"queue", 100.5 - 7.0 * number});
    return measured;
}

void Fleet::add_host(std::uint32_t number) {
    const AgentConfig config = config_of(number);
    // A million hosts: what can be made again is not kept.
    const auto make_node = [this, number](const Loaded& loaded,
                                          std::uint64_t run) -> std::unique_ptr<Node> {
        AgentConfig mine = config_of(number);
        mine.seed = scramble(scramble(options_.seed + 4) + number) + run;
        for (const auto& [topic, file] : world_.host(number).disk())
            if (!file.is_withdrawn)
                mine.applied.push_back(
                    {.topic = topic, .version = file.version, .push = file.push});
        return wrapped(number, std::make_unique<Agent>(std::move(mine), loaded, notary_));
    };
    world_.add_host({.name = config.name,
                     .key = config.key,
                     .addresses = config.addresses,
                     .place = place_of(config.labels),
                     .measurements = measurements_of(number),
                     .make_node = make_node});
}

Place Fleet::place_of(const Labels& labels) {
    const auto number_of = [&](const std::string& key) -> std::uint32_t {
        const auto label = labels.find(key);
        if (label == labels.end()) return 0;
        const auto next = static_cast<std::uint32_t>(places_.size() + 1);
        return places_.emplace(key + '=' + label->second, next).first->second;
    };
    return {.rack = number_of("rack"), .site = number_of("site")};
}

void Fleet::on_process(HostIndex host, bool is_up) {
    Trace& trace = world_.trace();
    trace.mix(static_cast<std::uint64_t>(world_.now().time_since_epoch().count()));
    trace.mix(host * 2 + (is_up ? 1 : 0));
    glances_[host] = AgentGlance{};
}

void Fleet::on_step(HostIndex host, const Node&) {
    if (host == manager_index) return;
    const AgentGlance glance = static_cast<const Agent*>(inner_[host])->glance();
    if (glance == glances_[host]) return;
    const AgentGlance before = std::exchange(glances_[host], glance);
    Trace& trace = world_.trace();
    for (const std::uint64_t value :
         {static_cast<std::uint64_t>(world_.now().time_since_epoch().count()), host,
          std::uint64_t{glance.parent.value}, glance.stamp.term, glance.stamp.generation,
          static_cast<std::uint64_t>(glance.role), std::uint64_t{glance.is_attached},
          std::uint64_t{glance.children}})
        trace.mix(value);
    for (FleetWitness* witness : witnesses_) witness->on_glance(host, before, glance);
}

void Fleet::start(Duration spread, const std::set<HostIndex>& absent) {
    world_.host(manager_index).start();
    Random random{scramble(options_.seed + 5)};
    for (HostIndex host = 1; host < world_.size(); ++host) {
        const Duration wait = random.between(Duration{}, spread);
        if (absent.contains(host)) continue;
        world_.schedule().after(wait, [this, host] { world_.host(host).start(); });
    }
    started_at_ = world_.now() + spread;
}

bool Fleet::is_all_live() const {
    std::uint64_t running = 0;
    for (HostIndex host = 1; host < world_.size(); ++host)
        if (world_.host(host).phase() == VirtualHost::Phase::running) ++running;
    return manager() != nullptr && manager()->status().hosts.live == running;
}

bool Fleet::settle(Duration bound) {
    const Instant end = world_.now() + bound;
    world_.run_to(std::max(world_.now(), started_at_));
    while (!is_all_live() || !is_settled()) {
        if (world_.now() >= end) return false;
        world_.run_for(look_period);
    }
    return true;
}

Labels Fleet::labels(HostIndex host) const {
    return host == manager_index ? Labels{} : plan_of(static_cast<std::uint32_t>(host)).labels;
}

void Fleet::relabel(HostIndex host, const std::string& key, const std::string& value) {
    further_labels_[host][key] = value;
}

const Manager* Fleet::manager() const {
    if (world_.host(manager_index).node() == nullptr) return nullptr;
    return static_cast<const Manager*>(inner_[manager_index]);
}

const Agent* Fleet::agent(HostIndex host) const {
    if (host == manager_index || world_.host(host).node() == nullptr) return nullptr;
    return static_cast<const Agent*>(inner_[host]);
}

std::optional<HostIndex> Fleet::root() const {
    for (HostIndex host = 1; host < world_.size(); ++host) {
        const Agent* running = agent(host);
        if (running != nullptr && running->view().role == Role::root) return host;
    }
    return std::nullopt;
}

RequestId Fleet::command(Command command) {
    const RequestId request{next_request_++};
    world_.host(manager_index).handle(CommandReceived{request, std::move(command)});
    return request;
}

RequestId Fleet::say(HostIndex host, LocalSaid said) {
    said.request = RequestId{next_request_++};
    const RequestId request = said.request;
    world_.host(host).handle(std::move(said));
    return request;
}

std::optional<Answer> Fleet::answer(RequestId request) const {
    const auto found = answers_.find(request);
    if (found == answers_.end()) return std::nullopt;
    return found->second;
}

Answer Fleet::ask(Command command, Duration bound) {
    const RequestId request = this->command(std::move(command));
    if (!world_.run_until([this, request] { return answers_.contains(request); }, bound))
        return Problem{Problem::Kind::unavailable, "The manager did not answer in time."};
    return answers_.at(request);
}

std::uint64_t Fleet::store_writes() const {
    std::uint64_t writes = 0;
    for (HostIndex host = 0; host < world_.size(); ++host)
        writes += world_.host(host).store().writes();
    return writes;
}

Snapshot Fleet::snapshot() const {
    Snapshot snapshot;
    const ManagerConfig config{.fanout = options_.fanout};
    snapshot.fanout = config.fanout;
    snapshot.domain_path = options_.domain_path;
    snapshot.slack = config.slack();
    const VirtualStore& store = world_.host(manager_index).store();
    std::map<std::string, HostId> ids;
    for (const HostRecord& record : store.all<HostRecord>()) ids[record.name] = record.id;
    for (HostIndex index = 1; index < world_.size(); ++index) {
        const VirtualHost& host = world_.host(index);
        HostSnapshot seen{.name = host.name(), .id = ids[host.name()]};
        seen.is_running = host.phase() == VirtualHost::Phase::running;
        seen.is_disturbed = is_disturbed(index);
        const auto disturbed = disturbed_until_.find(index);
        if (disturbed != disturbed_until_.end() && disturbed->second != never)
            seen.calm_since = unix_time(disturbed->second);
        if (seen.is_running) seen.view = agent(index)->view();
        for (const auto& [topic, file] : host.disk()) seen.disk[topic] = file.version;
        const std::string stop{stop_topic};
        if (const auto stopped = host.store().find(AppliedRecord{.topic = stop}))
            seen.disk[stop] = stopped->version;  // nothing is written but the agent's own record
        snapshot.hosts.push_back(std::move(seen));
    }
    snapshot.pushes = store.all<PushRecord>();
    snapshot.reports = store.all<ReceiptRecord>();
    const Manager* running = manager();
    if (running == nullptr) return snapshot;
    snapshot.is_manager_running = true;
    const Result<std::vector<HostView>> views = running->hosts("");
    if (views.ok()) snapshot.views = views.value();
    snapshot.receipts = running->pushes();
    snapshot.tree_faults = running->tree_faults();
    return snapshot;
}

}  // namespace coppice
