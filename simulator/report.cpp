#include "simulator/report.h"

#include <algorithm>
#include <cmath>

#include "common/overloaded.h"
#include "simulator/number_text.h"

namespace coppice {

namespace {

std::string with_unit(double value, Unit unit) {
    switch (unit) {
        case Unit::seconds:
            return time_text(Duration{std::llround(value * 1e9)});
        case Unit::millis:
            return time_text(Duration{std::llround(value * 1e6)});
        case Unit::bytes:
            return bytes_text(value);
        case Unit::share:
            return share_text(value);
        case Unit::none:
            break;
    }
    return rate_text(value);
}

}  // namespace

Duration quantile(const std::vector<Duration>& ascending, double share) {
    if (ascending.empty()) return Duration{};
    const double rank = std::ceil(share * static_cast<double>(ascending.size()) - 1e-9);
    const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
    return ascending[std::min(index, ascending.size() - 1)];
}

std::string value_text(const Figure& figure) {
    const auto of_count = [&figure](std::uint64_t value) {
        return figure.unit == Unit::none ? grouped(value)
                                         : with_unit(static_cast<double>(value), figure.unit);
    };
    const auto of_number = [&figure](double value) { return with_unit(value, figure.unit); };
    const auto of_text = [](const std::string& text) { return text; };
    return std::visit(Overloaded{of_count, of_number, of_text}, figure.value);
}

}  // namespace coppice
