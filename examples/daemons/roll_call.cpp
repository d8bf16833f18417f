// Calls the roll: who hears a call from above passes it down and gives the name of its host, and
// names go up to the root, which prints them. On the root a call begins with
// coppice local send roll call --to children
//
// usage: roll_call SOCKET
#include <coppice/client.h>

#include <iostream>

using namespace coppice::client;

namespace {

/// Best effort: a name that is lost is missing from the roll until the next call.
void send(const Client& agent, Address::To to, const std::string& body) {
    if (const auto sent = agent.send("roll", {.to = to}, body); !sent)
        std::cerr << sent.failure().sentence << std::endl;
}

void answer(const Client& agent, const Message& message) {
    const RoleState role = agent.current_role();
    if (message.is_from_parent) {
        send(agent, Address::To::parent, role.name);
        if (role.role != Role::leaf) send(agent, Address::To::children, message.body);
    } else if (role.role == Role::root) {
        std::cout << message.body << " is here" << std::endl;
    } else {
        send(agent, Address::To::parent, message.body);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: roll_call SOCKET\n";
        return 2;
    }
    Client agent{argv[1]};
    agent.on_message({"roll"}, [&agent](const Message& message) { answer(agent, message); });
    agent.run();
    return 0;
}
