// Series and what their windows gave: store.capnp.
#include <cmath>
#include <limits>

#include "schemas/convert.h"

namespace coppice::wire {
namespace {

constexpr std::size_t any = limits::record_bytes_max;

Sample::Row read_row(schema::Sample::Row::Reader in) {
    return {.key = read_texts(in.getKey(), {}, "the key of a group"),
            .hosts = in.getHosts(),
            .values = list(in.getValues(), any, "the values of a group", [](double value) {
                return std::isfinite(value) ? std::optional{value} : std::nullopt;
            })};
}

void write_row(const Sample::Row& row, schema::Sample::Row::Builder out) {
    write_texts(row.key, out.initKey(count(row.key.size())));
    out.setHosts(row.hosts);
    auto values = out.initValues(count(row.values.size()));
    for (unsigned i = 0; i < values.size(); ++i)
        values.set(i, row.values[i].value_or(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace

SeriesRecord read(schema::SeriesRecord::Reader in) {
    return {.name = text(in.getName(), any, "the name"),
            .question = text(in.getQuestion(), any, "the question"),
            .every = std::chrono::milliseconds{in.getEveryMs()},
            .keep = std::chrono::milliseconds{in.getKeepMs()}};
}

void write(const SeriesRecord& record, schema::SeriesRecord::Builder out) {
    out.setName(text(record.name));
    out.setQuestion(text(record.question));
    out.setEveryMs(record.every.count());
    out.setKeepMs(record.keep.count());
}

Sample read(schema::Sample::Reader in, UnixMillis at) {
    return {.at = at,
            .took = std::chrono::milliseconds{in.getTookMs()},
            .window = {.root = {.term = in.getRootTerm(), .generation = in.getRootGeneration()},
                       .number = in.getWindow()},
            .asked = in.getAsked(),
            .missing = host_set(in.getMissing(), "the missing hosts"),
            .rows = list(in.getRows(), any, "the groups", read_row),
            .groups_more = in.getGroupsMore()};
}

void write(const Sample& sample, schema::Sample::Builder out) {
    out.setTookMs(static_cast<std::uint32_t>(sample.took.count()));
    out.setRootTerm(sample.window.root.term);
    out.setRootGeneration(sample.window.root.generation);
    out.setWindow(sample.window.number);
    out.setAsked(sample.asked);
    out.setMissing(blob(sample.missing.to_bytes()));
    auto rows = out.initRows(count(sample.rows.size()));
    for (unsigned i = 0; i < rows.size(); ++i) write_row(sample.rows[i], rows[i]);
    out.setGroupsMore(sample.groups_more);
}

}  // namespace coppice::wire
