// Failure traces: the readers of LANL and FTA, and what is made of an outage list. The first byte
// chooses.
#include <set>

#include "common/names.h"
#include "simulator/fta_trace.h"
#include "simulator/lanl_trace.h"
#include "tests/fuzz/decisions.h"

namespace coppice::fuzz {
namespace {

void check(const Outages& outages) {
    std::set<std::string> names;
    for (const TracedHost& host : outages.hosts) {
        COPPICE_ENSURE(names.insert(host.name).second, "names are unique");
        COPPICE_ENSURE(validate_host_name(host.name).ok(), "and names of hosts");
        COPPICE_ENSURE(validate(host.labels).ok(), "with labels");
        std::chrono::seconds free_from = host.absent_until;
        for (const Outage& outage : host.outages) {
            const bool is_first = &outage == &host.outages.front();
            COPPICE_ENSURE(outage.begin > free_from || (is_first && outage.begin >= free_from),
                           "outages ascend and stand apart");
            COPPICE_ENSURE(outage.end > outage.begin, "and have a length");
            COPPICE_ENSURE(outage.end <= outages.span, "within the trace");
            free_from = outage.end;
        }
    }
}

void check(const Result<Outages>& outages, std::uint32_t from_day, std::uint32_t copies) {
    if (!outages.ok()) {
        COPPICE_ENSURE(!outages.error().message.empty(), "an error is a sentence");
        return;
    }
    check(*outages);
    const Result<Outages> part = cut_out(*outages, from_day, 1 + from_day);
    if (part.ok()) check(*part);
    constexpr std::size_t tiled_max = 1000;
    if (outages->hosts.size() < tiled_max) check(tile(*outages, 1 + copies, copies));
}

}  // namespace
}  // namespace coppice::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace coppice;
    fuzz::Decisions decisions{data, size};
    const bool is_lanl = decisions.flag();
    const std::vector<std::string> chosen(decisions.below(2), "7");
    const std::uint32_t from_day = decisions.below(64);
    const std::uint32_t copies = decisions.below(4);
    const std::string_view text = decisions.rest_text();
    fuzz::check(is_lanl ? read_lanl(text, chosen) : read_fta(text, chosen), from_day, copies);
    return 0;
}
