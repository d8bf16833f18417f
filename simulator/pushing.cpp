#include "simulator/pushing.h"

#include <algorithm>
#include <optional>

#include "simulator/measuring.h"
#include "simulator/number_text.h"

namespace coppice {

namespace {

/// Starts of a large fleet are spread, so that registering is not what is measured.
constexpr Duration spread_per_host = std::chrono::microseconds{100};

/// Sees one push: its commit, each host's, and the receipt's completion.
class PushWatch final : public Witness {
public:
    explicit PushWatch(const VirtualWorld& world) : world_{world} {}

    void begin() {
        push_.reset();
        applied_.clear();
        completed_.reset();
    }
    [[nodiscard]] const std::vector<Duration>& applied() const { return applied_; }
    [[nodiscard]] std::optional<Duration> completed() const { return completed_; }
    [[nodiscard]] bool is_committed() const { return push_.has_value(); }

    void on_commit(HostIndex host, std::span<const Write> writes) override {
        for (const Write& write : writes) {
            const auto* put = std::get_if<Put>(&write);
            if (put == nullptr) continue;
            if (host == Fleet::manager_index)
                take_of_manager(put->record);
            else
                take_of_host(put->record);
        }
    }

private:
    void take_of_manager(const Record& record) {
        if (const auto* push = std::get_if<PushRecord>(&record);
            push != nullptr && !push_.has_value() && push->push > last_) {
            push_ = last_ = push->push;
            committed_ = world_.now();
        }
        if (const auto* receipt = std::get_if<ReceiptRecord>(&record);
            receipt != nullptr && receipt->push == push_ && receipt->completed != UnixMillis{} &&
            !completed_.has_value())
            completed_ = world_.now() - committed_;
    }
    void take_of_host(const Record& record) {
        const auto* applied = std::get_if<AppliedRecord>(&record);
        if (applied != nullptr && applied->push == push_)
            applied_.push_back(world_.now() - committed_);
    }

    const VirtualWorld& world_;
    PushId last_;
    std::optional<PushId> push_;
    Instant committed_{};
    std::vector<Duration> applied_;
    std::optional<Duration> completed_;
};

class Pushing {
public:
    Pushing(const PushingOptions& options, const FleetHooks& hooks)
        : options_{options}, fleet_{options.fleet}, meter_{fleet_}, watch_{fleet_.world()} {
        fleet_.add_witness(meter_);
        fleet_.world().add_witness(watch_);
        fleet_.world().trace().set_sink(hooks.sink);
        if (hooks.on_made) hooks.on_made(fleet_);
    }

    PushingReport run(const FleetHooks& hooks) {
        report_.broken = bring_up(fleet_, meter_, spread_per_host);
        if (report_.broken.empty()) {
            if (hooks.on_started) hooks.on_started(fleet_);
            meter_.begin_loads();
            const std::array<Sent, senders> before = meter_.sent();
            for (std::uint64_t i = 1; i <= options_.pushes && report_.broken.empty(); ++i) push(i);
            for (std::size_t i = 0; i < senders; ++i) {
                report_.sent[i].frames = meter_.sent()[i].frames - before[i].frames;
                report_.sent[i].bytes = meter_.sent()[i].bytes - before[i].bytes;
            }
        }
        fleet_.world().run_for(options_.fleet.interval * quiet_intervals);
        return report();
    }

private:
    void push(std::uint64_t number) {
        watch_.begin();
        PushCommand command{.topic = "push-" + std::to_string(number)};
        command.payload.assign(options_.payload_bytes, static_cast<std::uint8_t>(number));
        const RequestId request = fleet_.command(std::move(command));
        const bool is_complete = fleet_.world().run_until(
            [this] { return watch_.completed().has_value(); }, options_.bound);
        report_.applied.insert(report_.applied.end(), watch_.applied().begin(),
                               watch_.applied().end());
        report_.missing += options_.fleet.hosts -
                           std::min<std::uint64_t>(watch_.applied().size(), options_.fleet.hosts);
        if (is_complete) return report_.completed.push_back(*watch_.completed());
        const std::optional<Answer> answer = fleet_.answer(request);
        const auto* problem = answer.has_value() ? std::get_if<Problem>(&*answer) : nullptr;
        if (!watch_.is_committed() && problem != nullptr)
            report_.broken.push_back("The manager refused the push: " + problem->detail);
        else
            report_.broken.push_back("Push " + std::to_string(number) + " is not complete after " +
                                     time_text(options_.bound) + ": " +
                                     grouped(watch_.applied().size()) + " hosts have applied it.");
    }

    PushingReport report() {
        add_life(report_, fleet_);
        std::sort(report_.applied.begin(), report_.applied.end());
        std::sort(report_.completed.begin(), report_.completed.end());
        report_.meter = meter_.readings();
        return std::move(report_);
    }

    const PushingOptions options_;
    Fleet fleet_;
    Meter meter_;
    PushWatch watch_;
    PushingReport report_;
};

}  // namespace

PushingReport run_pushes(const PushingOptions& options, const FleetHooks& hooks) {
    return Pushing{options, hooks}.run(hooks);
}

}  // namespace coppice
