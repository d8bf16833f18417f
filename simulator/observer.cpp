// Checks, counts and times at every look.
#include "simulator/observer.h"

#include <algorithm>
#include <optional>

namespace coppice {

namespace {

constexpr std::size_t broken_max = 20;
/// Longer than what was said of a host in such a time is under way.
constexpr int excused_intervals = 5;

}  // namespace

void Observer::start(Duration period) {
    fleet_.world().schedule().after(period, [this, period] {
        look();
        start(period);
    });
}

void Observer::report(const std::string& rule, const Sentences& sentences) {
    for (const std::string& sentence : sentences) {
        if (findings_.broken.size() >= broken_max) return;
        if (!known_.insert(rule + sentence).second) continue;
        findings_.broken.push_back(text_of(fleet_.world().now()) + ' ' + rule + ": " + sentence);
    }
}

void Observer::look() {
    Snapshot snapshot = fleet_.snapshot();
    excuse(snapshot);
    report("no cycle", check_no_cycle(snapshot));
    report("children", check_children(snapshot));
    const Sentences lost = check_nobody_lost(snapshot);
    findings_.false_lost += lost.size();
    report("nobody lost", lost);
    report("receipt", check_receipt_counts(snapshot));
    report("applied", check_applied(snapshot));
    report("stamp", stamps_.check(snapshot));
    check_answers();
    count_moves(snapshot);
    time_detections(snapshot);
}

void Observer::excuse(Snapshot& snapshot) {
    const Instant now = fleet_.world().now();
    std::map<HostId, const HostSnapshot*> hosts;
    for (const HostSnapshot& host : snapshot.hosts) hosts[host.id] = &host;
    std::vector<std::string> excused;
    for (const HostSnapshot& host : snapshot.hosts)
        if (suffers(host, hosts)) excused.push_back(host.name);
    for (const std::string& name : excused)
        excused_until_[name] = now + fleet_.options().interval * excused_intervals;
    for (HostSnapshot& host : snapshot.hosts) {
        const auto until = excused_until_.find(host.name);
        if (until == excused_until_.end()) continue;
        host.is_disturbed = host.is_disturbed || until->second > now;
        host.calm_since = std::max(host.calm_since, fleet_.unix_time(until->second));
    }
}

bool Observer::suffers(const HostSnapshot& host,
                       const std::map<HostId, const HostSnapshot*>& hosts) const {
    const HostSnapshot* above = &host;
    for (std::size_t steps = 0; steps <= hosts.size(); ++steps) {
        if (above->is_disturbed || !above->is_running) return true;
        if (!above->view.is_attached) return fleet_.is_disturbed(Fleet::manager_index);
        if (above->view.parent == manager_host) return false;
        above = hosts.at(above->view.parent);
    }
    return false;
}

void Observer::count_moves(const Snapshot& snapshot) {
    for (const HostView& view : snapshot.views) {
        if (!view.record.is_placed) continue;
        const auto [known, is_new] = parents_.emplace(view.record.name, view.record.parent);
        if (is_new || known->second == view.record.parent) continue;
        known->second = view.record.parent;
        ++findings_.moves;
    }
}

void Observer::time_detections(const Snapshot& snapshot) {
    for (const HostView& view : snapshot.views) {
        const std::optional<HostIndex> host = fleet_.find(view.record.name);
        if (!host.has_value() || view.state != HostState::lost) continue;
        const std::optional<Instant> crashed = fleet_.crashed_at(*host);
        if (!crashed.has_value() || !detected_.emplace(*host, *crashed).second) continue;
        const UnixMillis took = view.record.since - fleet_.unix_time(*crashed);
        // One that was called lost before it crashed proves nothing.
        if (took >= UnixMillis{}) findings_.detections.emplace_back(took);
    }
}

void Observer::ask(const QueryCommand& query) {
    if (fleet_.manager() != nullptr) questions_.push_back({fleet_.command(query), query});
}

void Observer::check_answers() {
    std::map<HostId, double> load;
    std::map<HostId, double> ones;
    const VirtualWorld& world = fleet_.world();
    for (const HostRecord& record : world.host(Fleet::manager_index).store().all<HostRecord>()) {
        const std::optional<HostIndex> host = world.find(record.name);
        if (!host.has_value()) continue;
        for (const Measurement& measurement : world.host(*host).measurements())
            if (measurement.name == "load1") load[record.id] = measurement.value;
        ones[record.id] = 1;
    }
    const auto is_answered = [this, &load, &ones](const Question& question) {
        const std::optional<Answer> answer = fleet_.answer(question.request);
        if (!answer.has_value()) return false;
        const auto* answered = std::get_if<QueryAnswered>(&*answer);
        if (answered == nullptr) return true;
        ++findings_.answers;
        const bool is_count = question.query.reducer == Reducer::count;
        const Sentences wrong =
            check_answer(question.query.reducer, *answered, is_count ? ones : load);
        findings_.double_counted += wrong.empty() ? 0 : 1;
        report("answer", wrong);
        return true;
    };
    std::erase_if(questions_, is_answered);
}

Findings Observer::findings() const {
    Findings findings = findings_;
    std::sort(findings.detections.begin(), findings.detections.end());
    return findings;
}

}  // namespace coppice
