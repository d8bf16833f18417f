#include "api/query_expression.h"

#include <array>
#include <optional>
#include <string>

#include "common/selector.h"

namespace coppice {
namespace {

struct Named {
    std::string_view name;
    Reducer reducer;
};
constexpr std::array<Named, 5> reducers{{{"count", Reducer::count},
                                         {"sum", Reducer::sum},
                                         {"avg", Reducer::avg},
                                         {"min", Reducer::min},
                                         {"max", Reducer::max}}};
constexpr std::size_t name_bytes_max = 63;

bool is_word(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
}
bool is_space(char letter) { return letter == ' ' || letter == '\t' || letter == '\n'; }

class Parser {
public:
    explicit Parser(std::string_view text) : text_{text} {}

    Result<QueryCommand> whole() {
        QueryCommand command;
        const std::size_t start = skip_space();
        const std::string_view function = take_word();
        const std::optional<Reducer> reducer = find_reducer(function);
        if (!reducer)
            return fail(start,
                        "a question begins with count(), sum(NAME), avg(NAME), min(NAME) or "
                        "max(NAME)");
        command.reducer = *reducer;
        if (!take('(')) return fail(at_, "\"(\" is missing after " + std::string{function});
        const std::size_t name_at = skip_space();
        command.measurement = take_word();
        if (command.measurement.size() > name_bytes_max)
            return fail(name_at, "the name of a measurement has at most 63 characters");
        if (*reducer == Reducer::count && !command.measurement.empty())
            return fail(name_at, "count() counts hosts and takes no name");
        if (*reducer != Reducer::count && command.measurement.empty())
            return fail(name_at, "the name of a measurement is missing, such as load1");
        if (!take(')')) return fail(at_, "\")\" is missing");
        return with_selector(std::move(command));
    }

private:
    Result<QueryCommand> with_selector(QueryCommand command) {
        const std::size_t where_at = skip_space();
        if (where_at == text_.size()) return command;
        const bool is_apart = is_space(text_[where_at - 1]);
        if (!is_apart || take_word() != "where")
            return fail(where_at, "only \"where SELECTOR\" can follow");
        const std::size_t selector_at = skip_space();
        if (selector_at == text_.size()) return fail(selector_at, "a selector is missing");
        const std::string_view selector = text_.substr(selector_at);
        // Spaces in front keep the place in an error that of the whole question.
        const auto parsed = Selector::parse(std::string(selector_at, ' ') + std::string{selector});
        if (!parsed.ok()) return parsed.error();
        command.selector = selector;
        return command;
    }

    static std::optional<Reducer> find_reducer(std::string_view name) {
        for (const Named& named : reducers)
            if (named.name == name) return named.reducer;
        return std::nullopt;
    }

    std::size_t skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
        return at_;
    }
    std::string_view take_word() {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_word(text_[at_])) ++at_;
        return text_.substr(start, at_ - start);
    }
    bool take(char letter) {
        skip_space();
        if (at_ == text_.size() || text_[at_] != letter) return false;
        ++at_;
        return true;
    }
    static Error fail(std::size_t at, const std::string& sentence) {
        return Error{"question, character " + std::to_string(at + 1) + ": " + sentence};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Result<QueryCommand> parse_query(std::string_view text) { return Parser{text}.whole(); }

}  // namespace coppice
