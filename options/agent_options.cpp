#include "options/agent_options.h"

#include <utility>

namespace coppice {

ProgramSpec agent_program(const std::string& host_name) {
    ProgramSpec program{
        .program = "coppice-agent",
        .usage = "--manager ADDRESS --token TOKEN --dir FOLDER",
        .summary = "Carries the roles of this host: applies pushes, measures, relays.",
        .options =
            {
                {"manager", "ADDRESS", "", "where a manager listens for hosts: tcp://host:7400",
                 true},
                {"token", "TOKEN", "",
                 "from `coppice init` or `coppice token create`; kept in the "
                 "folder after the first start"},
                {"token-file", "FILE", "",
                 "a file with the token, so that it is not in the list of "
                 "processes"},
                {"name", "NAME", host_name, "this host's name, unique in the fleet"},
                {"dir", "FOLDER", "/var/lib/coppice/agent", "state of this host: key and store"},
                {"topics", "FOLDER", "",
                 "where pushed values are written; FOLDER/topics of --dir "
                 "without it"},
                {"hook", "PREFIX=PROGRAM", "",
                 "a program that makes values of topics with that prefix take effect; see "
                 "docs/local.md",
                 true},
                {"subscriber-only", "PREFIX", "",
                 "topics with that prefix take effect through a subscribed daemon alone", true},
                {"apply-limit", "DURATION", "30s",
                 "within which a hook or a subscribed daemon makes a value take effect, or it is "
                 "refused"},
                {"socket", "PATH", "",
                 "where daemons of this host reach the agent; agent.sock of --dir without it"},
                {"socket-group", "GROUP", "",
                 "who may use the socket besides root and the user of the agent"},
                {"no-socket", "", "", "serve no daemons of this host"},
                {"listen", "ADDRESS", "tcp://*:7402",
                 "where this host's children reach it; port 0: "
                 "any free one"},
                {"advertise", "HOST", "",
                 "name or address of this host for others; that of --listen "
                 "or the host's name without it",
                 true},
                {"label", "KEY=VALUE", "", "a label of this host; wins over --label-file", true},
                {"label-file", "FILE", "",
                 "labels of this host, KEY=VALUE on each line, read at every start"},
                {"log", "FORMAT", "text", "text or json"},
                {"log-level", "LEVEL", "info",
                 "the least severe that is logged: debug, info, warning or error"},
                {"config", "FILE", "", "an INI file with these options", false, false},
            },
        .positionals = {}};
    for (OptionSpec& option : standard_options()) program.options.push_back(std::move(option));
    return program;
}

Result<Labels> agent_labels(const Options& options) {
    Labels labels;
    for (const std::string& label : options.all("label")) {
        const std::size_t equals = label.find('=');
        if (equals == 0 || equals == std::string::npos)
            return Error{"--label: '" + label + "' is not KEY=VALUE"};
        labels[label.substr(0, equals)] = label.substr(equals + 1);
    }
    return labels;
}

}  // namespace coppice
