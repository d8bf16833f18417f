#pragma once
// Labels of a host in a file, for whoever provisions machines: --label-file of coppice-agent.

#include <string>
#include <string_view>

#include "common/labels.h"
#include "common/result.h"

namespace coppice {

/// KEY=VALUE, one a line. Blank lines and lines that begin with # do not count, nor do blanks
/// round a key, a value or a line. An error names the line.
[[nodiscard]] Result<Labels> parse_labels(std::string_view text);

/// The text of such a file.
[[nodiscard]] std::string labels_text(const Labels& labels);

/// An error names the file.
[[nodiscard]] Result<Labels> read_label_file(const std::string& path);

}  // namespace coppice
