#include "simulator/series_checker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/question.h"

namespace coppice {
namespace {

QueryAnswered answer_of(const Question& question, const Sample& sample, HostSet included) {
    QueryAnswered answer{.by = question.inquiry.by};
    for (const Sample::Row& row : sample.rows) {
        std::vector<QueryValue> values;
        for (const std::optional<double>& value : row.values)
            values.push_back(value ? QueryValue{*value} : QueryValue{});
        answer.rows.push_back({.key = row.key, .values = std::move(values), .hosts = row.hosts});
    }
    answer.target = included;
    answer.included = std::move(included);
    return answer;
}

}  // namespace

/// A window asks each child for its own subtree; two may be there while the root changes.
void SeriesChecker::on_send(const Send& send) {
    const auto* asked = std::get_if<WindowOpened>(&send.frame.body);
    if (asked == nullptr) return;
    const auto known = std::find_if(asked_.begin(), asked_.end(), [&](const WindowOpened& one) {
        return one.inquiry == asked->inquiry;
    });
    if (known == asked_.end())
        asked_.push_back(*asked);
    else if (known->window == asked->window)
        known->target |= asked->target;
    else
        *known = *asked;
}

std::string SeriesChecker::question_of(const std::string& series) const {
    const SeriesRecord like{.name = series};
    const auto record = fleet_.world().host(Fleet::manager_index).store().find(like);
    return record ? record->question : std::string{};
}

void SeriesChecker::on_commit(std::span<const Write> writes, const TruthOf& truth_of) {
    for (const Write& write : writes)
        if (const auto* keep = std::get_if<Keep>(&write)) check(*keep, truth_of);
}

void SeriesChecker::check(const Keep& keep, const TruthOf& truth_of) {
    const std::string text = question_of(keep.series);
    const Result<Question> question = Question::parse(text);
    if (!question.ok()) return;  // removed in this commit
    ++windows_;
    const Sample& sample = keep.sample;
    const auto asked = std::find_if(asked_.begin(), asked_.end(), [&](const WindowOpened& one) {
        return one.inquiry == question->inquiry;
    });
    // Nobody was sent a window when no root was there.
    HostSet included = asked == asked_.end() ? HostSet{} : asked->target - sample.missing;
    if (asked != asked_.end()) asked_.erase(asked);
    Sentences wrong;
    if (sample.asked - sample.missing.size() != included.size())
        wrong.push_back("A window of series " + keep.series + " covers " +
                        std::to_string(sample.asked - sample.missing.size()) + " hosts, of " +
                        std::to_string(included.size()) + " that it asked and does not miss.");
    if (included.size() > model_.registered())
        wrong.push_back("A window of series " + keep.series + " covers more hosts than there are.");
    WindowId& newest = newest_[keep.series];
    if (sample.window.number > 0 && sample.window <= newest)
        wrong.push_back("Two windows of series " + keep.series + " have one number.");
    if (sample.window.number > 0) newest = sample.window;
    const Sentences false_values =
        check_answer(text, answer_of(*question, sample, std::move(included)), truth_of);
    wrong.insert(wrong.end(), false_values.begin(), false_values.end());
    complaints_.add("series", wrong);
}

}  // namespace coppice
