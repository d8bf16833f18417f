// Commits and openings of the store in memory.
#include "simulator/virtual_store.h"

#include <algorithm>
#include <iterator>

#include "common/ensure.h"
#include "common/limits.h"
#include "common/overloaded.h"
#include "schemas/codec.h"

namespace coppice {

namespace {

Event read_event(const Bytes& row) {
    Result<Event> event = decode_event(row);
    COPPICE_ENSURE(event.ok(), "an event came back from its bytes damaged");
    return std::move(event.value());
}

HostCondition read_condition(const std::pair<const UnixMillis, Bytes>& row) {
    const Result<HostCondition> condition = decode_condition(row.second, row.first);
    COPPICE_ENSURE(condition.ok(), "a row of a timeline came back from its bytes damaged");
    return *condition;
}

CountedRow counted(const std::pair<const UnixMillis, Bytes>& row) {
    return {row.first, counted_as(read_condition(row))};
}

}  // namespace

Result<Done> VirtualStore::commit(std::span<const Write> writes) {
    if (is_failing_)
        return Error{"The virtual disk was told to fail; tell it to work and restart."};
    const auto is_erase = [](const Write& write) { return std::holds_alternative<Erase>(write); };
    if (is_full_ && !std::all_of(writes.begin(), writes.end(), is_erase))
        return Error{"The virtual disk is full; make room and restart."};
    for (const Write& write : writes) {
        std::visit(Overloaded{
                       [this](const Put& put) {
                           rows_.insert_or_assign(key_of(put.record), encode(put.record));
                       },
                       [this](const Erase& erase) { rows_.erase(erase.key); },
                       [this](const Append& append) {
                           events_.insert_or_assign(append.event.id, encode(append.event));
                       },
                       [this](const Begin& written) { begin(written.row); },
                       [this](const Inherit& written) { inherit(written); },
                       [this](const Keep& written) { keep(written); },
                       [this](const ForgetSeries& forget) { series_.erase(forget.series); },
                   },
                   write);
    }
    writes_ += writes.size();
    return counts_.write(count_table_, newest_begin_);
}

Loaded VirtualStore::load() {
    Loaded loaded{.term = ++term_,
                  .records = {},
                  .events = {},
                  .has_timelines = !timelines_.empty(),
                  .has_roles = !timelines_.empty()};
    for (const auto& [key, row] : rows_) loaded.records.push_back(read(row));
    const std::size_t skipped =
        events_.size() - std::min(events_.size(), limits::events_in_memory_max);
    for (auto event = std::next(events_.begin(), static_cast<std::ptrdiff_t>(skipped));
         event != events_.end(); ++event)
        loaded.events.push_back(read_event(event->second));
    return loaded;
}

void VirtualStore::begin(const TimelineRow& row) {
    Timeline& rows = timelines_[row.host];
    erase(rows, rows.lower_bound(row.from), rows.lower_bound(row.from + timeline_set_back_max));
    CountedRow begun{row.from, counted_as(row.condition)};
    CountedAs was = counted_as_nothing;
    if (!rows.empty()) {
        begun.from = std::max(row.from, rows.rbegin()->first + UnixMillis{1});
        was = counted(*rows.rbegin()).as;
    }
    rows.emplace_hint(rows.end(), begun.from,
                      encode(TimelineRow{row.host, begun.from, row.condition}));
    counts_.replace(was, {}, {&begun, 1});
    newest_begin_ = row.from;
    if (rows.size() > timeline_rows_max) erase(rows, rows.begin(), std::next(rows.begin()));
    const auto beyond = rows.upper_bound(row.from - timeline_age_max);
    if (beyond != rows.begin()) erase(rows, rows.begin(), std::prev(beyond));
}

void VirtualStore::erase(Timeline& rows, Timeline::iterator first, Timeline::iterator end) {
    if (first == end) return;
    std::vector<CountedRow> gone;
    std::transform(first, end, std::back_inserter(gone), counted);
    std::vector<CountedRow> next;
    if (end != rows.end()) gone.push_back(next.emplace_back(counted(*end)));
    const bool is_oldest = first == rows.begin();
    counts_.replace(is_oldest ? counted_as_nothing : counted(*std::prev(first)).as, gone, next);
    rows.erase(first, end);
}

void VirtualStore::inherit(const Inherit& inherit) {
    const auto former = timelines_.find(inherit.former);
    if (former == timelines_.end()) return;
    if (inherit.heir == HostId{})
        erase(former->second, former->second.begin(), former->second.end());
    auto rows = timelines_.extract(former);
    if (rows.mapped().empty()) return;
    rows.key() = inherit.heir;
    timelines_.insert(std::move(rows));
}

void VirtualStore::keep(const Keep& keep) {
    auto& windows = series_[keep.series];
    const UnixMillis at = keep.sample.at;
    windows.erase(windows.lower_bound(at), windows.lower_bound(at + timeline_set_back_max));
    windows.insert_or_assign(at, encode(keep.sample));
    windows.erase(windows.begin(), windows.lower_bound(keep.keep_from));
}

Result<std::vector<Sample>> VirtualStore::samples(std::string_view series, UnixMillis after,
                                                  std::size_t count_max) {
    std::vector<Sample> found;
    const auto known = series_.find(series);
    if (known == series_.end()) return found;
    for (auto row = known->second.upper_bound(after);
         row != known->second.end() && found.size() < count_max; ++row) {
        Result<Sample> sample = decode_sample(row->second, row->first);
        COPPICE_ENSURE(sample.ok(), "a window of a series came back from its bytes damaged");
        found.push_back(std::move(*sample));
    }
    return found;
}

Result<std::vector<CountTable::Row>> VirtualStore::Counts::rows(int level, std::int64_t first,
                                                                std::int64_t end,
                                                                std::size_t count_max) {
    std::vector<Row> found;
    for (auto row = rows_.lower_bound({level, first});
         row != rows_.end() && row->first < std::pair{level, end} && found.size() < count_max;
         ++row)
        found.emplace_back(row->first.second, row->second);
    return found;
}

Result<Done> VirtualStore::Counts::put(int level, std::int64_t slot, const Bytes& value) {
    if (value.empty())
        rows_.erase({level, slot});
    else
        rows_.insert_or_assign({level, slot}, value);
    return Done{};
}

Result<std::vector<TimelineRow>> VirtualStore::timeline(HostId host, UnixMillis time,
                                                        std::size_t count_max) {
    std::vector<TimelineRow> found;
    const auto known = timelines_.find(host);
    if (known == timelines_.end()) return found;
    const Timeline& rows = known->second;
    auto row = rows.upper_bound(time);
    if (row != rows.begin()) --row;
    for (; row != rows.end() && found.size() < count_max; ++row)
        found.push_back({host, row->first, read_condition(*row)});
    return found;
}

std::optional<HostCondition> VirtualStore::newest(HostId host) const {
    const auto known = timelines_.find(host);
    if (known == timelines_.end()) return std::nullopt;
    return read_condition(*known->second.rbegin());
}

StateCounts VirtualStore::counted_one_by_one(UnixMillis time) const {
    Tally tally;
    for (const auto& [host, rows] : timelines_) {
        const auto next = rows.upper_bound(time);
        if (next != rows.begin()) tally.move(counted_as_nothing, counted(*std::prev(next)).as, 1);
    }
    return *tally.counts();
}

Record VirtualStore::read(const Bytes& row) {
    Result<Record> record = decode_record(row);
    COPPICE_ENSURE(record.ok(), "a row came back from its bytes damaged");
    return std::move(record.value());
}

}  // namespace coppice
