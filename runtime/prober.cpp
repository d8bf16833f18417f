#include "runtime/prober.h"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/limits.h"
#include "runtime/clock.h"
#include "runtime/tcp_address.h"

namespace coppice {

struct Prober::Target {
    sockaddr_storage address{};
    socklen_t size = 0;
};

namespace {

/// Every address of a host, `limits::addresses_max` at most; none when there is no such name.
template <class Target>
std::vector<Target> look_up(const TcpAddress& host, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    std::vector<Target> targets;
    if (::getaddrinfo(host.host.c_str(), std::to_string(host.port).c_str(), &hints, &found) != 0)
        return targets;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        if (targets.size() == limits::addresses_max) break;
        Target& target = targets.emplace_back();
        std::memcpy(&target.address, each->ai_addr, each->ai_addrlen);
        target.size = each->ai_addrlen;
    }
    ::freeaddrinfo(found);
    return targets;
}

ProbeResult result_of(int error) {
    if (error == 0) return ProbeResult::connected;
    return error == ECONNREFUSED ? ProbeResult::refused : ProbeResult::unanswered;
}

}  // namespace

Prober::Prober(Loop& loop, Finished finished) : loop_{loop}, finished_{std::move(finished)} {}

Prober::~Prober() {
    for (const auto& [id, attempt] : attempts_)
        for (const FileDescriptor& fd : attempt.connecting)
            if (fd.is_open()) loop_.unwatch(fd.get());
}

void Prober::start(const Probe& probe) {
    const std::size_t count = std::min(probe.addresses.size(), limits::addresses_max);
    if (count == 0 || attempts_.size() >= probes_max) {
        finished_({.probe = probe.probe, .result = ProbeResult::unanswered});
        return;
    }
    attempts_[probe.probe] = {.connecting = {},
                              .open_count = count,
                              .are_all_refused = true,
                              .deadline = steady_now() + probe.time_limit};
    for (std::size_t index = 0; index < count; ++index) {
        const Result<TcpAddress> address = parse_tcp_address(probe.addresses[index]);
        if (!address.ok()) {
            on_result(probe.probe, ProbeResult::unanswered);
        } else if (const auto numeric = look_up<Target>(*address, AI_NUMERICHOST);
                   !numeric.empty()) {
            connect_all(probe.probe, numeric);
        } else {
            resolve(probe.probe, *address);
        }
    }
}

void Prober::resolve(ProbeId id, const TcpAddress& address) {
    if (!names_) names_.emplace(probes_max);
    const bool is_taken = names_->post([this, id, address] {
        const std::vector<Target> targets = look_up<Target>(address, 0);
        const bool is_posted = loop_.post([this, id, targets] { connect_all(id, targets); });
        static_cast<void>(is_posted);  // the time limit ends the probe
    });
    if (!is_taken) on_result(id, ProbeResult::unanswered);
}

void Prober::connect_all(ProbeId id, const std::vector<Target>& targets) {
    const auto attempt = attempts_.find(id);
    if (attempt == attempts_.end()) return;  // finished while the name was looked up
    if (targets.empty()) return on_result(id, ProbeResult::unanswered);
    attempt->second.open_count += targets.size() - 1;
    for (const Target& target : targets) connect(id, target);
}

void Prober::connect(ProbeId id, const Target& target) {
    const auto attempt = attempts_.find(id);
    if (attempt == attempts_.end()) return;  // another address took the connection
    FileDescriptor fd{
        ::socket(target.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!fd.is_open()) return on_result(id, ProbeResult::unanswered);
    const auto* address = reinterpret_cast<const sockaddr*>(&target.address);
    const int error = ::connect(fd.get(), address, target.size) == 0 ? 0 : errno;
    if (error != EINPROGRESS) return on_result(id, result_of(error));
    const int number = fd.get();
    if (!loop_.watch(number, EPOLLOUT, [this, id, number] { on_ready(id, number); }))
        return on_result(id, ProbeResult::unanswered);
    attempt->second.connecting.push_back(std::move(fd));
}

void Prober::on_ready(ProbeId id, int fd) {
    const auto attempt = attempts_.find(id);
    if (attempt == attempts_.end()) return;
    auto& connecting = attempt->second.connecting;
    const auto found = std::find_if(connecting.begin(), connecting.end(),
                                    [fd](const FileDescriptor& own) { return own.get() == fd; });
    if (found == connecting.end()) return;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    loop_.unwatch(fd);
    connecting.erase(found);
    on_result(id, result_of(error));
}

void Prober::on_result(ProbeId id, ProbeResult result) {
    const auto found = attempts_.find(id);
    if (found == attempts_.end()) return;
    Attempt& attempt = found->second;
    --attempt.open_count;
    attempt.are_all_refused = attempt.are_all_refused && result == ProbeResult::refused;
    if (result == ProbeResult::connected) return finish(id, ProbeResult::connected);
    if (attempt.open_count > 0) return;
    finish(id, attempt.are_all_refused ? ProbeResult::refused : ProbeResult::unanswered);
}

void Prober::finish(ProbeId id, ProbeResult result) {
    const auto attempt = attempts_.find(id);
    for (const FileDescriptor& fd : attempt->second.connecting) loop_.unwatch(fd.get());
    attempts_.erase(attempt);
    finished_({.probe = id, .result = result});
}

Instant Prober::next_deadline() const {
    Instant earliest = never;
    for (const auto& [id, attempt] : attempts_) earliest = std::min(earliest, attempt.deadline);
    return earliest;
}

void Prober::expire(Instant now) {
    std::vector<ProbeId> expired;
    for (const auto& [id, attempt] : attempts_)
        if (attempt.deadline <= now) expired.push_back(id);
    for (const ProbeId id : expired) finish(id, ProbeResult::unanswered);
}

}  // namespace coppice
