#include "simulator/virtual_daemon.h"

#include <array>
#include <charconv>

#include "common/limits.h"

namespace coppice {
namespace {

constexpr std::size_t bulk_bytes = 15UL * 1024;
constexpr std::uint64_t bulky_hosts = 100;
constexpr Duration reducing = std::chrono::milliseconds{2};
constexpr Duration too_late = std::chrono::seconds{3};

Bytes bytes_of(std::uint64_t number, std::size_t size_min) {
    const std::string text = std::to_string(number);
    Bytes bytes{text.begin(), text.end()};
    if (bytes.size() < size_min) bytes.resize(size_min, ' ');
    return bytes;
}

}  // namespace

Contributions contributions_of(std::uint64_t number) {
    Contributions all;
    if (number % 4 != 0) all["hits"] = std::make_shared<const Bytes>(bytes_of(number, 0));
    if (number % 2 == 0 && number <= bulky_hosts)
        all["bulk"] = std::make_shared<const Bytes>(bytes_of(number, bulk_bytes));
    return all;
}

std::uint64_t number_in(const Bytes& part) {
    std::uint64_t number = 0;
    const auto* text = reinterpret_cast<const char*>(part.data());
    std::from_chars(text, text + part.size(), number);
    return number;
}

std::optional<ReducerAnswer> answer_to(const Reduce& reduce, ReducerMood mood) {
    ReducerAnswer answer{.reduced = {.reduction = reduce.reduction}, .after = reducing};
    Reduced& reduced = answer.reduced;
    switch (mood) {
        case ReducerMood::hangs:
            return std::nullopt;
        case ReducerMood::is_absent:
            return answer;
        case ReducerMood::throws:
            reduced.outcome = Reduced::Outcome::failed;
            reduced.reason = "it threw something";
            return answer;
        case ReducerMood::talks_too_much:
            reduced.outcome = Reduced::Outcome::reduced;
            reduced.bytes.resize(limits::part_bytes_max + 1);
            return answer;
        case ReducerMood::is_late:
            answer.after = too_late;
            break;
        case ReducerMood::works:
            break;
    }
    std::uint64_t sum = 0;
    std::size_t size_max = 0;
    for (const Bytes& part : *reduce.parts) {
        sum += number_in(part);
        size_max = std::max(size_max, part.size());
    }
    reduced.outcome = Reduced::Outcome::reduced;
    reduced.bytes = bytes_of(sum, size_max >= bulk_bytes ? bulk_bytes : 0);
    return answer;
}

std::optional<ReducerMood> reducer_mood(const std::string& word) {
    static const std::array<std::string, reducer_moods> words{"works",   "throws", "talks_too_much",
                                                              "is_late", "hangs",  "is_absent"};
    for (std::size_t at = 0; at < words.size(); ++at)
        if (words[at] == word) return static_cast<ReducerMood>(at);
    return std::nullopt;
}

}  // namespace coppice
