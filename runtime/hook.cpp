#include "runtime/hook.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "common/ensure.h"
#include "runtime/clock.h"
#include "runtime/command_line.h"

namespace coppice {
namespace {

struct Pipe {
    FileDescriptor out;  // does not block
    FileDescriptor in;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
    Pipe pipe{FileDescriptor{ends[0]}, FileDescriptor{ends[1]}};
    ::fcntl(pipe.out.get(), F_SETFL, O_NONBLOCK);
    return pipe;
}

/// The attributes and descriptors that a hook starts with.
class Start {
public:
    Start(int output, int errors) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, output, 1);
        ::posix_spawn_file_actions_adddup2(&actions_, errors, 2);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
        ::posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        constexpr short flags =
            POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        ::posix_spawnattr_setflags(&attributes_, flags);
    }
    ~Start() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    Start(const Start&) = delete;
    Start& operator=(const Start&) = delete;

    [[nodiscard]] Result<pid_t> operator()(const std::filesystem::path& program,
                                           std::vector<std::string> environment) const {
        std::string name = program.string();
        std::array<char*, 2> arguments{name.data(), nullptr};
        std::vector<char*> variables;
        for (std::string& variable : environment) variables.push_back(variable.data());
        variables.push_back(nullptr);
        pid_t process = 0;
        const int failure = ::posix_spawn(&process, name.c_str(), &actions_, &attributes_,
                                          arguments.data(), variables.data());
        if (failure != 0)
            return Error{"the hook cannot be started: " + std::generic_category().message(failure)};
        return process;
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// Reads all that is there; keeps the newest `output_bytes_max` bytes. False at its end.
bool drain(int fd, std::string* kept) {
    std::array<char, 16UL * 1024> piece;
    const ssize_t size = ::read(fd, piece.data(), piece.size());
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (kept == nullptr) return size > 0;
    kept->append(piece.data(), static_cast<std::size_t>(size));
    if (kept->size() > HookRunner::output_bytes_max)
        kept->erase(0, kept->size() - HookRunner::output_bytes_max);
    return size > 0;
}

/// One that runs. Its end is seen through its descriptor.
class Running {
public:
    Running(pid_t process, Pipe output, Pipe errors)
        : process_{process},
          ended_{static_cast<int>(::syscall(SYS_pidfd_open, process, 0))},
          output_{std::move(output)},
          errors_{std::move(errors)} {
        output_.in.reset();
        errors_.in.reset();
    }

    enum class End : std::uint8_t { ended, too_slow, stopped };

    /// Reads what it says until it ends.
    End wait(Instant deadline, int stopped) {
        while (true) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_now()).count();
            if (left <= 0) return End::too_slow;
            std::array<pollfd, 4> all{pollfd{ended_.get(), POLLIN, 0}, pollfd{stopped, POLLIN, 0},
                                      pollfd{output_.out.get(), POLLIN, 0},
                                      pollfd{errors_.out.get(), POLLIN, 0}};
            // An alarm now and then, should the kernel have no descriptors of processes.
            constexpr std::int64_t look_ms = 1000;
            ::poll(all.data(), all.size(), static_cast<int>(std::min(left, look_ms)));
            if ((all[1].revents & POLLIN) != 0) return End::stopped;
            if (all[2].revents != 0 && !drain(output_.out.get(), nullptr)) output_.out.reset();
            if (all[3].revents != 0 && !drain(errors_.out.get(), &said_)) errors_.out.reset();
            if (has_ended()) return End::ended;
        }
    }

    void kill() {
        ::kill(-process_, SIGKILL);
        ::kill(process_, SIGKILL);
        while (::waitpid(process_, &status_, 0) < 0 && errno == EINTR) {
        }
    }

    [[nodiscard]] int status() const { return status_; }

    /// Of its standard error; empty when there is none.
    [[nodiscard]] std::string last_line() {
        for (int pieces = 0; errors_.out.is_open() && pieces < pieces_max; ++pieces) {
            pollfd more{errors_.out.get(), POLLIN, 0};
            if (::poll(&more, 1, 0) != 1 || !drain(errors_.out.get(), &said_)) break;
        }
        const std::size_t end = said_.find_last_not_of(" \t\r\n");
        if (end == std::string::npos) return {};
        const std::string text = said_.substr(0, end + 1);
        return text.substr(text.find_last_of("\r\n") + 1);
    }

private:
    bool has_ended() { return ::waitpid(process_, &status_, WNOHANG) == process_; }

    /// What a pipe holds, when nobody in the background goes on writing.
    static constexpr int pieces_max = 8;

    const pid_t process_;
    const FileDescriptor ended_;
    Pipe output_;
    Pipe errors_;
    std::string said_;
    int status_ = 0;
};

std::string reason_of(Running& hook) {
    const std::string line = hook.last_line();
    if (!line.empty()) return line;
    if (WIFSIGNALED(hook.status()))
        return "the hook was ended by signal " + std::to_string(WTERMSIG(hook.status()));
    return "the hook ended with " + std::to_string(WEXITSTATUS(hook.status()));
}

}  // namespace

Result<Hook> parse_hook(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string program = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (!program.starts_with('/')) return Error{"'" + text + "' is not TOPIC-PREFIX=/path/program"};
    return Hook{.topic_prefix = text.substr(0, equals), .program = program};
}

const Hook* hook_for(const std::vector<Hook>& hooks, const std::string& topic) {
    const Hook* found = nullptr;
    for (const Hook& hook : hooks) {
        const bool is_longer =
            found == nullptr || hook.topic_prefix.size() > found->topic_prefix.size();
        if (topic.starts_with(hook.topic_prefix) && is_longer) found = &hook;
    }
    return found;
}

HookRunner::HookRunner(Duration time_limit)
    : time_limit_{time_limit}, stopped_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
    COPPICE_ENSURE(stopped_.is_open(), "the process may open files; raise its limit (ulimit -n)");
}

void HookRunner::stop() { ::eventfd_write(stopped_.get(), 1); }

std::optional<std::string> HookRunner::run(const Hook& hook, const HookCall& call) {
    Pipe output = make_pipe();
    Pipe errors = make_pipe();
    if (!output.in.is_open() || !errors.in.is_open())
        return "the hook cannot be started: too many open files";
    const Start start{output.in.get(), errors.in.get()};
    std::vector<std::string> environment{
        "COPPICE_TOPIC=" + call.topic, "COPPICE_VERSION=" + std::to_string(call.version),
        "COPPICE_FILE=" + call.file.string(), "PATH=/usr/bin:/bin"};
    if (call.is_withdrawal) environment.emplace_back("COPPICE_WITHDRAWN=1");
    const Result<pid_t> process = start(hook.program, std::move(environment));
    if (!process.ok()) return process.error().message;
    Running running{*process, std::move(output), std::move(errors)};
    const Running::End end = running.wait(steady_now() + time_limit_, stopped_.get());
    if (end != Running::End::ended) running.kill();
    if (end == Running::End::stopped) return "the agent ended while the hook ran";
    if (end == Running::End::too_slow)
        return "the hook did not end within " + duration_text(time_limit_);
    if (running.status() == 0) return std::nullopt;
    return reason_of(running);
}

}  // namespace coppice
