// Series: questions that this manager asks again and again.

#include <algorithm>

#include "common/limits.h"
#include "manager/state.h"

namespace coppice {
namespace {

/// Requests of people count from one.
constexpr std::uint64_t first_request = std::uint64_t{1} << 63U;
/// A window is closed before the next one opens, and before people have forgotten about it.
constexpr Duration closes_in_max = std::chrono::seconds{5};

Problem problem(Problem::Kind kind, std::string detail) { return {kind, std::move(detail)}; }

}  // namespace

Answer Manager::State::on(const AddSeriesCommand& command) {
    const SeriesRecord& record = command.series;
    Result<Question> question = question_of(record);
    if (!question.ok()) return problem(Problem::Kind::bad_request, question.error().message);
    if (series.find(record.name) != nullptr)
        return problem(Problem::Kind::conflict,
                       "there is a series \"" + record.name +
                           "\" already; remove it first, and what was kept of it goes with it");
    if (series.size() == limits::series_max)
        return problem(Problem::Kind::conflict, std::to_string(limits::series_max) +
                                                    " series are the most; remove one first");
    if (const auto unknown = unknown_group(*question, select(question->selector, true)))
        return problem(Problem::Kind::bad_request, unknown->message);
    series.add(record, std::move(*question), first_window(record.every, now, unix_now()));
    out.writes.emplace_back(Put{record});
    history.note("series.added", HostSet{}, record.name, {{"question", record.question}});
    return Accepted{};
}

Answer Manager::State::on(const RemoveSeriesCommand& command) {
    if (series.find(command.name) == nullptr)
        return problem(Problem::Kind::not_found, "there is no series \"" + command.name +
                                                     "\"; `coppice series list` shows them");
    series.remove(command.name);
    out.writes.emplace_back(Erase{key_of(SeriesRecord{.name = command.name})});
    out.writes.emplace_back(ForgetSeries{command.name});
    history.note("series.removed", HostSet{}, command.name);
    return Accepted{};
}

void Manager::State::ask_series() {
    for (const SeriesBook::Due& one : series.take_due(now, unix_now())) {
        const RequestId request{first_request + ++series_asked};
        open_window(request,
                    {.question = one.question,
                     .target = select(one.question.selector, true),
                     .series = one.name},
                    std::min(one.every * 3 / 4, closes_in_max));
    }
}

void Manager::State::close_series(const std::string& name, const QueryAnswered& answer) {
    const auto age = std::chrono::duration_cast<UnixMillis>(answer.age);
    // A fleet without hosts writes nothing.
    std::optional<Keep> keep = series.close(name, sample_of(answer, unix_now() - age));
    if (keep && keep->sample.asked > 0) out.writes.emplace_back(std::move(*keep));
}

std::vector<SeriesView> Manager::series() const { return state_->series.views(); }

}  // namespace coppice
