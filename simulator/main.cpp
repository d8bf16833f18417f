// coppice-sim: a fleet in a virtual world, for faults, traces and proofs.
#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "simulator/check_command.h"
#include "simulator/scenario.h"

namespace {

using namespace coppice;
namespace po = boost::program_options;
using Json = nlohmann::ordered_json;
using Wall = std::chrono::steady_clock;

constexpr int exit_broken = 1;
constexpr int exit_usage = 2;

double seconds(std::chrono::duration<double> time) { return time.count(); }

std::int64_t millis_at(const std::vector<Duration>& ascending, double share) {
    if (ascending.empty()) return 0;
    const auto index = static_cast<std::size_t>(share * static_cast<double>(ascending.size() - 1));
    return std::chrono::duration_cast<std::chrono::milliseconds>(ascending[index]).count();
}

Json json_of(const CampaignReport& report, std::uint32_t hosts, double wall_s) {
    const Findings& findings = report.findings;
    std::ostringstream hash;
    hash << std::hex << report.hash;
    return {{"hosts", hosts},
            {"simulated_s", seconds(report.simulated)},
            {"wall_s", wall_s},
            {"events", report.events},
            {"hash", hash.str()},
            {"faults", report.faults},
            {"pushes", report.pushes},
            {"answers", findings.answers},
            {"detected", findings.detections.size()},
            {"detection_ms",
             {{"p50", millis_at(findings.detections, 0.5)},
              {"p99", millis_at(findings.detections, 0.99)},
              {"max", millis_at(findings.detections, 1)}}},
            {"false_lost", findings.false_lost},
            {"double_counted", findings.double_counted},
            {"moves", findings.moves},
            {"recovered_after_s", seconds(report.recovered_after)},
            {"frames", report.network.frames},
            {"bytes", report.network.bytes},
            {"broken", findings.broken}};
}

void print(const Json& json) {
    for (const auto& [name, value] : json.items()) {
        if (name == "broken") continue;
        std::cout << name << std::string(20 - name.size(), ' ') << value.dump() << '\n';
    }
    for (const Json& sentence : json["broken"])
        std::cout << "BROKEN  " << sentence.get<std::string>() << '\n';
    if (json["broken"].empty()) std::cout << "All invariants held.\n";
}

/// Throws po::error for an unknown name.
std::vector<FaultKind> parse_faults(const std::string& text) {
    const std::map<std::string, FaultKind> names{{"crash", FaultKind::crash},
                                                 {"pause", FaultKind::pause},
                                                 {"partition", FaultKind::partition},
                                                 {"manager", FaultKind::manager},
                                                 {"loss", FaultKind::loss}};
    std::vector<FaultKind> kinds;
    std::istringstream list{text};
    for (std::string name; std::getline(list, name, ',');) {
        const auto found = names.find(name);
        if (found == names.end())
            throw po::error("there is no fault '" + name +
                            "'; take some of crash,pause,partition,manager,loss");
        kinds.push_back(found->second);
    }
    return kinds;
}

int tell(const std::string& path) {
    std::ifstream file{path};
    if (!file) {
        std::cerr << "coppice-sim: cannot read the scenario " << path << "; is the path right?\n";
        return exit_usage;
    }
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    std::cout << run_scenario(text);
    return 0;
}

int run(const po::variables_map& given) {
    if (given.count("scenario") > 0) return tell(given["scenario"].as<std::string>());
    CampaignOptions options;
    const auto hosts = given["hosts"].as<std::uint32_t>();
    options.fleet.hosts = hosts;
    options.fleet.fanout = given["fanout"].as<std::uint32_t>();
    options.fleet.seed = given["seed"].as<std::uint64_t>();
    options.fleet.network.loss = given["loss"].as<double>();
    options.faults.kinds = parse_faults(given["faults"].as<std::string>());
    options.faults.gap = std::chrono::seconds{5};
    options.duration = std::chrono::milliseconds{
        static_cast<std::int64_t>(given["minutes"].as<double>() * 60'000)};
    const Wall::time_point start = Wall::now();
    const Trace::Sink sink = [](const std::string& line) { std::cerr << line << '\n'; };
    const CampaignReport report =
        run_campaign(options, given.count("trace") > 0 ? sink : Trace::Sink{});
    const Json json = json_of(report, hosts, seconds(Wall::now() - start));
    if (given.count("json") > 0)
        std::cout << json.dump(2) << '\n';
    else
        print(json);
    return report.findings.broken.empty() ? 0 : exit_broken;
}

void show_progress(std::uint64_t ended, std::uint64_t seeds, double wall_s) {
    const double rate = static_cast<double>(ended) / std::max(wall_s, 0.001);
    const double left = static_cast<double>(seeds - ended) / rate;
    std::cerr << '\r' << ended << '/' << seeds << " seeds, " << static_cast<int>(rate)
              << " a second, " << static_cast<int>(left) << " s left   " << std::flush;
}

int tell_seed(const CheckOptions& options) {
    CampaignOptions campaign = campaign_of_seed(options.first_seed, options.hosts);
    campaign.duration = options.duration;
    const CampaignReport report = run_campaign(
        campaign, [](const std::string& line) { std::cerr << line << '\n'; });
    for (const std::string& sentence : report.findings.broken)
        std::cout << "BROKEN  " << sentence << '\n';
    if (report.findings.broken.empty()) std::cout << "All invariants held.\n";
    return report.findings.broken.empty() ? 0 : exit_broken;
}

Json json_of(const CheckReport& report, const CheckOptions& options, double wall_s) {
    std::ostringstream hash;
    hash << std::hex << report.hash;
    Json json{{"hosts", options.hosts},
              {"seeds", report.seeds},
              {"simulated_s", seconds(report.simulated)},
              {"wall_s", wall_s},
              {"events", report.events},
              {"faults", report.faults},
              {"hash", hash.str()},
              {"broken", report.broken}};
    if (report.failing_seed) {
        json["failing_seed"] = *report.failing_seed;
        json["replay"] = replay_command(options, *report.failing_seed);
    }
    return json;
}

int check(const po::variables_map& given) {
    const CheckOptions options{
        .first_seed = given["first-seed"].as<std::uint64_t>(),
        .seeds = given["seeds"].as<std::uint64_t>(),
        .hosts = given["hosts"].as<std::uint32_t>(),
        .duration = std::chrono::seconds{given["seconds"].as<std::uint32_t>()},
        .jobs = given.count("jobs") > 0 ? given["jobs"].as<unsigned>()
                                        : std::max(1U, std::thread::hardware_concurrency())};
    if (given.count("trace") > 0) return tell_seed(options);
    const Wall::time_point start = Wall::now();
    const CheckReport report = run_check(options, [&options, start](std::uint64_t ended) {
        show_progress(ended, options.seeds, seconds(Wall::now() - start));
    });
    const double wall_s = seconds(Wall::now() - start);
    std::cerr << '\n';
    if (given.count("json") > 0) {
        std::cout << json_of(report, options, wall_s).dump(2) << '\n';
    } else if (!report.failing_seed) {
        std::cout << "All invariants held in " << report.seeds << " seeds, " << report.faults
                  << " faults, " << report.events << " events, " << wall_s << " s.\n";
    } else {
        std::cout << "Seed " << *report.failing_seed << " is broken:\n";
        for (const std::string& sentence : report.broken) std::cout << "  " << sentence << '\n';
        std::cout << "Replay: " << replay_command(options, *report.failing_seed) << '\n';
    }
    return report.failing_seed ? exit_broken : 0;
}

po::options_description options_of(bool is_run) {
    po::options_description options{is_run ? "coppice-sim run" : "coppice-sim check"};
    auto add = options.add_options();
    add("json", "one JSON document on standard output");
    add("trace", "every input of every node on standard error; of `check`, the first seed alone");
    if (is_run) {
        add("hosts", po::value<std::uint32_t>()->default_value(100), "hosts of the fleet");
        add("fanout", po::value<std::uint32_t>()->default_value(32),
            "children of an interior host");
        add("minutes", po::value<double>()->default_value(1), "virtual time with faults");
        add("seed", po::value<std::uint64_t>()->default_value(1), "the same seed, the same run");
        add("loss", po::value<double>()->default_value(0), "share of frames sent again");
        add("scenario", po::value<std::string>(), "a story to run instead; see tests/scenarios");
        add("faults", po::value<std::string>()->default_value(""),
            "some of crash,pause,partition,manager,loss");
    } else {
        add("seeds", po::value<std::uint64_t>()->default_value(100), "how many seeds");
        add("hosts", po::value<std::uint32_t>()->default_value(60), "hosts of each fleet");
        add("first-seed", po::value<std::uint64_t>()->default_value(1), "the first of the seeds");
        add("seconds", po::value<std::uint32_t>()->default_value(180),
            "virtual time with faults, of each seed");
        add("jobs", po::value<unsigned>(), "seeds at one time; as many as there are processors");
    }
    return options;
}

int usage(std::ostream& out) {
    out << "A fleet in a virtual world, replayable from its seed.\n\n"
        << options_of(true) << '\n'
        << options_of(false);
    return &out == &std::cout ? 0 : exit_usage;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::string command = argc > 1 ? argv[1] : "";
        if (command == "--help" || command == "help") return usage(std::cout);
        if (command != "run" && command != "check") return usage(std::cerr);
        const po::options_description options = options_of(command == "run");
        po::variables_map given;
        po::store(po::parse_command_line(argc - 1, argv + 1, options), given);
        po::notify(given);
        return command == "run" ? run(given) : check(given);
    } catch (const po::error& error) {
        std::cerr << "coppice-sim: " << error.what() << ". See coppice-sim --help.\n";
        return exit_usage;
    } catch (const std::exception& error) {
        std::cerr << "coppice-sim: " << error.what() << '\n';
        return exit_broken;
    }
}
