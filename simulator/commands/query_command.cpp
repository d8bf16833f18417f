#include "simulator/commands/query_command.h"

#include <memory>

#include "common/question.h"
#include "simulator/commands/command.h"
#include "simulator/commands/figures.h"
#include "simulator/commands/fleet_options.h"
#include "simulator/commands/progress.h"
#include "simulator/commands/report_output.h"
#include "simulator/number_text.h"
#include "simulator/querying.h"

namespace coppice {

namespace {

ProgramSpec program() {
    constexpr std::uint32_t hosts = 1000;
    return simulator_program(
        "query", "Asks a whole fleet and times the answer.",
        {fleet_options(hosts),
         flags_only({
             {"question", "TEXT", "count()", "as docs/questions.md has them"},
             {"questions", "N", "1", "the same one after the other"},
             {"deadline", "DURATION", "2s", "after which the manager answers what it has"},
         })});
}

Result<QueryingOptions> querying_of(const Options& options) {
    const Result<FleetOptions> fleet = fleet_of(options);
    if (!fleet.ok()) return fleet.error();
    const Result<Question> question = Question::parse(options.text("question"));
    if (!question.ok()) return Error{"--question: " + question.error().message};
    const Result<std::uint64_t> questions = options.number("questions");
    if (!questions.ok()) return questions.error();
    const Result<Duration> deadline = options.duration("deadline");
    if (!deadline.ok()) return deadline.error();
    return QueryingOptions{.fleet = *fleet,
                           .command = {.question = options.text("question"), .deadline = *deadline},
                           .questions = *questions};
}

Report report_of(const QueryingReport& found, const QueryingOptions& options, double wall_s) {
    Report report;
    report.kind = "query";
    report.title =
        counted(options.questions, "question") + " to " + counted(options.fleet.hosts, "host");
    show(options.fleet, report);
    report.options.emplace_back("question", options.command.question);
    report.broken = found.broken;
    report.verdict = "Every answer counts every host.";
    report.figures = run_figures({.hosts = options.fleet.hosts,
                                  .simulated = found.simulated,
                                  .wall_s = wall_s,
                                  .events = found.events,
                                  .hash = found.hash});
    report.distributions.push_back({.key = "answer_ms",
                                    .title = "Answer",
                                    .what = "from the command until the manager has the answer",
                                    .things = "questions",
                                    .times = found.answered,
                                    .missing = options.questions - found.answered.size()});
    std::vector<Figure>& figures = report.figures;
    figures.push_back({"target", "hosts asked", found.target, Unit::none, true});
    figures.push_back({"included", "hosts counted", found.included, Unit::none, true});
    figures.push_back({"messages", "messages of questions and answers", found.messages});
    figures.push_back({"bytes_link_most", "bytes up the busiest link, a question",
                       found.link_bytes_most, Unit::bytes, true});
    figures.push_back({"bytes_up", "bytes up all links", found.up_bytes, Unit::bytes});
    return report;
}

Result<int> query(const Invocation& given) {
    const Result<QueryingOptions> options = querying_of(given.options);
    if (!options.ok()) return options.error();
    std::unique_ptr<Progress> progress;
    const FleetHooks hooks = showing(progress, "asking");
    const Stopwatch watch;
    const QueryingReport found = run_questions(*options, hooks);
    const double wall_s = watch.seconds();
    progress.reset();

    Report report = report_of(found, *options, wall_s);
    report.command = given.command;
    report.meter = found.meter;
    add_memory(report, options->fleet.hosts);
    return give(report, given.options);
}

}  // namespace

int query_command(const std::vector<std::string>& arguments) {
    return run_with_options(program(), arguments, query);
}

}  // namespace coppice
