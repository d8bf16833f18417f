// Questions and what is folded of their answers: query.capnp.
#include "common/overloaded.h"
#include "schemas/convert.h"

namespace coppice::wire {
namespace {

/// No host has a measurement of this name.
const std::string beyond_first_release = "?";
constexpr std::size_t groups_max = limits::groups_bytes_max / sizeof(std::uint64_t);
constexpr std::size_t parts_max = limits::parts_bytes_max / limits::part_fixed_bytes;
constexpr ListBound key_bound{.count_max = limits::group_keys_max,
                              .bytes_max = limits::label_value_bytes_max};

FoldSpec read_spec(schema::FoldSpec::Reader in) {
    return {.kind = enumeration<FoldSpec::Kind::parts, schema::FoldKind::PARTS>(in.getKind(),
                                                                                "what is folded"),
            .name = text(in.getName(), limits::measurement_name_bytes_max,
                         "the name of the measurement"),
            .kept = std::min(in.getKept(), limits::ranking_max)};
}

void write_spec(const FoldSpec& spec, schema::FoldSpec::Builder out) {
    out.setKind(static_cast<schema::FoldKind>(spec.kind));
    out.setName(text(spec.name));
    out.setKept(spec.kept);
}

Inquiry read_inquiry(schema::WindowOpened::Reader in) {
    if (!in.hasFolds())
        return {.folds = {{.name = text(in.getMeasurement(), limits::measurement_name_bytes_max,
                                        "the name of the measurement")}},
                .by = {}};
    return {.folds = list(in.getFolds(), limits::folds_max, "the list of folds", read_spec),
            .by = read_texts(
                in.getBy(),
                {.count_max = limits::group_keys_max, .bytes_max = limits::label_key_bytes_max},
                "what is grouped by")};
}

bool is_of_first_release(const Inquiry& inquiry) {
    return inquiry.by.empty() && inquiry.folds.size() == 1 &&
           inquiry.folds.front().kind == FoldSpec::Kind::moments;
}

// --- accumulators -------------------------------------------------------------------------------

/// Of a moments group, or of the partial of the first release.
template <class Reader>
Moments read_moments(Reader in) {
    return {.count = in.getCount(),
            .sum = finite(in.getSum(), "a sum"),
            .min = finite(in.getMin(), "a minimum"),
            .max = finite(in.getMax(), "a maximum")};
}
template <class Builder>
void write_moments(const Moments& moments, Builder out) {
    out.setCount(moments.count);
    out.setSum(moments.sum);
    out.setMin(moments.min);
    out.setMax(moments.max);
}

Quantiles read_quantiles(capnp::List<schema::Accumulator::Bin>::Reader in) {
    return {.bins = list(in, 2 * Quantiles::index_max + 1, "the bins of quantiles",
                         [](schema::Accumulator::Bin::Reader bin) {
                             return Quantiles::Bin{bin.getIndex(), bin.getCount()};
                         })};
}

Distinct read_distinct(schema::Accumulator::Distinct::Reader in) {
    return {.count = in.getCount(),
            .few = list(in.getFew(), Distinct::few_max, "a list of registers",
                        [](std::uint32_t entry) { return entry; }),
            .all = bytes(in.getAll(), Distinct::registers, "all registers")};
}

Ranking read_ranking(schema::Accumulator::Ranking::Reader in) {
    return {.count = in.getCount(),
            .best = list(in.getBest(), limits::ranking_max, "a ranking",
                         [](schema::Accumulator::Ranked::Reader one) {
                             return Ranking::Entry{HostId{one.getHost()},
                                                   finite(one.getValue(), "a ranked value")};
                         })};
}

Parts read_parts(schema::Accumulator::Parts::Reader in) {
    return {
        .parts = list(in.getParts(), parts_max, "a list of parts",
                      [](schema::Accumulator::Part::Reader part) {
                          return Parts::Part{
                              part.getHosts(),
                              bytes(part.getBytes(), limits::part_bytes_max, "a part")};
                      }),
        .dropped = in.getDropped(),
        .failures = in.getFailures(),
        .reason = text(in.getReason(), limits::refusal_reason_bytes_max, "why a reducer failed")};
}

Accumulator read_accumulator(schema::Accumulator::Reader in) {
    switch (in.which()) {
        case schema::Accumulator::MOMENTS:
            return read_moments(in.getMoments());
        case schema::Accumulator::VARIANCE: {
            const auto variance = in.getVariance();
            return Variance{.count = variance.getCount(),
                            .mean = finite(variance.getMean(), "a mean"),
                            .squares = finite(variance.getSquares(), "a sum of squares")};
        }
        case schema::Accumulator::QUANTILES:
            return read_quantiles(in.getQuantiles());
        case schema::Accumulator::DISTINCT:
            return read_distinct(in.getDistinct());
        case schema::Accumulator::RANKING:
            return read_ranking(in.getRanking());
        case schema::Accumulator::PARTS:
            return read_parts(in.getParts());
    }
    throw Malformed{"something is folded that this release does not know"};
}

void write_quantiles(const Quantiles& quantiles,
                     capnp::List<schema::Accumulator::Bin>::Builder out) {
    for (unsigned i = 0; i < out.size(); ++i) {
        out[i].setIndex(quantiles.bins[i].index);
        out[i].setCount(quantiles.bins[i].count);
    }
}

void write_distinct(const Distinct& distinct, schema::Accumulator::Distinct::Builder out) {
    out.setCount(distinct.count);
    auto few = out.initFew(count(distinct.few.size()));
    for (unsigned i = 0; i < few.size(); ++i) few.set(i, distinct.few[i]);
    out.setAll(blob(distinct.all));
}

void write_ranking(const Ranking& ranking, schema::Accumulator::Ranking::Builder out) {
    out.setCount(ranking.count);
    auto best = out.initBest(count(ranking.best.size()));
    for (unsigned i = 0; i < best.size(); ++i) {
        best[i].setHost(ranking.best[i].host.value);
        best[i].setValue(ranking.best[i].value);
    }
}

void write_parts(const Parts& parts, schema::Accumulator::Parts::Builder out) {
    auto list = out.initParts(count(parts.parts.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
        list[i].setHosts(parts.parts[i].hosts);
        list[i].setBytes(blob(parts.parts[i].bytes));
    }
    out.setDropped(parts.dropped);
    out.setFailures(parts.failures);
    out.setReason(text(parts.reason));
}

void write_accumulator(const Accumulator& accumulator, schema::Accumulator::Builder out) {
    std::visit(Overloaded{
                   [&](const Moments& one) { write_moments(one, out.initMoments()); },
                   [&](const Variance& one) {
                       auto variance = out.initVariance();
                       variance.setCount(one.count);
                       variance.setMean(one.mean);
                       variance.setSquares(one.squares);
                   },
                   [&](const Quantiles& one) {
                       write_quantiles(one, out.initQuantiles(count(one.bins.size())));
                   },
                   [&](const Distinct& one) { write_distinct(one, out.initDistinct()); },
                   [&](const Ranking& one) { write_ranking(one, out.initRanking()); },
                   [&](const Parts& one) { write_parts(one, out.initParts()); },
               },
               accumulator);
}

// --- groups -------------------------------------------------------------------------------------

Aggregate read_group(schema::Group::Reader in) {
    return {
        .hosts = in.getHosts(),
        .folds = list(in.getFolds(), limits::folds_max, "what a group folds", read_accumulator)};
}

void write_group(const Aggregate& group, schema::Group::Builder out) {
    out.setHosts(group.hosts);
    auto folds = out.initFolds(count(group.folds.size()));
    for (unsigned i = 0; i < folds.size(); ++i) write_accumulator(group.folds[i], folds[i]);
}

Partial read_partial(schema::WindowClosed::Reader in) {
    const auto first = in.getPartial();
    Partial partial;
    partial.coverage = host_set(first.getCoverage(), "the coverage of a partial");
    if (!in.hasGroups() && first.getCount() > 0)
        partial.groups.emplace(
            GroupKey{}, Aggregate{.hosts = first.getCount(), .folds = {read_moments(first)}});
    check_count(in.getGroups(), groups_max, "the list of groups");
    for (const schema::Group::Reader group : in.getGroups())
        partial.groups.emplace(read_texts(group.getKey(), key_bound, "the key of a group"),
                               read_group(group));
    if (in.getOther().getHosts() > 0) partial.other = read_group(in.getOther());
    if (in.hasCut()) partial.cut = read_texts(in.getCut(), key_bound, "the first key cut");
    return partial;
}

/// What the first release can read: one value of each host.
const Moments* only_moments(const Partial& partial) {
    if (partial.groups.size() != 1) return nullptr;
    const auto& [key, group] = *partial.groups.begin();
    if (!key.empty() || group.folds.size() != 1) return nullptr;
    const auto* moments = std::get_if<Moments>(&group.folds.front());
    return moments != nullptr && moments->count == group.hosts ? moments : nullptr;
}

void write_partial(const Partial& partial, schema::WindowClosed::Builder out) {
    if (const Moments* moments = only_moments(partial)) write_moments(*moments, out.getPartial());
    out.getPartial().setCoverage(blob(partial.coverage.to_bytes()));
    auto groups = out.initGroups(count(partial.groups.size()));
    unsigned i = 0;
    for (const auto& [key, group] : partial.groups) {
        write_texts(key, groups[i].initKey(count(key.size())));
        write_group(group, groups[i++]);
    }
    if (partial.other.hosts > 0) write_group(partial.other, out.initOther());
    if (partial.cut) write_texts(*partial.cut, out.initCut(count(partial.cut->size())));
}

}  // namespace

WindowOpened read(schema::WindowOpened::Reader in) {
    return {.window = read_window(in.getWindow()),
            .question = RequestId{in.getQuestion()},
            .inquiry = read_inquiry(in),
            .target = host_set(in.getTarget(), "the asked hosts"),
            .closes_in = duration(in.getClosesIn()),
            .takes_missing = in.getTakesMissing()};
}

void write(const WindowOpened& message, schema::WindowOpened::Builder out) {
    const Inquiry& inquiry = message.inquiry;
    write_window(message.window, out.getWindow());
    out.setQuestion(message.question.value);
    out.setMeasurement(
        text(is_of_first_release(inquiry) ? inquiry.folds.front().name : beyond_first_release));
    out.setTarget(blob(message.target.to_bytes()));
    out.setClosesIn(message.closes_in.count());
    out.setTakesMissing(message.takes_missing);
    auto folds = out.initFolds(count(inquiry.folds.size()));
    for (unsigned i = 0; i < folds.size(); ++i) write_spec(inquiry.folds[i], folds[i]);
    write_texts(inquiry.by, out.initBy(count(inquiry.by.size())));
}

WindowClosed read(schema::WindowClosed::Reader in) {
    return {.window = read_window(in.getWindow()),
            .question = RequestId{in.getQuestion()},
            .partial = read_partial(in),
            .is_of_missing = in.getIsOfMissing(),
            .target_digest = in.getTargetDigest()};
}

void write(const WindowClosed& message, schema::WindowClosed::Builder out) {
    write_window(message.window, out.getWindow());
    out.setQuestion(message.question.value);
    write_partial(message.partial, out);
    out.setIsOfMissing(message.is_of_missing);
    out.setTargetDigest(message.target_digest);
}

}  // namespace coppice::wire
