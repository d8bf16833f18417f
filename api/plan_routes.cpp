// Planning: how soon the death of a host is known, and with which settings it is known in time.

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "api/routes.h"
#include "manager/detection_plan.h"

namespace coppice {
namespace {

constexpr double milliseconds_max = 86'400'000;  // a day
constexpr double message_ms_default = 50;

/// What the manager knows of it.
struct Subject {
    HostView host;
    CellView cell;
};

struct Question {
    std::string host;
    Duration message{};
    DetectionTargets targets;
    bool has_targets = false;
};

/// A whole number where it is one.
Json json_ms(Duration time) {
    constexpr Duration one = std::chrono::milliseconds{1};
    if (time % one == Duration::zero()) return time / one;
    return std::chrono::duration<double, std::milli>{time}.count();
}
std::int64_t bound_ms(Duration time) {
    return std::chrono::ceil<std::chrono::milliseconds>(time).count();
}
Duration duration_of(double milliseconds) {
    return std::chrono::round<Duration>(std::chrono::duration<double, std::milli>{milliseconds});
}

/// A decimal number above zero; nothing when it is not given.
Result<std::optional<double>> parse_positive(const Call& call, const std::string& name,
                                             double most) {
    const std::string text = call.query(name);
    if (text.empty()) return std::optional<double>{};
    double number = 0;
    const char* last = text.data() + text.size();
    const auto [end, failure] = std::from_chars(text.data(), last, number);
    if (failure == std::errc{} && end == last && number > 0 && number <= most)
        return std::optional{number};
    return Error{name + " is \"" + text + "\", which is not a number above 0 and up to " +
                 Json(most).dump()};
}

Result<Question> parse_question(const Call& call) {
    constexpr double no_limit = 1e15;
    const auto message = parse_positive(call, "message_ms", milliseconds_max);
    const auto silent = parse_positive(call, "detect_ms", milliseconds_max);
    const auto deaths = parse_positive(call, "false_deaths_per_host_year", no_limit);
    const auto bytes = parse_positive(call, "bytes_per_branch", no_limit);
    const auto loss = parse_positive(call, "loss", loss_max);
    for (const auto* one : {&message, &silent, &deaths, &bytes, &loss})
        if (!one->ok()) return one->error();
    Question question{.host = call.query("host"),
                      .message = duration_of(message->value_or(message_ms_default)),
                      .targets = {.false_deaths_per_host_year = *deaths,
                                  .bytes_per_branch = *bytes,
                                  .loss = loss->value_or(0)}};
    if (silent->has_value()) question.targets.silent = duration_of(**silent);
    question.has_targets = silent->has_value() || deaths->has_value() || bytes->has_value();
    if (question.host.empty()) return Error{"the host is missing: ?host=NAME"};
    if (deaths->has_value() != loss->has_value())
        return Error{
            "false_deaths_per_host_year and loss go together: give the share of beats that are "
            "not there in time, such as loss=0.001"};
    return question;
}

/// Why nothing can be said of this host; empty when it can.
std::string objection(const Subject& subject) {
    const HostView& host = subject.host;
    const std::string& name = host.record.name;
    const bool is_here = host.state == HostState::live || host.state == HostState::suspect;
    if (!is_here || !host.record.is_placed)
        return "host \"" + name + "\" is " +
               (is_here                            ? "unplaced"
                : host.state == HostState::joining ? "joining"
                                                   : shown_state(host.state)) +
               ": there is a bound only for a host that has its place in the tree";
    if (host.depth == 0 && name != subject.cell.root)
        return "host \"" + name + "\" is on its way to another parent; ask again in a moment";
    return {};
}

const char* meaning_of(const std::string& name) {
    static const std::map<std::string, const char*> meanings{
        {"interval", "one beat in each, up to a fifth of it late: that detects earlier, not later"},
        {"message", "what one message may take until it is dealt with"},
        {"hint_gap", "what news may wait on each link of its way up"},
        {"join_timeout", "how long a parent that does not answer is waited for"},
        {"probes", "a connection that ended: its address is probed twice, there and back"},
        {"way_up", "the word from the parent to the manager, link by link"},
        {"lost_after", "the silence after which a child or a parent is lost"},
        {"way_up_above", "the word from the parent's parent to the manager, link by link"},
        {"new_root", "until the next root is heard"},
        {"not_back_after", "the time that whoever lives has to find another parent and be heard"}};
    return meanings.at(name);
}

/// What the formulas are made of, each once.
Json terms_of(const Timing& timing, Duration message, const std::vector<const Bound*>& bounds) {
    std::vector<Term> terms{{"interval", {}, timing.interval},
                            {"message", {}, message},
                            {"hint_gap", {}, timing.hint_gap()}};
    for (const Bound* bound : bounds) {
        for (const Term& term : bound->terms) {
            const bool is_known = std::any_of(
                terms.begin(), terms.end(), [&](const Term& one) { return one.name == term.name; });
            if (is_known) continue;
            if (term.formula.find("join_timeout") != std::string::npos)
                terms.push_back({"join_timeout", {}, timing.join_timeout()});
            terms.push_back(term);
        }
    }
    Json list = Json::array();
    for (const Term& term : terms)
        list.push_back({{"name", term.name},
                        {"ms", json_ms(term.time)},
                        {"formula", term.formula},
                        {"meaning", meaning_of(term.name)}});
    return list;
}

Json json_of(const DetectionPlan& plan, bool has_loss) {
    return {
        {"met", plan.is_met},
        {"sentence", plan.sentence},
        {"interval_ms", json_ms(plan.interval)},
        {"fanout", plan.fanout},
        {"depth", plan.depth},
        {"silent_ms", bound_ms(plan.silent)},
        {"false_deaths_per_host_year", has_loss ? Json(plan.false_deaths_per_host_year) : Json()},
        {"bytes_per_branch", plan.bytes_per_branch}};
}

Json answer_of(const Question& question, const Subject& subject) {
    const HostView& host = subject.host;
    const Timing timing{.interval = subject.cell.interval};
    const Position position{.depth = host.depth, .is_understudy = host.is_understudy};
    const Detection bounds = detection_of(timing, travel_of(position, timing, question.message));
    Json times = Json::object();
    Json formulas = Json::object();
    const auto add = [&](const char* name, const Bound& bound, bool is_known) {
        times[name] = is_known ? Json(bound_ms(bound.total())) : Json();
        formulas[name] = is_known ? Json(bound.formula()) : Json();
    };
    std::vector<const Bound*> shown{&bounds.killed, &bounds.silent};
    const bool has_parent = host.depth > 0;
    if (has_parent)
        shown.insert(shown.end(),
                     {&bounds.parent_too, &bounds.parent_later, &bounds.mass, &bounds.mass_later});
    add("killed", bounds.killed, true);
    add("silent", bounds.silent, true);
    add("parent_too", bounds.parent_too, has_parent);
    add("parent_later", bounds.parent_later, has_parent);
    add("mass", bounds.mass, has_parent);
    add("mass_later", bounds.mass_later, has_parent);
    Json answer{{"host", host.record.name},
                {"depth", host.depth},
                {"parent", host.parent},
                {"understudy", host.is_understudy},
                {"interval_ms", json_ms(timing.interval)},
                {"fanout", subject.cell.fanout},
                {"message_ms", json_ms(question.message)},
                {"bound_ms", times},
                {"formula", formulas},
                {"terms", terms_of(timing, question.message, shown)}};
    if (question.has_targets)
        answer["plan"] = json_of(plan_detection(question.targets, {.hosts = subject.cell.hosts,
                                                                   .fanout = subject.cell.fanout,
                                                                   .position = position,
                                                                   .message = question.message}),
                                 question.targets.loss > 0);
    return answer;
}

HttpResponse plan(ManagerAccess& access, const Call& call) {
    const Result<Question> question = parse_question(call);
    if (!question) return http_problem(400, question.error().message);
    const auto subject = access.read<std::optional<Subject>>(
        [name = question->host](const Manager& manager) -> std::optional<Subject> {
            const std::optional<HostView> host = manager.host(name);
            if (!host) return std::nullopt;
            return Subject{*host, manager.status().cells.front()};
        });
    if (!subject) return busy_response();
    if (!*subject) return http_problem(404, "there is no host \"" + question->host + "\"");
    const std::string why_not = objection(**subject);
    if (!why_not.empty()) return http_problem(409, why_not);
    return json_response(answer_of(*question, **subject));
}

}  // namespace

std::vector<ApiRoute> plan_routes(ManagerAccess& access) {
    return {{.method = "GET",
             .pattern = "/v1/plan/detection",
             .summary = "The longest time from the death of a host until it is known, as formulas; "
                        "given targets, the settings that meet them.",
             .answer = [&access](const Call& call) { return plan(access, call); },
             .query = {{"host", "Its name."},
                       {"message_ms", "What one message may take until it is dealt with; 50."},
                       {"detect_ms", "Target: a host that falls silent is known within this."},
                       {"false_deaths_per_host_year", "Target: at most so many; needs loss."},
                       {"loss", "Share of beats that are not there in time, up to 0.5."},
                       {"bytes_per_branch",
                        "Target: at most so many a second on the links of a "
                        "branch while nothing happens."}}}};
}

}  // namespace coppice
