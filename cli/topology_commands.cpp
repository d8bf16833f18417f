// topology import: what other systems know of the wiring, as labels of hosts.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "cli/commands.h"
#include "cli/render.h"
#include "cli/slurm_topology.h"
#include "common/hostlist.h"
#include "common/names.h"
#include "options/label_file.h"
#include "runtime/durable_file.h"

namespace coppice::cli {
namespace {

namespace fs = std::filesystem;

Result<std::string> text_of(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in || fs::is_directory(file)) return Error{"cannot read " + file};
    std::string text;
    text.resize(topology_bytes_max + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

Result<std::vector<WiredHost>> hosts_of(const std::string& file) {
    const Result<std::string> text = text_of(file);
    if (!text.ok()) return text.error();
    Result<std::vector<WiredHost>> hosts = parse_slurm_topology(*text);
    if (!hosts.ok()) return Error{file + ": " + hosts.error().message};
    for (const WiredHost& host : *hosts) {
        if (const auto valid = validate_host_name(host.name); !valid.ok())
            return Error{file + ": " + valid.error().message};
        if (const auto valid = validate(switch_labels(host)); !valid.ok())
            return Error{file + ": host " + host.name + ": " + valid.error().message};
    }
    return hosts;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
    return text;
}

Result<Done> write_label_files(const std::vector<WiredHost>& hosts, const fs::path& folder) {
    if (const auto made = make_directories(folder); !made.ok())
        return Error{folder.string() + ": " + made.error().message};
    for (const WiredHost& host : hosts) {
        const fs::path file = folder / (host.name + ".labels");
        const std::string text = labels_text(switch_labels(host));
        std::ofstream out{file, std::ios::binary};
        out << text;
        out.close();
        if (!out) return Error{"cannot write " + file.string()};
    }
    return Done{};
}

void show(const std::vector<WiredHost>& hosts) {
    std::map<std::vector<std::string>, std::vector<std::string>> behind;
    for (const WiredHost& host : hosts) behind[host.switches].push_back(host.name);
    Table table{{"HOSTS", "NAMES", "LABELS"}};
    for (const auto& [switches, names] : behind) {
        std::string labels;
        for (const auto& [key, value] : switch_labels({{}, switches}))
            labels += (labels.empty() ? "" : ",") + key + '=' + value;
        table.add({std::to_string(names.size()), fold_host_list(names), labels});
    }
    std::cout << table.text();
}

int import_slurm(Session& session) {
    const Result<std::vector<WiredHost>> hosts = hosts_of(session.options().text("file"));
    if (!hosts.ok()) return Session::fail(wrong_usage, hosts.error().message);
    const std::vector<std::string> path = switch_path(*hosts);
    const std::string& folder = session.options().text("output");
    if (!folder.empty())
        if (const auto written = write_label_files(*hosts, folder); !written.ok())
            return Session::fail(wrong_usage, written.error().message);
    if (session.wants_json()) {
        Json list = Json::array();
        for (const WiredHost& host : *hosts)
            list.push_back({{"host", host.name}, {"labels", switch_labels(host)}});
        Session::print({{"domain_path", path}, {"hosts", std::move(list)}});
        return success;
    }
    show(*hosts);
    std::cout << '\n'
              << counted(hosts->size(), "host") << "; start the manager with --domain-path "
              << joined(path) << '\n';
    if (!folder.empty())
        std::cout << "each agent with --label-file: " << (fs::path{folder} / "NAME.labels").string()
                  << " of its host\n";
    return success;
}

}  // namespace

std::vector<Command> topology_commands() {
    return {local({.words = "topology import slurm",
                   .usage = "FILE [--output FOLDER]",
                   .summary = "labels of the hosts of a topology.conf, by their switches",
                   .positionals = {"file"},
                   .options = {{.name = "output",
                                .value_name = "FOLDER",
                                .help = "write NAME.labels for each host, for --label-file of "
                                        "its agent",
                                .is_in_file = false}}},
                  import_slurm)};
}

}  // namespace coppice::cli
