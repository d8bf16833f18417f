#pragma once
// Bounded access to single fields. Private to the codec.

#include <capnp/blob.h>
#include <capnp/list.h>
#include <schemas/types.capnp.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "common/host_set.h"
#include "common/ids.h"
#include "common/time.h"

namespace coppice::wire {

/// Ends a decode; says which field is wrong. Never leaves the codec.
struct Malformed {
    std::string what;
};

[[nodiscard]] std::string text(capnp::Text::Reader field, std::size_t bytes_max, const char* name);
[[nodiscard]] Bytes bytes(capnp::Data::Reader field, std::size_t bytes_max, const char* name);
[[nodiscard]] HostSet host_set(capnp::Data::Reader field, const char* name);
[[nodiscard]] double finite(double field, const char* name);
[[nodiscard]] Duration duration(std::int64_t nanoseconds);

/// Exactly as long as the array.
template <std::size_t size>
[[nodiscard]] std::array<std::uint8_t, size> array(capnp::Data::Reader field, const char* name) {
    if (field.size() != size)
        throw Malformed{std::string{name} + " is not of " + std::to_string(size) + " bytes"};
    std::array<std::uint8_t, size> out{};
    std::copy(field.begin(), field.end(), out.begin());
    return out;
}

/// `last` and `schema_last` are the same member, which is the last one of both enumerations.
template <auto last, auto schema_last>
[[nodiscard]] auto enumeration(decltype(schema_last) field, const char* name) {
    static_assert(static_cast<int>(last) == static_cast<int>(schema_last));
    if (field > schema_last)
        throw Malformed{std::string{name} + " has a value that this release does not know"};
    return static_cast<decltype(last)>(field);
}

template <class List>
void check_count(const List& list, std::size_t count_max, const char* name) {
    if (list.size() > count_max)
        throw Malformed{std::string{name} + " has " + std::to_string(list.size()) +
                        " entries; at most " + std::to_string(count_max) + " are allowed"};
}

/// The list with `convert` applied to each element.
template <class List, class Convert>
[[nodiscard]] auto list(List field, std::size_t count_max, const char* name, Convert convert) {
    check_count(field, count_max, name);
    std::vector<decltype(convert(field[0]))> out;
    out.reserve(field.size());
    for (auto element : field) out.push_back(convert(element));
    return out;
}

template <class Container>
[[nodiscard]] capnp::Data::Reader blob(const Container& bytes) {
    return {bytes.data(), bytes.size()};
}
[[nodiscard]] inline capnp::Text::Reader text(const std::string& value) {
    return {value.c_str(), value.size()};
}
[[nodiscard]] inline unsigned count(std::size_t size) { return static_cast<unsigned>(size); }

}  // namespace coppice::wire
