// A daemon that does something only while its host is the root: here it counts, once a second.
//
// usage: role_watcher SOCKET
#include <coppice/client.h>
#include <chrono>
#include <cstdio>
#include <thread>

namespace {

namespace client = coppice::client;

void print(const client::RoleState& role) {
    std::printf("%s is %s%s, fence %llu.%llu\n", role.name.c_str(), client::to_text(role.role),
                role.is_valid() ? "" : " no more for sure",
                static_cast<unsigned long long>(role.fence.term),
                static_cast<unsigned long long>(role.fence.generation));
    std::fflush(stdout);
}

/// What only the root may do. It looks at the clock right before it acts: had this process stood
/// still, it would know by itself that the role may be another host's by now. What it acts upon
/// gets the fence, and refuses a smaller one than it has seen.
void act_as_root(const client::Client& agent) {
    const client::RoleState role = agent.current_role();
    if (role.role != client::Role::root || !role.is_valid()) return;
    std::printf(
        "acting as root, fence %llu.%llu, for %lld ms more\n",
        static_cast<unsigned long long>(role.fence.term),
        static_cast<unsigned long long>(role.fence.generation),
        static_cast<long long>(
            std::chrono::duration_cast<std::chrono::milliseconds>(role.expires_in()).count()));
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: role_watcher SOCKET\n", stderr);
        return 2;
    }
    client::Client agent{argv[1]};
    agent.on_role(print);
    agent.on_connection([](bool is_connected) {
        std::puts(is_connected ? "the agent is there" : "the agent is gone");
        std::fflush(stdout);
    });
    std::thread clock{[&agent] {
        while (true) {
            agent.post([&agent] { act_as_root(agent); });
            std::this_thread::sleep_for(std::chrono::seconds{1});
        }
    }};
    clock.detach();
    agent.run();
}
