#include "simulator/complaints.h"

#include "simulator/trace.h"

namespace coppice {

namespace {

constexpr std::size_t sentences_max = 100;

}  // namespace

void Complaints::add(std::string_view rule, const std::string& sentence) {
    if (sentences_.size() >= sentences_max) return;
    const std::string complaint = std::string{rule} + ": " + sentence;
    if (known_.insert(complaint).second)
        sentences_.push_back(text_of(clock_.now()) + ' ' + complaint);
}

void Complaints::add(std::string_view rule, const std::vector<std::string>& sentences) {
    for (const std::string& sentence : sentences) add(rule, sentence);
}

}  // namespace coppice
