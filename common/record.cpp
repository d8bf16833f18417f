#include "common/record.h"

#include <string_view>

#include "common/overloaded.h"

namespace coppice {
namespace {

std::string padded(std::uint64_t number) {
    constexpr std::size_t digits = 20;
    const std::string text = std::to_string(number);
    return std::string(digits - text.size(), '0') + text;
}

}  // namespace

RecordKey key_of(const Record& record) {
    RecordKey key{.kind = static_cast<std::uint8_t>(record.index()), .id = {}};
    key.id = std::visit(Overloaded{
                            [](const IdentityRecord&) { return std::string{}; },
                            [](const AppliedRecord& applied) { return applied.topic; },
                            [](const FleetRecord&) { return std::string{}; },
                            [](const CellRecord& cell) { return padded(cell.id.value); },
                            [](const HostRecord& host) { return padded(host.id.value); },
                            [](const TokenRecord& token) { return token.id; },
                            [](const PushRecord& push) { return padded(push.push.value); },
                            [](const ReceiptRecord& receipt) { return padded(receipt.push.value); },
                            [](const TreeChangeRecord& change) {
                                return padded(change.generation) + padded(change.part);
                            },
                            [](const IsolationRecord& row) { return padded(row.host.value); },
                            [](const SeriesRecord& series) { return series.name; },
                        },
                        record);
    return key;
}

}  // namespace coppice
