#pragma once
// key=value labels of a host, as given at registration.

#include <map>
#include <string>

namespace coppice {

/// At most `limits::labels_max` entries; keys are [A-Za-z0-9_.-/]{1,63}, values up to 255 bytes.
using Labels = std::map<std::string, std::string>;

}  // namespace coppice
