#include "cli/session.h"

#include <httplib.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <utility>

namespace coppice::cli {
namespace {

constexpr const char* default_manager = "http://127.0.0.1:7401";
constexpr int connect_seconds = 3;

std::string manager_of(const ProgramSpec& program, const Options& options,
                       const std::string& otherwise) {
    const bool asks = std::any_of(program.options.begin(), program.options.end(),
                                  [](const OptionSpec& one) { return one.name == "manager"; });
    if (asks && options.is_set("manager")) return options.text("manager");
    const char* from_environment = std::getenv("COPPICE_API");
    return from_environment != nullptr ? from_environment : otherwise;
}

/// The sentence of an RFC 9457 problem document, or the bare status.
std::string sentence_of(const httplib::Result& answer) {
    const Json problem = Json::parse(answer->body, nullptr, false);
    if (problem.is_object() && problem.contains("detail") && problem["detail"].is_string())
        return problem["detail"].get<std::string>();
    return "the manager answered with status " + std::to_string(answer->status);
}

/// Of --where; empty when the command has none.
std::string selector_given(const ProgramSpec& program, const Options& options) {
    const bool has = std::any_of(program.options.begin(), program.options.end(),
                                 [](const OptionSpec& option) { return option.name == "where"; });
    return has ? options.text("where") : std::string{};
}

/// The selector once more, with a mark below the character that a sentence speaks of.
std::string pointer_to(const std::string& sentence, const std::string& selector) {
    constexpr std::string_view start = "selector, character ";
    std::size_t place = 0;
    if (selector.empty() || !sentence.starts_with(start)) return {};
    const char* digits = sentence.data() + start.size();
    std::from_chars(digits, sentence.data() + sentence.size(), place);
    if (place == 0 || place > selector.size() + 1) return {};
    return "  " + selector + "\n  " + std::string(place - 1, ' ') + "^\n";
}

std::string escape(std::string_view text, bool keeps_slashes) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const bool is_plain = std::isalnum(byte) != 0 || character == '-' || character == '.' ||
                              character == '_' || character == '~' ||
                              (keeps_slashes && character == '/');
        if (is_plain) {
            out += character;
        } else {
            out += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return out;
}

}  // namespace

std::string escaped(std::string_view text) { return escape(text, false); }
std::string escaped_path(std::string_view text) { return escape(text, true); }

Session::Session(ProgramSpec program, Options options)
    : program_{std::move(program)},
      options_{std::move(options)},
      manager_{manager_of(program_, options_, default_manager)} {}

void Session::prefer_manager(const std::string& url) {
    manager_ = manager_of(program_, options_, url);
}

std::optional<Json> Session::ask(const Request& request) {
    Answered answered = look(request);
    if (answered.code == wrong_usage) {
        exit_code_ = misused(answered.sentence);
    } else if (answered.code != success) {
        exit_code_ = fail(answered.code, answered.sentence);
        std::cerr << pointer_to(answered.sentence, selector_given(program_, options_));
    }
    return std::move(answered.document);
}

Answered Session::look(const Request& request) const {
    const auto no = [](int code, std::string sentence) {
        return Answered{.document = std::nullopt, .code = code, .sentence = std::move(sentence)};
    };
    httplib::Client client{manager_};
    if (!client.is_valid())
        return no(wrong_usage,
                  "--manager: '" + manager_ + "' is not an address such as " + default_manager);
    client.set_connection_timeout(connect_seconds);
    client.set_read_timeout(request.patience);
    httplib::Request asked;
    asked.method = request.method;
    asked.path = request.path;
    asked.body = request.body;
    if (!request.body.empty()) asked.set_header("Content-Type", request.content_type);
    const httplib::Result answer = client.send(asked);
    if (!answer)
        return no(unreachable, "no manager answers at " + manager_ +
                                   "; start coppice-manager, or name another with "
                                   "--manager URL or COPPICE_API");
    if (answer->status >= 400)
        return no(answer->status == 503 ? unreachable : answer_is_no, sentence_of(answer));
    if (answer->body.empty()) return {.document = Json::object()};
    Json document = Json::parse(answer->body, nullptr, false);
    if (document.is_discarded())
        return no(unreachable, "what answers at " + manager_ + " is not a manager");
    return {.document = std::move(document)};
}

int Session::misused(const std::string& sentence) const {
    std::cerr << program_.program << ": " << sentence << "; usage: " << usage_line(program_)
              << '\n';
    return wrong_usage;
}

int Session::fail(int code, const std::string& sentence) {
    std::cerr << "coppice: " << sentence << '\n';
    return code;
}

void Session::print(const Json& document) { std::cout << document.dump(2) << '\n'; }

}  // namespace coppice::cli
