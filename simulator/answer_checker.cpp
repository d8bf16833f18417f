#include "simulator/answer_checker.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "common/limits.h"
#include "common/question.h"
#include "simulator/virtual_daemon.h"

namespace coppice {
namespace {

using Row = QueryAnswered::Row;

const std::string release = "sim";
const Facts no_facts;

struct Member {
    HostId host;
    HostTruth truth;

    [[nodiscard]] HostValues values() const {
        return {.name = truth.name,
                .release = release,
                .facts = no_facts,
                .labels = truth.labels,
                .measurements = truth.measurements,
                .contributions = &truth.contributions};
    }
    [[nodiscard]] std::string text(const std::string& name) const {
        const std::string* text = values().text(name);
        return text == nullptr ? std::string{} : *text;
    }
};
using Members = std::vector<Member>;

std::vector<Ranking::Entry> entries_of(const Members& members, const std::string& name) {
    std::vector<Ranking::Entry> entries;
    for (const Member& member : members)
        if (const double* number = member.values().number(name))
            entries.push_back({member.host, *number});
    return entries;
}

std::vector<double> sorted_values(const Members& members, const std::string& name) {
    std::vector<double> values;
    for (const Ranking::Entry& entry : entries_of(members, name)) values.push_back(entry.value);
    std::sort(values.begin(), values.end());
    return values;
}

double sum_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum;
}

double variance_of(const std::vector<double>& values) {
    const double mean = sum_of(values) / static_cast<double>(values.size());
    std::vector<double> squares;
    for (const double value : values) squares.push_back((value - mean) * (value - mean));
    return sum_of(squares) / static_cast<double>(values.size());
}

std::vector<Ranking::Entry> ranked(std::vector<Ranking::Entry> entries, const FoldSpec& spec) {
    std::stable_sort(entries.begin(), entries.end(), [&](const auto& left, const auto& right) {
        return spec.kind == FoldSpec::Kind::top ? left.value > right.value
                                                : left.value < right.value;
    });
    entries.resize(std::min<std::size_t>(entries.size(), spec.kept));
    return entries;
}

double distinct_of(const Members& members, const std::string& name) {
    std::set<std::string> different;
    for (const Member& member : members) {
        const HostValues values = member.values();
        const std::string* text = values.text(name);
        const double* number = values.number(name);
        if (text != nullptr) different.insert(*text);
        if (text == nullptr && number != nullptr) different.insert(std::to_string(*number));
    }
    return static_cast<double>(different.size());
}

std::vector<Quantiles::Bucket> histogram_of(const std::vector<double>& sorted) {
    std::vector<Quantiles::Bucket> buckets;
    for (const double value : sorted) {
        int doubling = 0;
        static_cast<void>(std::frexp(std::abs(value), &doubling));
        const double least = value == 0 ? 0 : std::ldexp(0.5, doubling);
        Quantiles::Bucket bucket{.from = least, .to = least * 2};
        if (value < 0) bucket = {.from = -least * 2, .to = -least};
        const bool is_next = buckets.empty() || buckets.back().from != bucket.from;
        if (is_next) buckets.push_back(bucket);
        ++buckets.back().count;
    }
    return buckets;
}

/// Everything side by side.
Parts parts_of(const Members& members, const std::string& name) {
    Parts parts;
    for (const Member& member : members)
        if (const Bytes* own = member.values().contribution(name)) parts.add({1, *own});
    return parts;
}

std::uint64_t sum_of(const Parts& parts) {
    std::uint64_t sum = 0;
    for (const Parts::Part& part : parts.parts) sum += number_in(part.bytes);
    return sum;
}

/// However far it was reduced: every contribution is inside once, or was dropped and counted.
bool is_conserved(const Parts& said, const Parts& truth) {
    if (said.count() + said.dropped != truth.count()) return false;
    return said.dropped == 0 ? sum_of(said) == sum_of(truth) : sum_of(said) <= sum_of(truth);
}

QueryValue number_of(Function function, double share, const std::vector<double>& sorted) {
    if (function == Function::count) return static_cast<double>(sorted.size());
    if (sorted.empty()) return {};
    switch (function) {
        case Function::sum:
            return sum_of(sorted);
        case Function::min:
            return sorted.front();
        case Function::max:
            return sorted.back();
        case Function::mean:
            return sum_of(sorted) / static_cast<double>(sorted.size());
        case Function::variance:
            return variance_of(sorted);
        case Function::stddev:
            return std::sqrt(variance_of(sorted));
        default:
            return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    }
}

QueryValue truth_of_call(const Question& question, const FunctionCall& call,
                         const Members& members) {
    const FoldSpec& spec = question.inquiry.folds[call.fold];
    if (members.empty()) return {};
    if (call.function == Function::distinct) {
        const double different = distinct_of(members, spec.name);
        return different == 0 ? QueryValue{} : QueryValue{different};
    }
    if (call.function == Function::reduction) {
        Parts parts = parts_of(members, spec.name);
        return parts.parts.empty() ? QueryValue{} : QueryValue{std::move(parts)};
    }
    const std::vector<double> sorted = sorted_values(members, spec.name);
    if (call.function == Function::ranking)
        return sorted.empty() ? QueryValue{}
                              : QueryValue{ranked(entries_of(members, spec.name), spec)};
    if (call.function == Function::histogram)
        return sorted.empty() ? QueryValue{} : QueryValue{histogram_of(sorted)};
    return number_of(call.function, call.share, sorted);
}

/// How far a number may be from the truth: what rounding does, and what sketches say of themselves.
double tolerance_of(const Question& question, double truth) {
    constexpr double rounding = 1e-9;
    constexpr double standard_errors = 4;
    double relative = rounding;
    double absolute = rounding;
    for (const Uncertainty& one : uncertainties(question)) {
        const bool is_bound = one.kind == Uncertainty::Kind::bound;
        relative += one.relative * (is_bound ? 1 : standard_errors);
        absolute += is_bound ? 0 : 1;  // of few values two may share a register
    }
    return absolute + relative * std::abs(truth);
}

bool is_near(const Question& question, const QueryValue& said, const QueryValue& truth) {
    const auto* parts = std::get_if<Parts>(&said);
    const auto* true_parts = std::get_if<Parts>(&truth);
    if (parts != nullptr && true_parts != nullptr) return is_conserved(*parts, *true_parts);
    const auto* number = std::get_if<double>(&said);
    const auto* true_number = std::get_if<double>(&truth);
    if (number == nullptr || true_number == nullptr) return said == truth;
    return std::abs(*number - *true_number) <= tolerance_of(question, *true_number);
}

std::string text_of(const GroupKey& key) {
    std::string text;
    for (const std::string& part : key) text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string text_of(const QueryValue& value) {
    if (const auto* number = std::get_if<double>(&value)) return std::to_string(*number);
    return value.index() == 0 ? "empty" : "a list";
}

/// Hosts that lack a value are counted, name by name.
bool has_right_gaps(const Question& question, const Row& row, const Members& members) {
    for (const FoldSpec& spec : question.inquiry.folds) {
        const auto has_value = [&](const Member& member) {
            if (spec.kind == FoldSpec::Kind::parts)
                return member.values().contribution(spec.name) != nullptr;
            const bool is_text = spec.kind == FoldSpec::Kind::distinct;
            return member.values().number(spec.name) != nullptr ||
                   (is_text && member.values().text(spec.name) != nullptr);
        };
        const auto lacking = members.size() - static_cast<std::size_t>(std::count_if(
                                                  members.begin(), members.end(), has_value));
        const auto said = row.without_value.find(spec.name);
        if ((said == row.without_value.end() ? 0 : said->second) != lacking) return false;
    }
    return true;
}

class Check {
public:
    Check(const Question& question, const QueryAnswered& answer)
        : question_{question}, answer_{answer} {}

    Sentences whole(const TruthOf& truth_of) {
        if (!answer_.target.includes(answer_.included))
            broken_.emplace_back("The answer includes hosts that were not asked.");
        share_out(truth_of);
        for (const Row& row : answer_.rows) check_row(row, groups_[row.key]);
        if (answer_.other) check_row(*answer_.other, others_);
        check_groups();
        return std::move(broken_);
    }

private:
    void share_out(const TruthOf& truth_of) {
        for (const HostId host : answer_.included.to_vector()) {
            Member member{host, truth_of(host)};
            GroupKey key;
            for (const std::string& name : answer_.by) key.push_back(member.text(name));
            const bool is_cut = answer_.other && key >= answer_.other->key;
            (is_cut ? others_ : groups_[key]).push_back(std::move(member));
        }
    }

    void check_row(const Row& row, const Members& members) {
        if (row.hosts != members.size())
            broken_.push_back("The group \"" + text_of(row.key) + "\" of the answer has " +
                              std::to_string(row.hosts) +
                              " hosts, of those that it includes there are " +
                              std::to_string(members.size()) + ".");
        std::vector<QueryValue> calls;
        for (const FunctionCall& call : question_.calls)
            calls.push_back(truth_of_call(question_, call, members));
        if (row.values.size() != question_.formulas.size())
            return void(
                broken_.emplace_back("The answer has not as many values as there are formulas."));
        for (std::size_t at = 0; at < row.values.size(); ++at) {
            const QueryValue truth = evaluate(question_.formulas[at], calls);
            if (!is_near(question_, row.values[at], truth))
                broken_.push_back("The answer is " + text_of(row.values[at]) +
                                  ", the hosts that it includes give " + text_of(truth) + ".");
        }
        if (!has_right_gaps(question_, row, members))
            broken_.emplace_back("The answer miscounts hosts without a value.");
    }

    void check_groups() {
        const std::size_t ungrouped = answer_.by.empty() ? 1 : 0;
        if (answer_.rows.size() != std::max(groups_.size(), ungrouped))
            broken_.push_back("The answer has " + std::to_string(answer_.rows.size()) +
                              " groups, the hosts that it includes are of " +
                              std::to_string(groups_.size()) + ".");
    }

    const Question& question_;
    const QueryAnswered& answer_;
    std::map<GroupKey, Members> groups_;
    Members others_;
    Sentences broken_;
};

}  // namespace

Sentences check_answer(std::string_view question, const QueryAnswered& answer,
                       const TruthOf& truth_of) {
    const Result<Question> parsed = Question::parse(question);
    if (!parsed.ok()) return {"A question that is none was answered: " + parsed.error().message};
    return Check{*parsed, answer}.whole(truth_of);
}

}  // namespace coppice
