#pragma once
// The series of a fleet: what is asked when, and what the newest window of each gave.
//
// A series has at most one window open. Windows begin at multiples of its interval by the wall
// clock, so that those of several series can be laid beside each other; when the clock is set, the
// next window is an interval away from the one before all the same.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/command.h"
#include "common/question.h"
#include "common/record.h"
#include "common/series.h"
#include "common/time.h"
#include "manager/views.h"

namespace coppice {

/// For those who read metrics and listings.
struct SeriesView {
    SeriesRecord record;
    std::string problem;               // why it is not asked; empty: it is
    std::vector<std::string> columns;  // the text of each formula
    std::vector<std::string> units;    // the measurement whose unit each has; empty: another one
    std::vector<std::string> by;
    std::optional<Sample> newest;  // of this run of the manager
};

class SeriesBook {
public:
    /// A question that this release cannot read is kept, and not asked.
    void load(SeriesRecord record);
    /// Asked from `first` on. Requires that the question can be read and there is no such series.
    void add(SeriesRecord record, Question question, Instant first);
    void remove(const std::string& name);
    [[nodiscard]] const SeriesRecord* find(const std::string& name) const;
    [[nodiscard]] std::size_t size() const { return series_.size(); }

    struct Due {
        std::string name;
        const Question& question;
        Duration every;
    };
    /// Series that are to be asked now; each is as good as asked.
    [[nodiscard]] std::vector<Due> take_due(Instant now, UnixMillis unix_now);
    /// Its window has closed: what is to be written; nothing when there is no such series.
    [[nodiscard]] std::optional<Keep> close(const std::string& name, Sample sample);

    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] std::vector<SeriesView> views() const;

private:
    struct Series {
        SeriesRecord record;
        std::optional<Question> question;
        std::string problem;
        Instant next{};  // not before
        bool is_open = false;
        std::optional<Sample> newest;
    };

    std::map<std::string, Series> series_;
};

/// When a series is asked first: at the next multiple of its interval.
[[nodiscard]] Instant first_window(std::chrono::milliseconds every, Instant now,
                                   UnixMillis unix_now);
/// What it asks; an error says, for people, what is wrong with the series.
[[nodiscard]] Result<Question> question_of(const SeriesRecord& series);
/// What Prometheus is told of the newest window: values and hosts by group, and whom they cover.
void add_metrics(const SeriesView& series, const Sample& newest, std::vector<MetricView>& views);
/// What is kept of an answer.
[[nodiscard]] Sample sample_of(const QueryAnswered& answer, UnixMillis opened);

}  // namespace coppice
