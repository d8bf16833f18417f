#pragma once
// key=value labels of a host, as given at registration.

#include <map>
#include <string>
#include <string_view>

#include "common/result.h"

namespace coppice {

/// At most `limits::labels_max` entries; keys are [A-Za-z0-9_.-/]{1,63}, values up to 255 bytes.
using Labels = std::map<std::string, std::string>;

/// Letters, digits, '.', '_', '-' and '/'.
[[nodiscard]] bool is_label_key_character(char character);
/// True when a key can be written in a selector: [A-Za-z0-9_.-/]{1,63}, and not "host", which is
/// the name of the host there.
[[nodiscard]] bool is_label_key(std::string_view key);
/// The first mistake in the labels of one host, as a sentence.
[[nodiscard]] Result<Done> validate(const Labels& labels);

}  // namespace coppice
