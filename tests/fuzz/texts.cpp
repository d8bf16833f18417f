// Texts that people and hosts write: names, selectors, host lists, durations, times, questions,
// join tokens. The first byte chooses which.
#include <set>
#include <sstream>

#include "common/evaluation.h"
#include "common/host_pattern.h"
#include "common/hostlist.h"
#include "common/limits.h"
#include "common/names.h"
#include "common/question.h"
#include "common/selector.h"
#include "runtime/command_line.h"
#include "runtime/join_token.h"
#include "runtime/tcp_address.h"
#include "runtime/time_text.h"
#include "tests/fuzz/decisions.h"

namespace coppice::fuzz {
namespace {

template <class T>
bool is_value(const Result<T>& result) {
    if (!result.ok()) COPPICE_ENSURE(!result.error().message.empty(), "an error is a sentence");
    return result.ok();
}

void check_names(std::string_view text) {
    if (is_value(validate_host_name(text)))
        COPPICE_ENSURE(is_value(expand_host_list(text)), "the name of a host is a host list");
    static_cast<void>(is_value(validate_topic(text)));
    if (is_value(validate_address(text)))
        COPPICE_ENSURE(parse_tcp_address(text).ok(), "a valid address can be used");
    const Result<TcpAddress> address = parse_tcp_address(text);
    if (is_value(address))
        COPPICE_ENSURE(*parse_tcp_address(address->text()) == *address, "an address comes back");
}

void check_selector(std::string_view text) {
    const Result<Selector> selector = Selector::parse(text);
    if (!is_value(selector)) return;
    static_cast<void>(selector->matches("n001", {{"zone", "z1"}, {"rack", "r1"}}));
    static_cast<void>(selector->matches("", {}));
    const std::string negated = "!(" + std::string{text} + ")";
    const Result<Selector> opposite = Selector::parse(negated);
    if (!opposite.ok() || text.find_first_not_of(" \t\n") == std::string_view::npos) return;
    COPPICE_ENSURE(selector->matches("n001", {}) != opposite->matches("n001", {}), "! negates");
}

void check_host_list(std::string_view text) {
    constexpr std::uint64_t expanded_max = 5000;  // more need long and show nothing else
    const auto patterns = HostPattern::parse_list(text, "host list", 0);
    if (!is_value(patterns)) return;
    std::uint64_t size = 0;
    for (const HostPattern& pattern : *patterns) size += pattern.size();
    if (size > expanded_max && size <= limits::host_list_hosts_max) return;
    const Result<std::vector<std::string>> names = expand_host_list(text);
    if (!is_value(names)) return;
    COPPICE_ENSURE(names->size() == size, "a pattern knows its size");
    for (const std::string& name : *names)
        COPPICE_ENSURE(std::any_of(patterns->begin(), patterns->end(),
                                   [&](const auto& one) { return one.matches(name); }),
                       "a pattern matches its names");
    const std::set<std::string> distinct{names->begin(), names->end()};
    const Result<std::vector<std::string>> again = expand_host_list(fold_host_list(*names));
    COPPICE_ENSURE(again.ok() || names->empty(), "a folded list is a list");
    if (!again.ok()) return;
    COPPICE_ENSURE(again->size() == distinct.size(), "each name once");
    COPPICE_ENSURE(std::set<std::string>(again->begin(), again->end()) == distinct, "the same");
}

void check_times(std::string_view text) {
    const Result<Duration> duration = parse_duration(text);
    if (is_value(duration) && *duration % std::chrono::milliseconds{1} == Duration{})
        COPPICE_ENSURE(*parse_duration(duration_text(*duration)) == *duration, "comes back");
    const Result<UnixMillis> time = parse_time(text, UnixMillis{1'700'000'000'000});
    if (!is_value(time) || *time == UnixMillis{}) return;
    const Result<UnixMillis> again = parse_time(time_text(*time), UnixMillis{});
    COPPICE_ENSURE(again.ok() && *again == *time, "a time comes back");
}

void check_query(std::string_view text) {
    const Result<Question> question = Question::parse(text);
    if (!is_value(question)) return;
    const Inquiry& inquiry = question->inquiry;
    COPPICE_ENSURE(inquiry.folds.size() <= limits::folds_max, "a question has its limits");
    std::vector<QueryValue> values;
    for (const FunctionCall& call : question->calls) {
        COPPICE_ENSURE(call.fold < inquiry.folds.size(), "a call is computed from a fold");
        values.push_back(evaluate(call, Aggregate{}));
    }
    for (const Formula& formula : question->formulas) static_cast<void>(evaluate(formula, values));
}

void check_token(std::string_view text) {
    const Result<JoinToken> token = parse_join_token(text);
    if (!is_value(token)) return;
    const Result<JoinToken> again = parse_join_token(join_token_text(*token));
    COPPICE_ENSURE(again.ok() && *again == *token, "a token comes back");
}

}  // namespace
}  // namespace coppice::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace coppice::fuzz;
    Decisions decisions{data, size};
    static constexpr void (*checks[])(std::string_view) = {
        check_names, check_selector, check_host_list, check_times, check_query, check_token};
    checks[decisions.below(std::size(checks))](decisions.rest_text());
    return 0;
}
