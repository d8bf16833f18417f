// Hands what happens to those whom it concerns.
#include "simulator/observer.h"

#include <algorithm>
#include <optional>

#include "simulator/answer_checker.h"

namespace coppice {

namespace {

/// A sweep costs about as much as this many steps of each host.
constexpr std::uint64_t sweep_steps_per_host = 64;

}  // namespace

std::uint32_t Findings::moves_max_per_death() const {
    std::uint32_t most = 0;
    for (const DeathMoves& death : deaths) most = std::max(most, death.moves);
    return most;
}

Observer::Observer(Fleet& fleet, std::uint64_t sweep_steps)
    : fleet_{fleet},
      sweep_steps_{sweep_steps == 0 ? sweep_steps_per_host * fleet.world().size() : sweep_steps},
      complaints_{fleet.world().schedule()},
      model_{fleet},
      excuses_{fleet, model_},
      tree_{fleet, model_, complaints_},
      obedience_{fleet, model_, complaints_},
      reshapes_{fleet, model_, complaints_},
      placement_{fleet, model_, excuses_, reshapes_, complaints_},
      losses_{fleet, model_, excuses_, complaints_},
      durability_{fleet, model_, fleet.notary(), complaints_},
      counts_{complaints_},
      receipts_{fleet, model_, complaints_},
      flow_{fleet, model_, complaints_},
      talk_{fleet, model_, complaints_},
      series_{fleet, model_, complaints_} {
    fleet.add_witness(*this);
}

void Observer::on_process(HostIndex host, bool is_up) {
    obedience_.on_process(host, is_up);
    losses_.on_process(host, is_up);
    flow_.on_process(host);
    tree_.on_process(host);
    if (host == Fleet::manager_index) series_.on_process();
}

void Observer::on_input(HostIndex host, const Input& input) {
    losses_.on_input(host, input);
    flow_.on_input(host, input);
    if (host != Fleet::manager_index) return;
    placement_.on_input();
    reshapes_.on_input(input);
}

void Observer::on_commit(HostIndex host, std::span<const Write> writes) {
    if (host != Fleet::manager_index) return durability_.on_commit(host, writes);
    receipts_.on_commit(writes);
    series_.on_commit(writes, [this](HostId one) { return truth_of(one); });
    counts_.on_commit(fleet_.world().host(host).store(), writes);
    const std::vector<RecordChange> changes = model_.commit(writes);
    reshapes_.on_commit(writes, changes);
    if (changes.empty()) return;
    durability_.on_records(changes);
    tree_.on_records(changes);
    placement_.on_records(changes);
    losses_.on_records(changes);
}

void Observer::on_send(HostIndex host, const Send& send) {
    losses_.on_send(host, send);
    durability_.on_send(host, send);
    flow_.on_send(host, send);
    if (host == Fleet::manager_index) series_.on_send(send);
}

void Observer::on_leap(Instant from, Instant to) {
    losses_.on_leap(from, to);
    flow_.on_leap();
}

void Observer::on_step(HostIndex host, const Node& node) {
    losses_.on_step(host, node);
    if (host == Fleet::manager_index) {
        placement_.on_step();
        reshapes_.on_step();
    }
    if (fleet_.world().now() >= next_sample_) {
        next_sample_ = fleet_.world().now() + fleet_.options().interval;
        excuses_.sample();
        check_answers();
    }
    if (++steps_ >= sweep_steps_) look();
}

void Observer::on_glance(HostIndex host, const AgentGlance& before, const AgentGlance& after) {
    obedience_.on_glance(host, before, after);
    tree_.on_glance(host, after);
    const bool is_elsewhere =
        before.parent != after.parent || before.is_attached != after.is_attached;
    if (!is_elsewhere) return;
    flow_.on_new_parent(host);
    if (before.is_attached) excuses_.on_left(host, before.parent);
}

void Observer::look() {
    steps_ = 0;
    check_answers();
    tree_.sweep();
    const Snapshot snapshot = fleet_.snapshot();
    report("receipt", check_receipt_counts(snapshot));
    report("applied", check_applied(snapshot));
}

void Observer::ask(const QueryCommand& query) {
    if (fleet_.manager() != nullptr) questions_.push_back({fleet_.command(query), query.question});
}

HostTruth Observer::truth_of(HostId host) const {
    const KnownHost* known = model_.find(host);
    if (known == nullptr) return {};
    const VirtualHost& one = fleet_.world().host(known->index);
    return {.name = one.name(),
            .labels = fleet_.labels(known->index),
            .measurements = one.measurements(),
            .contributions = contributions_of(known->index)};
}

void Observer::check_answers() {
    if (questions_.empty()) return;
    const auto is_answered = [&](const Asked& question) {
        const std::optional<Answer> answer = fleet_.answer(question.request);
        if (!answer.has_value()) return false;
        const auto* answered = std::get_if<QueryAnswered>(&*answer);
        if (answered == nullptr) return true;
        ++answers_;
        const Sentences wrong =
            check_answer(question.text, *answered, [this](HostId host) { return truth_of(host); });
        double_counted_ += wrong.empty() ? 0 : 1;
        report("answer", wrong);
        return true;
    };
    std::erase_if(questions_, is_answered);
}

Findings Observer::findings() const {
    Findings findings{.broken = complaints_.sentences(),
                      .false_lost = losses_.false_lost(),
                      .double_counted = double_counted_,
                      .moves = placement_.moves(),
                      .answers = answers_,
                      .windows = series_.windows(),
                      .heard = talk_.heard(),
                      .detections = losses_.detections(),
                      .deaths = placement_.deaths()};
    std::sort(findings.detections.begin(), findings.detections.end());
    return findings;
}

}  // namespace coppice
