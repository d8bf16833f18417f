// A daemon that is configured by a topic: it takes over what it can use, and says why when it
// cannot.
//
// usage: config_daemon SOCKET TOPIC
//
// Its configuration is lines of KEY=VALUE; "port" must be a port that users may listen on.
#include <coppice/client.h>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <sstream>
#include <string>

namespace {

namespace client = coppice::client;
using Configuration = std::map<std::string, std::string>;

/// Why it cannot be used; nothing when it can, and is in `into`.
std::optional<std::string> read(const std::string& text, Configuration& into) {
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        const std::size_t equals = line.find('=');
        if (line.empty() || line.front() == '#') continue;
        if (equals == std::string::npos) return "'" + line + "' is not KEY=VALUE";
        into[line.substr(0, equals)] = line.substr(equals + 1);
    }
    const std::string& port = into["port"];
    int number = 0;
    const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (wrong != std::errc{} || end != port.data() + port.size())
        return "port is missing, or not a number";
    if (number < 1024 || number > 65535) return "port " + port + " is not between 1024 and 65535";
    return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: config_daemon SOCKET TOPIC\n", stderr);
        return 2;
    }
    client::Client agent{argv[1]};
    Configuration used;
    // The agent keeps the value durably once it is accepted, and gives it again at the next start.
    agent.subscribe({argv[2]}, [&used](const client::Value& value) -> client::Verdict {
        if (value.is_withdrawn) return "this daemon needs a configuration; push another one first";
        Configuration wanted;
        if (auto reason = read(value.payload, wanted)) {
            std::printf("version %llu refused: %s\n",
                        static_cast<unsigned long long>(value.version), reason->c_str());
            std::fflush(stdout);
            return reason;
        }
        used = std::move(wanted);
        std::printf("version %llu in use, port %s%s\n",
                    static_cast<unsigned long long>(value.version), used["port"].c_str(),
                    value.is_current ? ", as before" : "");
        std::fflush(stdout);
        return std::nullopt;
    });
    agent.run();
}
