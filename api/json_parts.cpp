// What reduce() answers, as JSON; docs/questions.md has the fields.
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "runtime/base64.h"
#include "runtime/json_text.h"

namespace coppice {

Json json_of(const Parts& parts) {
    Json list = Json::array();
    for (const Parts::Part& part : parts.parts) {
        std::string text{part.bytes.begin(), part.bytes.end()};
        if (is_utf8(text)) {
            list.push_back(std::move(text));
        } else {
            list.push_back({{"base64", base64(part.bytes)}});
        }
    }
    return list;
}

}  // namespace coppice
