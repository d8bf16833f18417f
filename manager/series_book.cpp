#include "manager/series_book.h"

#include <algorithm>
#include <utility>

#include "common/limits.h"
#include "common/names.h"

namespace coppice {
namespace {

std::string seconds(std::chrono::milliseconds time) {
    return std::to_string(time / std::chrono::seconds{1}) + " s";
}

std::vector<std::optional<double>> numbers_of(const std::vector<QueryValue>& values) {
    std::vector<std::optional<double>> numbers;
    for (const QueryValue& value : values) {
        const auto* number = std::get_if<double>(&value);
        numbers.push_back(number == nullptr ? std::nullopt : std::optional{*number});
    }
    return numbers;
}

}  // namespace

void SeriesBook::load(SeriesRecord record) {
    Result<Question> question = Question::parse(record.question);
    const std::string name = record.name;
    Series series{.record = std::move(record)};
    if (question.ok())
        series.question = std::move(*question);
    else
        series.problem = question.error().message;
    series_.insert_or_assign(name, std::move(series));
}

void SeriesBook::add(SeriesRecord record, Question question, Instant first) {
    const std::string name = record.name;
    series_.insert_or_assign(
        name, Series{.record = std::move(record), .question = std::move(question), .next = first});
}

void SeriesBook::remove(const std::string& name) { series_.erase(name); }

const SeriesRecord* SeriesBook::find(const std::string& name) const {
    const auto known = series_.find(name);
    return known == series_.end() ? nullptr : &known->second.record;
}

std::vector<SeriesBook::Due> SeriesBook::take_due(Instant now, UnixMillis unix_now) {
    std::vector<Due> due;
    for (auto& [name, series] : series_) {
        if (!series.question || series.is_open || now < series.next) continue;
        const bool is_first = series.next == Instant{};  // since the manager has started
        series.next = is_first
                          ? first_window(series.record.every, now, unix_now)
                          : std::max(series.next, now - series.record.every) + series.record.every;
        if (is_first) continue;
        series.is_open = true;
        due.push_back({name, *series.question, series.record.every});
    }
    return due;
}

std::optional<Keep> SeriesBook::close(const std::string& name, Sample sample) {
    const auto known = series_.find(name);
    if (known == series_.end()) return std::nullopt;
    Series& series = known->second;
    series.is_open = false;
    Keep keep{name, sample, sample.at - series.record.keep};
    series.newest = std::move(sample);
    return keep;
}

Instant SeriesBook::next_deadline() const {
    Instant earliest = never;
    for (const auto& [name, series] : series_)
        if (series.question && !series.is_open) earliest = std::min(earliest, series.next);
    return earliest;
}

std::vector<SeriesView> SeriesBook::views() const {
    std::vector<SeriesView> views;
    for (const auto& [name, series] : series_) {
        SeriesView view{
            .record = series.record, .problem = series.problem, .newest = series.newest};
        if (series.question) {
            view.by = series.question->inquiry.by;
            for (const Formula& formula : series.question->formulas) {
                view.columns.push_back(formula.text);
                view.units.push_back(unit_of(*series.question, formula));
            }
        }
        views.push_back(std::move(view));
    }
    return views;
}

Instant first_window(std::chrono::milliseconds every, Instant now, UnixMillis unix_now) {
    return now + (every - (unix_now % every + every) % every);
}

Result<Question> question_of(const SeriesRecord& series) {
    if (const auto named = validate_series(series.name); !named.ok()) return named.error();
    if (series.every < series_every_min || series.every > series_every_max)
        return Error{"a series is asked every " + seconds(series_every_min) + " to " +
                     seconds(series_every_max)};
    if (series.keep < series.every || series.keep > series_keep_max)
        return Error{"a series is kept for its interval at least, and for " +
                     seconds(series_keep_max) + " at most"};
    Result<Question> question = Question::parse(series.question);
    if (!question.ok()) return question;
    for (const FunctionCall& call : question->calls)
        if (!is_number(call.function))
            return question_mistake(call.place, call.text +
                                                    " is no number, and a series keeps numbers; "
                                                    "ask it as a question");
    return question;
}

Sample sample_of(const QueryAnswered& answer, UnixMillis opened) {
    Sample sample{.at = opened,
                  .took = std::chrono::duration_cast<std::chrono::milliseconds>(answer.age),
                  .window = answer.window,
                  .asked = answer.target.size(),
                  .missing = answer.target - answer.included};
    for (const QueryAnswered::Row& row : answer.rows) {
        if (sample.rows.size() == limits::series_groups_max) break;
        sample.rows.push_back({row.key, row.hosts, numbers_of(row.values)});
    }
    sample.groups_more = answer.rows.size() - sample.rows.size() + (answer.other ? 1 : 0);
    return sample;
}

}  // namespace coppice
