#pragma once
// What checkers found broken: sentences with their times, each once, the first few.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/schedule.h"

namespace coppice {

class Complaints {
public:
    /// `clock` outlives this.
    explicit Complaints(const Schedule& clock) : clock_{clock} {}

    /// `rule` is a few words that stay the same, for whoever looks for one kind of complaint.
    void add(std::string_view rule, const std::string& sentence);
    void add(std::string_view rule, const std::vector<std::string>& sentences);
    /// At most 100.
    [[nodiscard]] const std::vector<std::string>& sentences() const { return sentences_; }

private:
    const Schedule& clock_;
    std::set<std::string> known_;
    std::vector<std::string> sentences_;
};

}  // namespace coppice
