// Options, the run, and its figures as text or JSON.
#include "simulator/commands/replay_command.h"

#include <sys/resource.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "simulator/commands/trace_file.h"
#include "simulator/fta_trace.h"
#include "simulator/lanl_trace.h"
#include "simulator/replay.h"

namespace coppice {

namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;
using Wall = std::chrono::steady_clock;

constexpr int exit_broken = 1;
constexpr std::chrono::seconds progress_period{10};

po::options_description options() {
    po::options_description all{"coppice-sim replay FILE, which may be compressed with xz"};
    auto add = all.add_options();
    add("format", po::value<std::string>()->required(),
        "lanl or fta (Failure Trace Archive); see docs/traces.md");
    add("systems", po::value<std::string>()->default_value(""), "lanl: only these, such as 8,20");
    add("sites", po::value<std::string>()->default_value(""), "fta: only these");
    add("from", po::value<std::uint32_t>()->default_value(0),
        "first day, counted from the first event of the selection");
    add("days", po::value<std::uint32_t>()->default_value(0), "how many days; 0: all");
    add("squeeze", po::value<std::uint32_t>()->default_value(0),
        "quiet stretches last at most so many seconds; 0: as long as they did");
    add("tile", po::value<std::uint32_t>()->default_value(1),
        "so many copies of the fleet, at different times");
    add("fanout", po::value<std::uint32_t>()->default_value(32), "children of an interior host");
    add("every-beat", "lives through quiet stretches too, instead of passing over them");
    add("loss", po::value<double>()->default_value(0), "share of frames sent again");
    add("seed", po::value<std::uint64_t>()->default_value(1), "the same seed, the same run");
    add("json", "one JSON document on standard output");
    add("file", po::value<std::string>()->required(), "the trace");
    return all;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream list{text};
    for (std::string part; std::getline(list, part, ',');) parts.push_back(part);
    return parts;
}

Result<Outages> read(const po::variables_map& given) {
    const auto format = given["format"].as<std::string>();
    const bool is_lanl = format == "lanl";
    if (!is_lanl && format != "fta")
        throw po::error("there is no format '" + format + "'; take lanl or fta");
    const std::vector<std::string> systems = split(given["systems"].as<std::string>());
    const std::vector<std::string> sites = split(given["sites"].as<std::string>());
    if (!is_lanl && !systems.empty())
        throw po::error("--systems is for --format lanl; take --sites");
    if (is_lanl && !sites.empty()) throw po::error("--sites is for --format fta; take --systems");
    const auto path = given["file"].as<std::string>();
    const Result<std::string> text = read_trace_file(path);
    if (!text.ok()) return text.error();
    const Result<Outages> outages =
        is_lanl ? read_lanl(text.value(), systems) : read_fta(text.value(), sites);
    if (!outages.ok()) return Error{path + ": " + outages.error().message};
    const auto from = given["from"].as<std::uint32_t>();
    const auto days = given["days"].as<std::uint32_t>();
    if (from == 0 && days == 0) return outages;
    constexpr std::uint32_t all_days = 1'000'000;
    return cut_out(outages.value(), from, days == 0 ? all_days : days);
}

Outages prepared(Outages outages, const po::variables_map& given) {
    outages = tile(outages, given["tile"].as<std::uint32_t>(), given["seed"].as<std::uint64_t>());
    const std::chrono::seconds quiet_max{given["squeeze"].as<std::uint32_t>()};
    return quiet_max.count() == 0 ? outages : squeeze(outages, quiet_max);
}

/// The most that this process ever took.
std::uint64_t memory_bytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

double seconds_of(std::chrono::duration<double> time) { return time.count(); }

std::int64_t millis_of(Duration time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

Json json_of(const Outages& outages) {
    Json rejected = Json::array();
    for (const RejectedRows& rows : outages.rejected)
        rejected.push_back({{"reason", rows.reason},
                            {"rows", rows.rows},
                            {"first_line", rows.first_line},
                            {"example", rows.example}});
    return {{"rows", outages.rows}, {"rows_rejected", rejected}};
}

Json json_of(const ReplayReport& report) {
    const OutageFindings& findings = report.findings;
    std::ostringstream hash;
    hash << std::hex << report.hash;
    std::uint64_t moves_most = 0;
    for (const std::uint64_t moves : findings.moves_per_death)
        moves_most = std::max(moves_most, moves);
    return {{"hosts", report.hosts},
            {"simulated_s", seconds_of(report.simulated)},
            {"events", report.events},
            {"hash", hash.str()},
            {"late_starts", report.late_starts},
            {"outages", findings.outages},
            {"outages_over_bound", findings.outages_over_bound},
            {"outages_in_the_dark", findings.outages_in_the_dark},
            {"detected", findings.detected},
            {"missed", findings.missed},
            {"false_lost", findings.false_lost},
            {"late_lost", findings.late_lost},
            {"detection_ms",
             {{"p50", millis_of(quantile(findings.detections, 0.5))},
              {"p99", millis_of(quantile(findings.detections, 0.99))},
              {"max", millis_of(quantile(findings.detections, 1))},
              {"longest", millis_of(findings.detection_longest)},
              {"bound", millis_of(report.bound.parent_too)}}},
            {"interior_deaths", findings.interior_deaths},
            {"moves", findings.moves},
            {"moves_max_per_death", moves_most},
            {"unreachable_over_bound", findings.unreachable_over_bound},
            {"answers", report.answers},
            {"double_counted", report.double_counted},
            {"examples", findings.examples},
            {"broken", report.broken}};
}

void print(const Json& json) {
    for (const auto& [name, value] : json.items())
        if (!value.is_array())
            std::cout << name << std::string(24 - name.size(), ' ') << value.dump() << '\n';
    for (const Json& rows : json["rows_rejected"])
        std::cout << rows["rows"] << " rows were not used: " << rows["reason"].get<std::string>()
                  << "; the first is line " << rows["first_line"] << '\n';
    for (const char* list : {"examples", "broken"})
        for (const Json& sentence : json[list])
            std::cout << "WRONG  " << sentence.get<std::string>() << '\n';
}

bool is_good(const ReplayReport& report) {
    const OutageFindings& findings = report.findings;
    return report.broken.empty() && findings.missed == 0 && findings.false_lost == 0 &&
           findings.unreachable_over_bound == 0 && report.double_counted == 0;
}

}  // namespace

void print_replay_help(std::ostream& out) { out << options(); }

int replay_command(int argc, char** argv) {
    po::positional_options_description positions;
    positions.add("file", 1);
    po::variables_map given;
    po::store(
        po::command_line_parser(argc - 1, argv + 1).options(options()).positional(positions).run(),
        given);
    po::notify(given);
    const Result<Outages> read_outages = read(given);
    if (!read_outages.ok()) {
        std::cerr << "coppice-sim: " << read_outages.error().message << '\n';
        return exit_broken;
    }
    ReplayOptions replay;
    replay.fleet.fanout = given["fanout"].as<std::uint32_t>();
    replay.fleet.seed = given["seed"].as<std::uint64_t>();
    replay.fleet.is_passing_over = given.count("every-beat") == 0;
    replay.fleet.network.loss = given["loss"].as<double>();
    const Outages outages = prepared(read_outages.value(), given);
    const Wall::time_point start = Wall::now();
    Wall::time_point next_word = start + progress_period;
    replay.on_progress = [&](std::chrono::seconds passed) {
        if (Wall::now() < next_word) return;
        next_word = Wall::now() + progress_period;
        std::cerr << passed / std::chrono::hours{24} << " of "
                  << outages.span / std::chrono::hours{24} << " days after "
                  << seconds_of(Wall::now() - start) << " s\n";
    };
    const std::uint64_t memory_before = memory_bytes();
    const ReplayReport report = run_replay(outages, replay);
    Json json = json_of(report);
    json["wall_s"] = seconds_of(Wall::now() - start);
    json["memory_bytes_per_host"] = (memory_bytes() - memory_before) / report.hosts;
    json.update(json_of(outages));
    if (given.count("json") > 0)
        std::cout << json.dump(2) << '\n';
    else
        print(json);
    return is_good(report) ? 0 : exit_broken;
}

}  // namespace coppice
