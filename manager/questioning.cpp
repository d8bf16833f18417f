// Questions: they go down as an inquiry to chosen hosts, and come back as what people asked for.

#include <algorithm>

#include "common/close_name.h"
#include "common/limits.h"
#include "manager/reduction_notes.h"
#include "manager/state.h"

namespace coppice {
namespace {

constexpr Duration deadline_max = std::chrono::minutes{5};

/// Hosts of the group, by the name of which they have no value.
std::map<std::string, std::uint64_t> without_value(const Inquiry& inquiry, const Aggregate& group) {
    std::map<std::string, std::uint64_t> without;
    for (std::size_t at = 0; at < group.folds.size(); ++at) {
        const auto* parts = std::get_if<Parts>(&group.folds[at]);
        const std::uint64_t lacking =
            group.hosts - count_of(group.folds[at]) - (parts == nullptr ? 0 : parts->dropped);
        if (lacking > 0) without[inquiry.folds[at].name] = lacking;
    }
    return without;
}

QueryAnswered::Row row_of(const Question& question, const GroupKey& key, const Aggregate& group) {
    std::vector<QueryValue> calls;
    for (const FunctionCall& call : question.calls) calls.push_back(evaluate(call, group));
    std::vector<QueryValue> values;
    for (const Formula& formula : question.formulas) values.push_back(evaluate(formula, calls));
    return {.key = key,
            .values = std::move(values),
            .hosts = group.hosts,
            .without_value = without_value(question.inquiry, group)};
}

std::vector<std::string> names_that_agents_know() {
    std::vector<std::string> names{known_facts().begin(), known_facts().end()};
    names.insert(names.end(), known_measurements().begin(), known_measurements().end());
    return names;
}

/// Of names of which no host that answered has a value.
std::vector<std::string> notes_on(const Question& question, const QueryAnswered& answer) {
    std::vector<std::string> notes;
    for (const FunctionCall& call : question.calls) {
        const std::string& name = question.inquiry.folds[call.fold].name;
        const auto lacks_it = [&](const QueryAnswered::Row& row) {
            const auto lacking = row.without_value.find(name);
            return lacking != row.without_value.end() && lacking->second == row.hosts;
        };
        const bool has_nobody = !answer.included.empty() &&
                                std::all_of(answer.rows.begin(), answer.rows.end(), lacks_it) &&
                                (!answer.other || lacks_it(*answer.other));
        if (!has_nobody) continue;
        const bool is_number = call.function != Function::reduction;
        const std::string sentence =
            is_number ? "no host that answered has a value of \"" + name + '"' +
                            did_you_mean(name, names_that_agents_know())
                      : "no host that answered has a contribution \"" + name + '"';
        notes.push_back(question_mistake(call.name_place, sentence).message);
    }
    return notes;
}

QueryAnswered answer_of(const Question& question, const Partial& partial) {
    QueryAnswered answer{.by = question.inquiry.by,
                         .uncertainties = uncertainties(question),
                         .included = partial.coverage};
    for (const Formula& formula : question.formulas)
        answer.columns.push_back({formula.text, unit_of(question, formula)});
    for (const auto& [key, group] : partial.groups)
        answer.rows.push_back(row_of(question, key, group));
    if (answer.by.empty() && answer.rows.empty()) answer.rows.push_back(row_of(question, {}, {}));
    if (partial.cut) answer.other = row_of(question, *partial.cut, partial.other);
    answer.notes = notes_on(question, answer);
    for (std::string& note : reduction_notes(question.inquiry, partial))
        answer.notes.push_back(std::move(note));
    return answer;
}

}  // namespace

/// Labels that no host of the target has, and nothing else has that name.
std::optional<Error> Manager::State::unknown_group(const Question& question,
                                                   const HostSet& target) const {
    const std::span<const std::string> facts = known_facts();
    for (std::size_t at = 0; at < question.inquiry.by.size(); ++at) {
        const std::string& name = question.inquiry.by[at];
        if (target.empty() || std::find(facts.begin(), facts.end(), name) != facts.end()) continue;
        std::set<std::string> keys{facts.begin(), facts.end()};
        for (const auto& [id, host] : registry.hosts())
            if (target.contains(id))
                for (const auto& [key, value] : host.labels) keys.insert(key);
        if (keys.contains(name)) continue;
        const std::vector<std::string> known{keys.begin(), keys.end()};
        return question_mistake(question.by_places[at], "no host that is asked has a label \"" +
                                                            name + '"' + did_you_mean(name, known));
    }
    return std::nullopt;
}

void Manager::State::ask(RequestId request, const QueryCommand& command) {
    const auto refuse_to = [&](Problem::Kind kind, std::string detail) {
        out.replies.push_back({request, Problem{kind, std::move(detail)}});
    };
    Result<Question> question = Question::parse(command.question);
    if (!question.ok()) return refuse_to(Problem::Kind::bad_request, question.error().message);
    if (command.deadline <= Duration::zero() || command.deadline > deadline_max)
        return refuse_to(Problem::Kind::bad_request, "the deadline is out of range; give up to 5m");
    const bool is_full = questions.size() >= limits::open_questions_max + series.size();
    if (is_full || questions.contains(request))
        return refuse_to(Problem::Kind::unavailable,
                         std::to_string(limits::open_questions_max) +
                             " questions are open; ask again when one is answered");
    const HostSet target = select(question->selector, true);
    if (const auto unknown = unknown_group(*question, target))
        return refuse_to(Problem::Kind::bad_request, unknown->message);
    open_window(request, {.question = std::move(*question), .target = target}, command.deadline);
    count("coppice_questions_total");
}

void Manager::State::open_window(RequestId request, OpenQuestion open, Duration closes_in) {
    open.asked = {.root = {term, ++questions_asked}, .number = 0};
    open.numbered = open.asked;
    open.opened = now;
    hub.gather().open({.window = open.asked,
                       .question = request,
                       .inquiry = open.question.inquiry,
                       .target = open.target,
                       .closes_in = closes_in},
                      LinkId{}, false, hub.links(), now, out);
    questions.emplace(request, std::move(open));
}

/// The root numbers windows by itself; on this link the question names them.
void Manager::State::on_answered_window(const Received& received) {
    Received translated = received;
    auto& answer = std::get<WindowClosed>(translated.frame.body);
    const auto question = questions.find(answer.question);
    if (question != questions.end()) {
        question->second.numbered = answer.window;
        answer.window = question->second.asked;
    }
    hub.on_frame(translated, standing(), now, out);
}

void Manager::State::answer_questions() {
    for (const Gather::Finished& finished : hub.gather().take_finished(now)) {
        const auto found = questions.extract(finished.answer.question);
        if (found.empty()) continue;
        const OpenQuestion& open = found.mapped();
        QueryAnswered answer = answer_of(open.question, finished.answer.partial);
        answer.target = open.target;
        answer.window = open.numbered;
        answer.age = now - open.opened;
        if (open.series.empty())
            out.replies.push_back({finished.answer.question, std::move(answer)});
        else
            close_series(open.series, answer);
    }
}

}  // namespace coppice
