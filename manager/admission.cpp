#include "manager/admission.h"

#include <algorithm>
#include <string_view>

#include "common/limits.h"

namespace coppice {
namespace {

bool consists_of(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(), [others](char letter) {
        const bool is_word = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                             (letter >= '0' && letter <= '9');
        return is_word || others.find(letter) != std::string_view::npos;
    });
}

std::string address_mistake(const std::vector<std::string>& addresses) {
    if (addresses.empty())
        return "no address is given; set the address where other hosts reach this one";
    if (addresses.size() > limits::addresses_max)
        return "more than " + std::to_string(limits::addresses_max) + " addresses are given";
    for (const std::string& address : addresses)
        if (address.size() > limits::address_bytes_max || !address.starts_with("tcp://"))
            return "address '" + address.substr(0, 64) + "' is not of the form tcp://host:port";
    return {};
}

std::string request_mistake(const Register& request) {
    if (request.name.empty() || request.name.size() > limits::name_bytes_max ||
        !consists_of(request.name, "._-"))
        return "the name '" + request.name.substr(0, 64) + "' cannot be used; give 1 to " +
               std::to_string(limits::name_bytes_max) + " letters, digits, '.', '_' and '-'";
    if (std::string mistake = address_mistake(request.addresses); !mistake.empty()) return mistake;
    if (request.resources.size() > limits::measurements_max)
        return "more than " + std::to_string(limits::measurements_max) + " resources are given";
    if (request.machine_id.size() > limits::name_bytes_max ||
        request.release.size() > limits::name_bytes_max)
        return "machine id or release is too long";
    return label_mistake(request.labels);
}

}  // namespace

std::string label_mistake(const Labels& labels) {
    constexpr std::size_t key_max = 63;
    constexpr std::size_t value_max = 255;
    if (labels.size() > limits::labels_max)
        return "there are " + std::to_string(labels.size()) + " labels; at most " +
               std::to_string(limits::labels_max) + " are allowed";
    for (const auto& [key, value] : labels) {
        if (key.empty() || key.size() > key_max || !consists_of(key, "_.-/"))
            return "the label key '" + key.substr(0, key_max) +
                   "' cannot be used; give 1 to 63 letters, digits, '_', '.', '-' and '/'";
        if (value.size() > value_max)
            return "the value of label '" + key + "' is longer than 255 bytes";
    }
    return {};
}

std::optional<RegistrationRefusal> check_request(const Header& header, const Register& request) {
    if (header.protocol < protocol_version)
        return RegistrationRefusal{
            Registration::too_old,
            "this release speaks an older protocol than the manager; upgrade the agent"};
    if (header.incarnation == Incarnation{})
        return RegistrationRefusal{Registration::bad_request,
                                   "the incarnation is zero; it starts at one"};
    if (std::string mistake = request_mistake(request); !mistake.empty())
        return RegistrationRefusal{Registration::bad_request, std::move(mistake)};
    return std::nullopt;
}

std::optional<RegistrationRefusal> check_token(const TokenRecord* token, const Digest& hash,
                                               UnixMillis now) {
    if (token == nullptr || token->secret_hash != hash)
        return RegistrationRefusal{
            Registration::bad_token,
            "the join token is not one of this fleet; make one with `coppice token create`"};
    if (token->is_revoked)
        return RegistrationRefusal{Registration::bad_token, "the join token '" + token->id +
                                                                "' was revoked; use another one"};
    if (token->expires != UnixMillis{} && now >= token->expires)
        return RegistrationRefusal{
            Registration::expired_token,
            "the join token '" + token->id + "' has expired; make one with `coppice token create`"};
    if (token->uses_max != 0 && token->uses >= token->uses_max)
        return RegistrationRefusal{
            Registration::exhausted_token,
            "the join token '" + token->id + "' was used " + std::to_string(token->uses) +
                " times, which is all it allows; make one with `coppice token create`"};
    return std::nullopt;
}

const char* token_state(const TokenRecord& token, UnixMillis now) {
    if (token.is_revoked) return "revoked";
    if (token.expires != UnixMillis{} && now >= token.expires) return "expired";
    if (token.uses_max != 0 && token.uses >= token.uses_max) return "exhausted";
    return "valid";
}

}  // namespace coppice
