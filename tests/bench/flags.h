#pragma once
// The flags of the benchmarks that are programs of their own.

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace coppice {

struct Flag {
    struct Number {
        std::uint32_t* value;
        std::uint32_t least = 1;
    };
    const char* name;         // "--hosts"
    const char* placeholder;  // "N"; empty: a switch
    std::variant<Number, std::string*, bool*> target;
};

/// Prints the usage and ends the program with 2 when it cannot read the words.
inline void read_flags(int count, char** words, const std::vector<Flag>& flags) {
    const auto usage = [&] {
        std::fprintf(stderr, "usage: %s", words[0]);
        for (const Flag& flag : flags)
            std::fprintf(stderr, " [%s%s%s]", flag.name, *flag.placeholder == '\0' ? "" : " ",
                         flag.placeholder);
        std::fprintf(stderr, "\n");
        std::exit(2);
    };
    for (int at = 1; at < count; ++at) {
        const std::string_view word = words[at];
        const Flag* known = nullptr;
        for (const Flag& flag : flags)
            if (word == flag.name) known = &flag;
        if (known == nullptr) return usage();
        if (bool* const* on = std::get_if<bool*>(&known->target)) {
            **on = true;
            continue;
        }
        if (++at == count) return usage();
        const std::string_view text = words[at];
        if (std::string* const* value = std::get_if<std::string*>(&known->target)) {
            **value = text;
            continue;
        }
        const auto& number = std::get<Flag::Number>(known->target);
        const auto read = std::from_chars(text.data(), text.data() + text.size(), *number.value);
        const bool is_all = read.ec == std::errc{} && read.ptr == text.data() + text.size();
        if (!is_all || *number.value < number.least) return usage();
    }
}

}  // namespace coppice
