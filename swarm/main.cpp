// coppice-swarm: thousands of real agents on one machine, to try a manager and a tree.

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <optional>

#include "runtime/clock.h"
#include "runtime/file_descriptor.h"
#include "runtime/process_limits.h"
#include "runtime/signals.h"
#include "swarm/options.h"

namespace {

using namespace coppice;

constexpr int failed = 1;
constexpr int wrong_usage = 2;

int fail(int code, const std::string& sentence) {
    std::cerr << "coppice-swarm: " << sentence << '\n';
    return code;
}

/// A process with a part of the agents. Its figures come whole: they are shorter than a pipe's
/// atomic write.
struct Part {
    pid_t pid = -1;
    FileDescriptor figures_in;
    SwarmFigures figures;
    bool is_open = true;
};
static_assert(sizeof(SwarmFigures) <= 512);

[[noreturn]] void run_part(const SwarmConfig& config, int out) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto tell = [out](const SwarmFigures& figures) {
        if (::write(out, &figures, sizeof figures) != sizeof figures) ::_exit(failed);
    };
    Swarm swarm{config};
    const Result<Done> done = swarm.run(tell);
    if (!done.ok()) std::cerr << "coppice-swarm: " << done.error().message << '\n';
    ::_exit(done.ok() ? 0 : failed);  // closing a socket with thousands of connections is quadratic
}

Result<Part> start_part(const SwarmConfig& config) {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) return Error{"cannot make a pipe"};
    Part part;
    part.figures_in.reset(ends[0]);
    FileDescriptor out{ends[1]};
    part.pid = ::fork();
    if (part.pid < 0) return Error{"cannot start a process"};
    if (part.pid == 0) run_part(config, out.get());
    return part;
}

/// Follows the parts and tells people.
class Watch {
public:
    Watch(const Options& options, std::vector<Part>& parts)
        : parts_{parts}, is_json_{options.is_set("json")} {
        report_.processes = static_cast<std::uint32_t>(parts.size());
        if (const auto gap = options.duration("report");
            gap.ok() && (!is_json_ || options.is_set("report")))
            gap_ = *gap;
        if (const auto time = options.duration("for"); options.is_set("for") && time.ok())
            end_ = start_ + *time;
    }

    /// Until all parts have ended; asks them to when the time has come or a signal.
    int run() {
        Signals signals;
        Instant next = start_ + gap_;
        while (is_any_open()) {
            wait_for_news(signals.fd());
            const Instant now = steady_now();
            if (signals.take() || now >= end_) end_all();
            update(now);
            if (gap_ == Duration{} || now < next || is_ending_) continue;
            next = now + gap_;
            std::cout << (is_json_ ? report_json(report_) : report_line(report_)) << std::endl;
        }
        std::cout << (is_json_ ? report_json(report_) + "\n" : report_text(report_)) << std::flush;
        return wait_for_all() && report_.connected_s >= 0 ? 0 : failed;
    }

private:
    [[nodiscard]] bool is_any_open() const {
        return std::any_of(parts_.begin(), parts_.end(),
                           [](const Part& one) { return one.is_open; });
    }

    void wait_for_news(int signal_fd) {
        constexpr int wait_ms = 200;
        std::vector<pollfd> waiting{{.fd = signal_fd, .events = POLLIN, .revents = 0}};
        for (const Part& part : parts_)
            waiting.push_back(
                {.fd = part.is_open ? part.figures_in.get() : -1, .events = POLLIN, .revents = 0});
        ::poll(waiting.data(), waiting.size(), wait_ms);
        for (std::size_t index = 0; index < parts_.size(); ++index)
            if (waiting[index + 1].revents != 0) read_figures(parts_[index]);
    }

    void read_figures(Part& part) {
        SwarmFigures figures;
        const ssize_t size = ::read(part.figures_in.get(), &figures, sizeof figures);
        if (size == static_cast<ssize_t>(sizeof figures)) {
            part.figures = figures;
            return;
        }
        part.is_open = false;
        if (!is_ending_) end_all();  // a part that ends by itself has failed
    }

    void end_all() {
        if (std::exchange(is_ending_, true)) return;
        for (const Part& part : parts_) ::kill(part.pid, SIGTERM);
    }

    void update(Instant now) {
        SwarmFigures sums;
        for (const Part& part : parts_) sums += part.figures;
        const bool are_all_live = sums.live > 0 && sums.live == sums.agents;
        const auto since = [now](Instant from) {
            return std::chrono::duration<double>{now - from}.count();
        };
        if (sums.returned != report_.sums.returned) returned_at_ = now;
        if (sums.running < sums.agents && report_.connected_s >= 0) {
            report_.recovered_s = -1;
            is_recovering_ = true;
        }
        report_.sums = sums;
        if (!are_all_live) return;
        if (report_.connected_s < 0) {
            report_.connected_s = since(start_);
            at_connection_ = sums;
        }
        if (std::exchange(is_recovering_, false)) report_.recovered_s = since(returned_at_);
        report_.steady_cpu_us = sums.cpu_us - at_connection_.cpu_us;
        report_.steady_heartbeats = sums.heartbeats - at_connection_.heartbeats;
    }

    bool wait_for_all() {
        bool are_well = true;
        for (const Part& part : parts_) {
            int status = 0;
            ::waitpid(part.pid, &status, 0);
            are_well = are_well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        return are_well;
    }

    std::vector<Part>& parts_;
    const bool is_json_;
    const Instant start_ = steady_now();
    Duration gap_{};
    Instant end_ = never;
    Instant returned_at_ = start_;
    SwarmReport report_;
    SwarmFigures at_connection_;
    bool is_recovering_ = false;
    bool is_ending_ = false;
};

int start(const Options& options, const std::vector<SwarmConfig>& configs) {
    std::vector<Part> parts;
    for (const SwarmConfig& config : configs) {
        Result<Part> part = start_part(config);
        if (!part.ok()) return fail(failed, part.error().message);
        parts.push_back(std::move(*part));
    }
    return Watch{options, parts}.run();
}

}  // namespace

int main(int argc, char** argv) {
    const ProgramSpec program = swarm_program();
    const auto options = parse_options(program, {argv + 1, argv + argc});
    if (!options.ok()) return fail(wrong_usage, options.error().message);
    if (const auto answer = standard_answer(program, *options); answer.has_value()) {
        std::cout << *answer;
        return 0;
    }
    for (const char* name : {"report", "for"})
        if (options->is_set(name))
            if (const auto time = options->duration(name); !time.ok())
                return fail(wrong_usage, time.error().message);
    const Result<std::size_t> descriptors = prepare_process();
    if (!descriptors.ok()) return fail(failed, descriptors.error().message);
    const auto configs = swarm_configs(*options, *descriptors);
    if (!configs.ok()) return fail(wrong_usage, configs.error().message);
    return start(*options, *configs);
}
