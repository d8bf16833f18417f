#include "simulator/querying.h"

#include <algorithm>

#include "schemas/codec.h"
#include "simulator/measuring.h"
#include "simulator/number_text.h"

namespace coppice {

namespace {

/// A manager takes in some 40,000 hosts a second.
constexpr Duration spread_per_host = std::chrono::microseconds{25};
/// After the deadline, by when a manager answers whatever it has.
constexpr Duration answer_bound = std::chrono::seconds{10};

/// Sees what one question sends. Bytes are counted here, so that they are known without the codec
/// of the network too.
class QuestionWatch final : public Witness {
public:
    explicit QuestionWatch(const VirtualWorld& world) : up_bytes_(world.size()) {}

    void begin() {
        messages_ = 0;
        std::fill(up_bytes_.begin(), up_bytes_.end(), 0);
        is_counting_ = true;
    }
    void end() { is_counting_ = false; }
    [[nodiscard]] std::uint64_t messages() const { return messages_; }
    [[nodiscard]] std::uint64_t link_bytes_most() const {
        return *std::max_element(up_bytes_.begin(), up_bytes_.end());
    }
    [[nodiscard]] std::uint64_t up_bytes() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t bytes : up_bytes_) sum += bytes;
        return sum;
    }

    void on_send(HostIndex host, const Send& send) override {
        if (!is_counting_) return;
        const bool is_answer = std::holds_alternative<WindowClosed>(send.frame.body);
        if (!is_answer && !std::holds_alternative<WindowOpened>(send.frame.body)) return;
        ++messages_;
        if (is_answer) up_bytes_[host] += encode(send.frame).size();
    }

private:
    std::vector<std::uint64_t> up_bytes_;  // by host
    std::uint64_t messages_ = 0;
    bool is_counting_ = false;
};

class Querying {
public:
    Querying(const QueryingOptions& options, const FleetHooks& hooks)
        : options_{options}, fleet_{options.fleet}, meter_{fleet_}, watch_{fleet_.world()} {
        fleet_.add_witness(meter_);
        fleet_.world().add_witness(watch_);
        fleet_.world().trace().set_sink(hooks.sink);
        if (hooks.on_made) hooks.on_made(fleet_);
    }

    QueryingReport run(const FleetHooks& hooks) {
        report_.broken = bring_up(fleet_, meter_, spread_per_host);
        if (report_.broken.empty()) {
            if (hooks.on_started) hooks.on_started(fleet_);
            meter_.begin_loads();
            for (std::uint64_t i = 1; i <= options_.questions && report_.broken.empty(); ++i)
                ask(i);
        }
        fleet_.world().run_for(options_.fleet.interval * quiet_intervals);
        return report();
    }

private:
    void ask(std::uint64_t number) {
        watch_.begin();
        const Instant start = fleet_.world().now();
        const Answer answer =
            fleet_.ask(options_.command, options_.command.deadline + answer_bound);
        const Duration time = fleet_.world().now() - start;
        watch_.end();
        report_.messages += watch_.messages();
        report_.up_bytes += watch_.up_bytes();
        report_.link_bytes_most = std::max(report_.link_bytes_most, watch_.link_bytes_most());
        if (const auto* problem = std::get_if<Problem>(&answer))
            return report_.broken.push_back("The manager refused the question: " + problem->detail);
        const auto& answered = std::get<QueryAnswered>(answer);
        report_.answered.push_back(time);
        report_.target += answered.target.size();
        report_.included += answered.included.size();
        if (answered.included.size() < answered.target.size())
            report_.broken.push_back("The answer to question " + std::to_string(number) +
                                     " counts " + grouped(answered.included.size()) + " of " +
                                     counted(answered.target.size(), "host") + ".");
    }

    QueryingReport report() {
        add_life(report_, fleet_);
        std::sort(report_.answered.begin(), report_.answered.end());
        report_.meter = meter_.readings();
        return std::move(report_);
    }

    const QueryingOptions options_;
    Fleet fleet_;
    Meter meter_;
    QuestionWatch watch_;
    QueryingReport report_;
};

}  // namespace

QueryingReport run_questions(const QueryingOptions& options, const FleetHooks& hooks) {
    return Querying{options, hooks}.run(hooks);
}

}  // namespace coppice
