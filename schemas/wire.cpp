#include "schemas/wire.h"

#include <cmath>

namespace coppice::wire {
namespace {

void check_size(std::size_t size, std::size_t size_max, const char* name) {
    if (size > size_max)
        throw Malformed{std::string{name} + " has " + std::to_string(size) + " bytes; at most " +
                        std::to_string(size_max) + " are allowed"};
}

}  // namespace

std::string text(capnp::Text::Reader field, std::size_t bytes_max, const char* name) {
    check_size(field.size(), bytes_max, name);
    return {field.cStr(), field.size()};
}

Bytes bytes(capnp::Data::Reader field, std::size_t bytes_max, const char* name) {
    check_size(field.size(), bytes_max, name);
    return {field.begin(), field.end()};
}

HostSet host_set(capnp::Data::Reader field, const char* name) {
    Result<HostSet> set = HostSet::from_bytes({field.begin(), field.size()});
    if (!set.ok()) throw Malformed{std::string{name} + ": " + set.error().message};
    return std::move(set.value());
}

double finite(double field, const char* name) {
    if (!std::isfinite(field)) throw Malformed{std::string{name} + " is not a finite number"};
    return field;
}

Duration duration(std::int64_t nanoseconds) {
    constexpr Duration longest = std::chrono::hours{24 * 3652};
    return std::clamp(Duration{nanoseconds}, Duration{}, longest);
}

}  // namespace coppice::wire
