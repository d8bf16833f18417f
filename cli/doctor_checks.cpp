#include "cli/doctor_checks.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <system_error>

#include "cli/render.h"

namespace coppice::cli {
namespace {

constexpr std::uint64_t room_bytes_min = 64UL * 1024 * 1024;
constexpr std::uint64_t room_files_min = 100;
constexpr UnixMillis clock_error_max = std::chrono::seconds{5};

Check good(std::string check, std::string detail) {
    return {.check = std::move(check), .ok = true, .detail = std::move(detail), .mend = {}};
}

Check bad(std::string check, std::string detail, std::string mend) {
    return {.check = std::move(check),
            .ok = false,
            .detail = std::move(detail),
            .mend = std::move(mend)};
}

std::string bytes_text(std::uint64_t bytes) {
    return measured_text("disk_free", static_cast<double>(bytes));
}

std::string milliseconds_text(Duration duration) {
    return number_text(std::chrono::duration<double, std::milli>{duration}.count()) + " ms";
}

std::string seconds_text(UnixMillis duration) {
    return number_text(std::chrono::duration<double>{duration}.count()) + " s";
}

std::string holder_text(const PortHolder& holder) {
    if (!holder.process) return "a process of another user";
    return holder.program + " (process " + std::to_string(*holder.process) + ")";
}

}  // namespace

Check check_limits(std::optional<std::uint64_t> limit, std::uint64_t needed,
                   const std::string& why) {
    const std::string need = std::to_string(needed) + " are needed: " + why;
    if (!limit)
        return bad("limits", "the limit of open files cannot be read; " + need,
                   "run the doctor as the user of the daemon, or as root");
    const std::string detail = std::to_string(*limit) + " files may be open; " + need;
    if (*limit >= needed) return good("limits", detail);
    return bad("limits", detail,
               "raise the hard limit: LimitNOFILE=" + std::to_string(needed) +
                   " in the unit of systemd, or ulimit -Hn before the start");
}

Check check_port(const std::string& name, std::uint16_t port,
                 const std::optional<PortHolder>& holder, std::optional<pid_t> daemon) {
    const std::string check = "port " + name;
    const std::string number = std::to_string(port);
    if (!holder && !daemon) return good(check, number + " is free");
    if (!holder)
        return bad(check,
                   "nobody listens on " + number + ", though the daemon runs as process " +
                       std::to_string(*daemon),
                   "it was started with another address than its configuration says: restart it");
    const bool is_ours = daemon && (!holder->process || holder->process == daemon);
    if (is_ours) return good(check, number + " is held by " + holder_text(*holder));
    return bad(check, number + " is held by " + holder_text(*holder),
               "stop it, or give the daemon another port");
}

Check check_key(const std::filesystem::path& file, const std::optional<Error>& mistake) {
    const std::string check = "key " + file.filename().string();
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0)
        return bad(check, file.string() + ": " + std::generic_category().message(errno),
                   "restore it from a copy, or run the doctor as the user of the daemon");
    constexpr mode_t of_others = 0077;
    if ((status.st_mode & of_others) != 0)
        return bad(check, file.string() + " is open to other users", "chmod 600 " + file.string());
    if (mistake) return bad(check, mistake->message, "restore the folder from one copy");
    return good(check, "there, of its owner alone, and fits");
}

Check check_daemon(const std::string& program, std::optional<pid_t> daemon,
                   const std::string& command) {
    if (daemon) return good("daemon", program + " runs as process " + std::to_string(*daemon));
    return bad("daemon", "no " + program + " runs in this folder", "start it: " + command);
}

Check check_store(const std::filesystem::path& file, const Result<StoreFindings>& findings) {
    if (!findings.ok())
        return bad("store", findings.error().message, "look at the disk, or restore a copy");
    if (findings->holder)
        return good("store", file.string() + " is in use by process " +
                                 std::to_string(*findings->holder) +
                                 ", which is left in peace: stop it to have the store checked");
    if (findings->damages.empty()) return good("store", file.string() + " is sound");
    return bad("store", file.string() + " is damaged: " + findings->damages.front(),
               "restore a copy of the file");
}

Check check_disk_space(const Result<DiskRoom>& room) {
    if (!room.ok())
        return bad("disk space", room.error().message, "make the folder, or mount its disk");
    const std::string detail = bytes_text(room->free_bytes) + " are free";
    if (room->free_files < room_files_min)
        return bad("disk space", std::to_string(room->free_files) + " more files fit",
                   "remove files from the file system (it has no inodes left)");
    if (room->free_bytes >= room_bytes_min) return good("disk space", detail);
    return bad("disk space", detail,
               "make room for at least " + bytes_text(room_bytes_min) +
                   ": a daemon whose disk is full ends");
}

Check check_disk_write(const std::filesystem::path& folder, const Result<Duration>& taken,
                       Duration longest) {
    if (!taken.ok())
        return bad("disk write", folder.string() + ": " + taken.error().message,
                   "let the user of the daemon write there, and make room");
    const std::string detail = "a durable write takes " + milliseconds_text(*taken);
    if (*taken <= longest) return good("disk write", detail);
    return bad("disk write",
               detail + "; more than " + milliseconds_text(longest) + " delays heartbeats",
               "use a faster disk, or a longer --interval");
}

Check check_clock(UnixMillis now, std::optional<UnixMillis> newest_file, Duration monotonic_step) {
    if (monotonic_step < Duration::zero())
        return bad("clock", "the monotonic clock went back", "look at the machine or its kernel");
    if (newest_file && *newest_file > now + clock_error_max)
        return bad("clock",
                   "the clock is " + seconds_text(*newest_file - now) +
                       " behind the newest file of the folder",
                   "set the clock (NTP)");
    constexpr UnixMillis founding = std::chrono::hours{24 * 365 * 54};
    if (now < founding) return bad("clock", "the clock says it is before 2024", "set it (NTP)");
    return good("clock", "not behind the folder's files, and steady");
}

Check check_clock_of_manager(UnixMillis now, UnixMillis theirs, Duration round_trip) {
    const UnixMillis off = now - theirs;
    const std::string detail = "this clock is " + seconds_text(UnixMillis{std::abs(off.count())}) +
                               (off.count() < 0 ? " behind" : " ahead of") + " the manager's";
    const UnixMillis allowed = clock_error_max + std::chrono::ceil<UnixMillis>(round_trip);
    if (off <= allowed && off >= -allowed) return good("clock of the manager", detail);
    return bad("clock of the manager", detail,
               "set both by NTP: times of events and of tokens are the manager's");
}

Check check_reachable(const std::string& name, const std::string& address,
                      const Result<Done>& connected, const std::string& mend) {
    const std::string check = "reachability " + name;
    if (connected.ok()) return good(check, address + " answers");
    return bad(check, address + ": " + connected.error().message, mend);
}

Check check_versions(const std::string& own, const std::string& theirs) {
    if (theirs.empty()) return good("versions", "this program is " + own);
    if (own == theirs) return good("versions", "this program and the manager are " + own);
    return bad("versions", "this program is " + own + ", the manager " + theirs,
               "install one release on both, or restart the manager after the upgrade");
}

}  // namespace coppice::cli
