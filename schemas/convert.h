#pragma once
// Between the structs of common and the generated readers and builders. Private to the codec.
//
// read() throws wire::Malformed or kj::Exception; write() of what fits in memory does not fail.

#include <schemas/frame.capnp.h>
#include <schemas/statement.capnp.h>
#include <schemas/store.capnp.h>

#include "common/limits.h"
#include "common/message.h"
#include "common/record.h"
#include "common/statement.h"
#include "schemas/wire.h"

namespace coppice::wire {

/// Limits of a list of texts. Rows of our own store are bounded by their size alone, since a limit
/// that is lowered one day must not make a store unreadable.
struct ListBound {
    std::size_t count_max = limits::record_bytes_max;
    std::size_t bytes_max = limits::record_bytes_max;
};

using Texts = capnp::List<capnp::Text>;
using LabelList = capnp::List<schema::Label>;
using MeasurementList = capnp::List<schema::Measurement>;
using Numbers = capnp::List<std::uint32_t>;

// common_convert.cpp
[[nodiscard]] std::vector<std::string> read_texts(Texts::Reader in, ListBound bound,
                                                  const char* name);
[[nodiscard]] Labels read_labels(LabelList::Reader in, std::size_t count_max);
[[nodiscard]] std::vector<Measurement> read_measurements(MeasurementList::Reader in,
                                                         std::size_t count_max);
[[nodiscard]] std::vector<HostId> read_hosts(Numbers::Reader in, std::size_t count_max,
                                             const char* name);
[[nodiscard]] Sealed read(schema::Sealed::Reader in);
void write_texts(const std::vector<std::string>& texts, Texts::Builder out);
void write_labels(const Labels& labels, LabelList::Builder out);
void write_measurements(const std::vector<Measurement>& measurements, MeasurementList::Builder out);
void write_hosts(const std::vector<HostId>& hosts, Numbers::Builder out);
void write(const Sealed& sealed, schema::Sealed::Builder out);

// membership_convert.cpp
[[nodiscard]] Register read(schema::Register::Reader in);
[[nodiscard]] Registered read(schema::Registered::Reader in);
[[nodiscard]] Seek read(schema::Seek::Reader in);
[[nodiscard]] Ordered read(schema::Ordered::Reader in);
[[nodiscard]] Join read(schema::Join::Reader in);
[[nodiscard]] Welcome read(schema::Welcome::Reader in);
[[nodiscard]] Refused read(schema::Refused::Reader in);
[[nodiscard]] Leave read(schema::Leave::Reader in);
void write(const Register& message, schema::Register::Builder out);
void write(const Registered& message, schema::Registered::Builder out);
void write(const Seek& message, schema::Seek::Builder out);
void write(const Ordered& message, schema::Ordered::Builder out);
void write(const Join& message, schema::Join::Builder out);
void write(const Welcome& message, schema::Welcome::Builder out);
void write(const Refused& message, schema::Refused::Builder out);
void write(const Leave& message, schema::Leave::Builder out);

// heartbeat_convert.cpp
[[nodiscard]] Heartbeat read(schema::Heartbeat::Reader in);
[[nodiscard]] HeartbeatAnswer read(schema::HeartbeatAnswer::Reader in);
void write(const Heartbeat& message, schema::Heartbeat::Builder out);
void write(const HeartbeatAnswer& message, schema::HeartbeatAnswer::Builder out);

// frame_convert.cpp
[[nodiscard]] PushDown read(schema::PushDown::Reader in);
[[nodiscard]] LocalMessage read(schema::LocalMessage::Reader in);
[[nodiscard]] Frame read(schema::Frame::Reader in);
void write(const PushDown& message, schema::PushDown::Builder out);
void write(const LocalMessage& message, schema::LocalMessage::Builder out);
void write(const Frame& frame, schema::Frame::Builder out);

// query_convert.cpp
[[nodiscard]] WindowOpened read(schema::WindowOpened::Reader in);
[[nodiscard]] WindowClosed read(schema::WindowClosed::Reader in);
void write(const WindowOpened& message, schema::WindowOpened::Builder out);
void write(const WindowClosed& message, schema::WindowClosed::Builder out);

// statement_convert.cpp
[[nodiscard]] Statement read(schema::Statement::Reader in);
void write(const Statement& statement, schema::Statement::Builder out);

// record_convert.cpp, host_record_convert.cpp
[[nodiscard]] HostRecord read(schema::HostRecord::Reader in);
[[nodiscard]] Record read(schema::Record::Reader in);
[[nodiscard]] Event read(schema::Event::Reader in);
/// `from`: when the row begins.
[[nodiscard]] HostCondition read(schema::HostCondition::Reader in, UnixMillis from);
void write(const HostRecord& record, schema::HostRecord::Builder out);
void write(const Record& record, schema::Record::Builder out);
void write(const Event& event, schema::Event::Builder out);
void write(const TimelineRow& row, schema::HostCondition::Builder out);

// series_convert.cpp
[[nodiscard]] SeriesRecord read(schema::SeriesRecord::Reader in);
/// `at`: when the window opened.
[[nodiscard]] Sample read(schema::Sample::Reader in, UnixMillis at);
void write(const SeriesRecord& record, schema::SeriesRecord::Builder out);
void write(const Sample& sample, schema::Sample::Builder out);

// Groups have a type of their own in every struct that holds them, hence the templates.

[[nodiscard]] inline Cause read_cause(schema::Cause field, const char* name) {
    return enumeration<Cause::refusing, schema::Cause::REFUSING>(field, name);
}

[[nodiscard]] inline StageTimes read_stages(capnp::List<std::uint64_t>::Reader in) {
    constexpr std::uint64_t us_max = std::uint64_t{1} << 52U;  // more than a century
    if (in.size() > limits::stages_max) throw Malformed{"a push has too many stages"};
    StageTimes times;
    for (const std::uint64_t us : in) times.emplace_back(std::min(us, us_max));
    return times;
}
inline void write_stages(const StageTimes& times, capnp::List<std::uint64_t>::Builder out) {
    for (unsigned i = 0; i < out.size(); ++i)
        out.set(i, static_cast<std::uint64_t>(times[i].count()));
}

template <class Reader>
[[nodiscard]] Stamp read_stamp(Reader in) {
    return {.term = in.getTerm(), .generation = in.getGeneration()};
}
template <class Builder>
void write_stamp(const Stamp& stamp, Builder out) {
    out.setTerm(stamp.term);
    out.setGeneration(stamp.generation);
}

template <class Reader>
[[nodiscard]] WindowId read_window(Reader in) {
    return {.root = {.term = in.getRootTerm(), .generation = in.getRootGeneration()},
            .number = in.getNumber()};
}
template <class Builder>
void write_window(const WindowId& window, Builder out) {
    out.setRootTerm(window.root.term);
    out.setRootGeneration(window.root.generation);
    out.setNumber(window.number);
}

}  // namespace coppice::wire
