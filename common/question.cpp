#include "common/question.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "common/close_name.h"
#include "common/limits.h"
#include "common/text_scanner.h"

namespace coppice {
namespace {

using Kind = FoldSpec::Kind;

constexpr std::string_view language = "question";

struct Named {
    std::string_view name;
    Function function;
    Kind fold;
};
constexpr std::array<Named, 13> functions{{
    {"avg", Function::mean, Kind::moments},
    {"bottom", Function::ranking, Kind::bottom},
    {"count", Function::count, Kind::moments},
    {"distinct", Function::distinct, Kind::distinct},
    {"hist", Function::histogram, Kind::quantiles},
    {"max", Function::max, Kind::moments},
    {"mean", Function::mean, Kind::moments},
    {"min", Function::min, Kind::moments},
    {"reduce", Function::reduction, Kind::parts},
    {"stddev", Function::stddev, Kind::variance},
    {"sum", Function::sum, Kind::moments},
    {"top", Function::ranking, Kind::top},
    {"variance", Function::variance, Kind::variance},
}};

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_number_part(char letter) { return is_digit(letter) || letter == '.'; }
bool is_word(char letter) {
    return (letter >= 'a' && letter <= 'z') || is_digit(letter) || letter == '_';
}

/// p50, p99, p999: the digits behind the second are decimals.
std::optional<double> share_of(std::string_view name) {
    constexpr std::size_t digits_max = 6;
    if (name.size() < 2 || name.size() > 1 + digits_max || name[0] != 'p') return std::nullopt;
    double share = 0;
    double digit = 0.1;
    for (const char letter : name.substr(1)) {
        if (!is_digit(letter)) return std::nullopt;
        share += digit * (letter - '0');
        digit /= 10;
    }
    return share;
}

std::string trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return std::string{text};
}

/// Every function reads one rule and leaves the scanner behind it, or fails.
class Parser : private TextScanner {
public:
    explicit Parser(std::string_view text) : TextScanner{text, language, 0} {}

    Result<Question> whole() {
        do {
            one_formula();
        } while (!has_failed() && take(","));
        if (take_word("by", is_word)) groups();
        if (take_word("where", is_word)) selection();
        skip_space();
        if (!is_at_end()) fail("expected an operator, ',', \"by NAME\" or \"where SELECTOR\"");
        if (has_failed()) return error();
        return std::move(question_);
    }

private:
    // --- formulas -------------------------------------------------------------------------------

    void one_formula() {
        skip_space();
        const std::size_t start = at();
        const std::size_t calls = question_.calls.size();
        if (question_.formulas.size() == limits::folds_max)
            return fail("more than " + std::to_string(limits::folds_max) +
                        " formulas; ask two questions");
        question_.formulas.emplace_back();
        formula();
        if (!has_failed() && question_.calls.size() == calls)
            fail_at(start, "a question asks hosts something, such as avg(load1) or count()");
        check_numbers(calls, start);
        question_.formulas.back().text = trimmed(since(start));
    }

    void formula() {
        product();
        while (const auto operation =
                   take_one_of("+", Step::Kind::add, "-", Step::Kind::subtract)) {
            product();
            step(*operation);
        }
    }

    void product() {
        factor();
        while (const auto operation =
                   take_one_of("*", Step::Kind::multiply, "/", Step::Kind::divide)) {
            factor();
            step(*operation);
        }
    }

    std::optional<Step::Kind> take_one_of(std::string_view one, Step::Kind kind,
                                          std::string_view other, Step::Kind other_kind) {
        if (has_failed()) return std::nullopt;
        if (take(one)) return kind;
        return take(other) ? std::optional{other_kind} : std::nullopt;
    }

    void factor() {
        if (depth_ == limits::question_depth_max)
            fail("more than " + std::to_string(limits::question_depth_max) +
                 " '-' and '(' inside each other");
        if (has_failed()) return;
        ++depth_;
        skip_space();
        const std::size_t start = at();
        if (take("-")) {
            factor();
            step(Step::Kind::negate);
        } else if (take("(")) {
            formula();
            close(start);
        } else if (!is_at_end() && is_digit(rest().front())) {
            number();
        } else {
            call();
        }
        --depth_;
    }

    void close(std::size_t opened_at) {
        if (has_failed() || take(")")) return;
        if (is_at_end()) return fail_at(opened_at, "'(' is not closed");
        fail("expected an operator or ')'");
    }

    void step(Step::Kind kind) { steps().push_back({.kind = kind}); }
    std::vector<Step>& steps() { return question_.formulas.back().steps; }

    void number() {
        const std::size_t start = at();
        const std::string_view digits = word(is_number_part);
        double value = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size())
            fail_at(start, quoted(digits) + " is not a number");
        steps().push_back({.kind = Step::Kind::number, .number = value});
    }

    // --- functions ------------------------------------------------------------------------------

    void call() {
        const std::size_t start = at();
        const std::string_view name = word(is_word);
        const std::optional<double> share = share_of(name);
        const auto* known = std::find_if(functions.begin(), functions.end(),
                                         [&](const Named& one) { return one.name == name; });
        if (!share && known == functions.end()) return fail_function(start, name);
        FunctionCall call{.function = share ? Function::quantile : known->function,
                          .share = share.value_or(0),
                          .place = start};
        FoldSpec fold{.kind = share ? Kind::quantiles : known->fold};
        if (!take("(")) fail("expected '(' after " + quoted(name));
        if (call.function == Function::ranking) fold.kept = ranked();
        skip_space();
        call.name_place = place();
        fold.name = argument(call.function);
        if (!has_failed() && !take(")")) fail("expected ')' after " + quoted(fold.name));
        if (has_failed()) return;
        call.text = name;
        call.text +=
            '(' + (fold.kept > 0 ? std::to_string(fold.kept) + ", " : "") + fold.name + ')';
        call.fold = fold_of(fold, start);
        steps().push_back({.kind = Step::Kind::call, .call = question_.calls.size()});
        question_.calls.push_back(std::move(call));
    }

    void fail_function(std::size_t start, std::string_view name) {
        constexpr std::size_t name_bytes_max = 32;
        std::vector<std::string> names{"p50", "p99"};
        for (const Named& named : functions) names.emplace_back(named.name);
        std::string list;
        for (const std::string& one : names) list += (list.empty() ? "" : ", ") + one;
        if (name.empty()) return fail("expected a function: " + list);
        const std::string shown{name.substr(0, name_bytes_max)};
        fail_at(start, "there is no function " + quoted(shown) + did_you_mean(shown, names) +
                           " There are " + list);
    }

    /// "5," of top(5, load1).
    std::uint16_t ranked() {
        skip_space();
        const std::size_t start = at();
        const std::string_view digits = word(is_digit);
        std::uint16_t kept = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), kept);
        if (kept == 0 || kept > limits::ranking_max)
            fail_at(start, "expected how many hosts, from 1 to " +
                               std::to_string(limits::ranking_max) + ", as in top(5, load1)");
        if (!has_failed() && !take(",")) fail("expected ',' and the name of a measurement");
        return kept;
    }

    std::string argument(Function function) {
        const std::size_t start = at();
        const bool is_text = function == Function::distinct;
        const std::string_view name = is_text ? word(is_label_key_character) : word(is_word);
        if (name.empty() && function != Function::count)
            fail(is_text ? "expected the name of a fact, a label or a measurement, such as kernel"
                 : function == Function::reduction
                     ? "expected the name of a contribution, as daemons give it to their agent"
                     : "expected the name of a measurement, such as load1");
        if (name.size() > limits::measurement_name_bytes_max)
            fail_at(start, "a name has at most " +
                               std::to_string(limits::measurement_name_bytes_max) + " characters");
        return has_failed() ? std::string{} : std::string{name};
    }

    /// Functions of the same values share what is folded.
    std::size_t fold_of(const FoldSpec& wanted, std::size_t start) {
        std::vector<FoldSpec>& folds = question_.inquiry.folds;
        const auto known = std::find(folds.begin(), folds.end(), wanted);
        if (known != folds.end()) return static_cast<std::size_t>(known - folds.begin());
        std::size_t sketches = sketches_in(wanted.kind);
        for (const FoldSpec& one : folds) sketches += sketches_in(one.kind);
        if (folds.size() == limits::folds_max)
            fail_at(start, "more than " + std::to_string(limits::folds_max) +
                               " different things are asked; ask two questions");
        if (sketches_in(wanted.kind) > 0 && sketches > limits::sketches_max)
            fail_at(start, "quantiles, hist() or distinct() of more than " +
                               std::to_string(limits::sketches_max) +
                               " names, of which a reduce() counts as four; ask two questions");
        folds.push_back(wanted);
        return folds.size() - 1;
    }

    /// Of the formula that begins at `start`, and whose calls are those from `first` on.
    void check_numbers(std::size_t first, std::size_t start) {
        for (std::size_t call = first; call < question_.calls.size(); ++call)
            if (!is_number(question_.calls[call].function) && steps().size() > 1)
                fail_at(start, question_.calls[call].text +
                                   " is no number to calculate with; ask for it alone");
    }

    // --- groups and hosts -----------------------------------------------------------------------

    void groups() {
        std::vector<std::string>& by = question_.inquiry.by;
        do {
            skip_space();
            const std::size_t start = at();
            const std::string_view name = word(is_label_key_character);
            if (name.empty()) fail("expected the name of a label or a fact, such as rack");
            if (name.size() > limits::label_key_bytes_max)
                fail_at(start, "a label has at most " +
                                   std::to_string(limits::label_key_bytes_max) + " characters");
            if (by.size() == limits::group_keys_max)
                fail_at(start,
                        "groups by at most " + std::to_string(limits::group_keys_max) + " names");
            if (std::find(by.begin(), by.end(), name) != by.end())
                fail_at(start, quoted(name) + " is named twice");
            if (has_failed()) return;
            by.emplace_back(name);
            question_.by_places.push_back(start);
        } while (take(","));
    }

    void selection() {
        if (has_failed()) return;
        skip_space();
        if (is_at_end()) return fail("expected a selector, such as zone=z1");
        Result<Selector> selector = Selector::parse(rest(), place());
        if (!selector.ok()) return keep(selector.error());
        question_.selector = std::move(*selector);
        word([](char) { return true; });
    }

    Question question_;
    std::size_t depth_ = 0;
};

}  // namespace

bool is_number(Function function) {
    return function != Function::histogram && function != Function::ranking &&
           function != Function::reduction;
}

Result<Question> Question::parse(std::string_view text) {
    if (text.size() > limits::question_bytes_max)
        return Error{"the question has " + std::to_string(text.size()) + " bytes; at most " +
                     std::to_string(limits::question_bytes_max)};
    return Parser{text}.whole();
}

std::string unit_of(const Question& question, const Formula& formula) {
    const Step& step = formula.steps.front();
    if (formula.steps.size() != 1 || step.kind != Step::Kind::call) return {};
    const FunctionCall& call = question.calls[step.call];
    const bool has_its_unit =
        call.function != Function::count && call.function != Function::variance &&
        call.function != Function::distinct && call.function != Function::reduction;
    return has_its_unit ? question.inquiry.folds[call.fold].name : std::string{};
}

Error question_mistake(std::size_t place, const std::string& sentence) {
    TextScanner scanner{{}, language, 0};
    scanner.fail_at(place, sentence);
    return scanner.error();
}

}  // namespace coppice
