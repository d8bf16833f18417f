// Selectors: a recursive-descent parser with bounded depth, and the evaluation of its tree.
#include "common/selector.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/host_pattern.h"
#include "common/limits.h"
#include "common/text_scanner.h"

namespace coppice {

struct Selector::Expression {
    enum class Kind { any_of, all_of, negation, label_in, has_label, host_in };
    Kind kind = Kind::any_of;
    std::vector<Expression> operands;  // of any_of, all_of, negation
    std::string key;                   // of label_in, has_label
    std::vector<std::string> values;   // of label_in
    std::vector<HostPattern> hosts;    // of host_in
};

namespace {

using Expression = Selector::Expression;
using Kind = Expression::Kind;

/// Values end at white space and at what has a meaning of its own.
bool is_value_character(char character) {
    constexpr std::string_view special = "()!&|=,[]\"'";
    const bool is_control = static_cast<unsigned char>(character) < 0x20 || character == 0x7f;
    return !is_control && !is_space(character) && special.find(character) == std::string_view::npos;
}

/// Every function reads one rule and leaves the scanner behind it, or fails.
class Parser : private TextScanner {
public:
    Parser(std::string_view text, std::size_t offset) : TextScanner{text, "selector", offset} {}

    Result<Expression> whole() {
        Expression expression = any_of();
        skip_space();
        if (!has_failed() && !is_at_end())
            fail(rest().front() == ')' ? "')' without '('" : "expected '&&' or '||'");
        if (has_failed()) return error();
        return expression;
    }

private:
    Expression any_of() {
        Expression sum{.kind = Kind::any_of};
        do {
            sum.operands.push_back(all_of());
        } while (!has_failed() && take("||"));
        return simplest(std::move(sum));
    }

    Expression all_of() {
        Expression product{.kind = Kind::all_of};
        do {
            product.operands.push_back(factor());
        } while (!has_failed() && take("&&"));
        return simplest(std::move(product));
    }

    static Expression simplest(Expression expression) {
        if (expression.operands.size() != 1) return expression;
        Expression only = std::move(expression.operands.front());
        return only;
    }

    Expression factor() {
        skip_space();
        if (depth_ == limits::selector_depth_max)
            fail("more than " + std::to_string(limits::selector_depth_max) +
                 " '!' and '(' inside each other");
        if (has_failed()) return {};
        ++depth_;
        Expression result = take("!") ? negation(factor()) : group_or_term();
        --depth_;
        return result;
    }

    static Expression negation(Expression operand) {
        Expression negation{.kind = Kind::negation};
        negation.operands.push_back(std::move(operand));
        return negation;
    }

    Expression group_or_term() {
        const std::size_t start = at();
        if (!take("(")) return term();
        Expression inside = any_of();
        if (!has_failed() && !take(")")) {
            if (is_at_end()) fail_at(start, "'(' is not closed");
            fail("expected '&&', '||' or ')'");
        }
        return inside;
    }

    Expression term() {
        const std::string_view key = word(is_label_key_character);
        if (key.empty()) {
            fail("expected a condition, such as zone=a, has(gpu) or host in n[1-9]");
            return {};
        }
        if (key == "has" && take("(")) return has_label();
        const bool is_host = key == "host";
        if (take("!="))
            return negation(is_host ? host_in(one_value()) : label_in(key, one_value()));
        if (take("=")) return is_host ? host_in(one_value()) : label_in(key, one_value());
        if (take_word("in", is_label_key_character))
            return is_host ? host_list() : label_in(key, value_list());
        fail("expected '=', '!=' or 'in' after " + quoted(key));
        return {};
    }

    Expression has_label() {
        Expression has{.kind = Kind::has_label};
        skip_space();
        has.key = word(is_label_key_character);
        if (has.key.empty()) fail("expected the key of a label in has()");
        if (!has_failed() && !take(")")) fail("expected ')' after " + quoted(has.key));
        return has;
    }

    static Expression label_in(std::string_view key, std::vector<std::string> values) {
        Expression in{.kind = Kind::label_in};
        in.key = key;
        in.values = std::move(values);
        return in;
    }

    Expression host_in(const std::vector<std::string>& names) {
        return has_failed() ? Expression{} : hosts(names.front(), place() - names.front().size());
    }

    Expression host_list() {
        const bool is_in_parentheses = take("(");
        skip_space();
        const std::size_t start = place();
        const std::string_view list = word([](char character) {
            return is_host_character(character) || character == '[' || character == ']' ||
                   character == ',';
        });
        if (list.empty()) fail("expected a list of hosts, such as n[1-9]");
        if (has_failed()) return {};
        Expression in = hosts(list, start);
        if (!has_failed() && is_in_parentheses && !take(")"))
            fail("expected ')' after the list of hosts");
        return in;
    }

    Expression hosts(std::string_view list, std::size_t offset) {
        Expression in{.kind = Kind::host_in};
        Result<std::vector<HostPattern>> patterns =
            HostPattern::parse_list(list, "selector", offset);
        if (patterns.ok()) {
            in.hosts = std::move(*patterns);
        } else {
            keep(patterns.error());
        }
        return in;
    }

    std::vector<std::string> one_value() {
        skip_space();
        std::string value{word(is_value_character)};
        if (value.empty()) fail("expected a value");
        return {std::move(value)};
    }

    std::vector<std::string> value_list() {
        if (!take("(")) fail("expected '(' and a list of values after 'in'");
        std::vector<std::string> values;
        while (!has_failed()) {
            values.push_back(one_value().front());
            if (has_failed() || take(")")) break;
            if (!take(",")) fail("expected ',' or ')' after " + quoted(values.back()));
        }
        return values;
    }

    std::size_t depth_ = 0;
};

bool holds(const Expression& expression, std::string_view name, const Labels& labels) {
    const auto is_true = [&](const Expression& operand) { return holds(operand, name, labels); };
    const auto is_this_host = [&](const HostPattern& pattern) { return pattern.matches(name); };
    const std::vector<Expression>& operands = expression.operands;
    const auto label = labels.find(expression.key);
    switch (expression.kind) {
        case Kind::any_of:
            return std::any_of(operands.begin(), operands.end(), is_true);
        case Kind::all_of:
            return std::all_of(operands.begin(), operands.end(), is_true);
        case Kind::negation:
            return !is_true(operands.front());
        case Kind::has_label:
            return label != labels.end();
        case Kind::label_in:
            return label != labels.end() &&
                   std::find(expression.values.begin(), expression.values.end(), label->second) !=
                       expression.values.end();
        case Kind::host_in:
            return std::any_of(expression.hosts.begin(), expression.hosts.end(), is_this_host);
    }
    return false;
}

}  // namespace

Result<Selector> Selector::parse(std::string_view text, std::size_t offset) {
    if (text.size() > limits::selector_bytes_max)
        return Error{"the selector has " + std::to_string(text.size()) + " bytes; at most " +
                     std::to_string(limits::selector_bytes_max)};
    Selector selector;
    if (std::all_of(text.begin(), text.end(), is_space)) return selector;
    Result<Expression> expression = Parser{text, offset}.whole();
    if (!expression.ok()) return expression.error();
    selector.expression_ = std::make_shared<const Expression>(std::move(*expression));
    return selector;
}

bool Selector::matches(std::string_view name, const Labels& labels) const {
    return !expression_ || holds(*expression_, name, labels);
}

}  // namespace coppice
