#pragma once
// Tells what changed in a fleet in lines that people read: states, roles, parents, receipts.

#include <map>
#include <string>
#include <vector>

#include "simulator/fleet.h"

namespace coppice {

/// Outlived by the fleet.
class Narrator {
public:
    explicit Narrator(Fleet& fleet) : fleet_{fleet} {}

    /// What changed since the last call, hosts of whom the same is to be said in one line.
    [[nodiscard]] std::vector<std::string> news();
    /// Lets time pass, looking every 10 ms.
    [[nodiscard]] std::vector<std::string> run_for(Duration duration);

private:
    struct Told {
        std::string state;  // as the manager has it
        std::string role;
        std::string parent;  // to which it is attached in fact
        friend bool operator==(const Told&, const Told&) = default;
    };
    [[nodiscard]] std::map<std::string, Told> look(const Snapshot& snapshot) const;
    void tell_receipts(const Snapshot& snapshot, std::vector<std::string>& lines);

    Fleet& fleet_;
    std::map<std::string, Told> told_;
    std::map<PushId, std::string> receipts_;
};

/// "push 3 motd v2: 5 applied, 1 pending (n006)".
[[nodiscard]] std::string text_of(const ReceiptView& receipt, const Manager& manager);
/// Live, suspect, and so on, with the cause of a loss.
[[nodiscard]] std::string text_of(HostState state, Cause cause);
[[nodiscard]] std::string text_of(Role role);

}  // namespace coppice
