#include "runtime/signals.h"

#include <sys/signalfd.h>

#include <csignal>

#include "common/ensure.h"

namespace coppice {

Signals::Signals() {
    sigset_t wanted;
    ::sigemptyset(&wanted);
    ::sigaddset(&wanted, SIGTERM);
    ::sigaddset(&wanted, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    fd_.reset(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
    COPPICE_ENSURE(fd_.is_open(), "the process may open files; raise its limit (ulimit -n)");
}

bool Signals::take() {
    signalfd_siginfo info{};
    return ::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info);
}

}  // namespace coppice
