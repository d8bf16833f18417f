#include "runtime/fleet_keys.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "runtime/durable_file.h"
#include "runtime/file_descriptor.h"

namespace coppice {
namespace {

using Half = std::array<std::uint8_t, 32>;
static_assert(std::tuple_size_v<Half> == crypto_sign_SEEDBYTES);
static_assert(std::tuple_size_v<PublicKey> == crypto_sign_PUBLICKEYBYTES);
static_assert(std::tuple_size_v<SigningKey> == crypto_sign_SECRETKEYBYTES);

constexpr std::size_t line_size = 2 * std::tuple_size_v<Half> + 1;
constexpr std::size_t file_size = 2 * line_size;
constexpr mode_t private_mode = 0600;
constexpr mode_t mode_of_others = 0077;

void start_sodium() { COPPICE_ENSURE(sodium_init() >= 0, "libsodium finds a random generator"); }

std::string line_of(const Half& half) {
    std::string line(line_size, '\n');
    sodium_bin2hex(line.data(), line.size(), half.data(), half.size());
    line.back() = '\n';  // where sodium puts a zero
    return line;
}

/// False when the line is not hexadecimal.
bool parse(std::string_view line, Half& half) {
    std::size_t size = 0;
    return line.back() == '\n' &&
           sodium_hex2bin(half.data(), half.size(), line.data(), line_size - 1, nullptr, &size,
                          nullptr) == 0 &&
           size == half.size();
}

FleetKeys from_seed(const Half& seed) {
    FleetKeys keys;
    crypto_sign_seed_keypair(keys.public_key.data(), keys.signing_key.data(), seed.data());
    return keys;
}

Result<std::string> read_private(const std::filesystem::path& path) {
    const FileDescriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat status {};
    if (!fd.is_open() || ::fstat(fd.get(), &status) != 0)
        return Error{"cannot read the fleet's key file " + path.string() + ": " +
                     std::generic_category().message(errno)};
    if ((status.st_mode & mode_of_others) != 0)
        return Error{"the fleet's key file " + path.string() +
                     " is open to other users; run: chmod 600 " + path.string()};
    std::string content(file_size + 1, '\0');
    const ssize_t size = ::read(fd.get(), content.data(), content.size());
    if (size != static_cast<ssize_t>(file_size))
        return Error{"the fleet's key file " + path.string() + " must have " +
                     std::to_string(file_size) + " bytes; restore it from a copy"};
    content.resize(file_size);
    return content;
}

}  // namespace

FleetKeys make_fleet_keys() {
    start_sodium();
    FleetKeys keys;
    crypto_sign_keypair(keys.public_key.data(), keys.signing_key.data());
    return keys;
}

Result<Done> save_fleet_keys(const std::filesystem::path& path, const FleetKeys& keys) {
    Half seed{};
    std::copy_n(keys.signing_key.begin(), seed.size(), seed.begin());
    const std::string content = line_of(keys.public_key) + line_of(seed);
    const Result<bool> created =
        create_file(path, Bytes{content.begin(), content.end()}, private_mode);
    if (!created.ok())
        return Error{"cannot write the fleet's key file " + path.string() + ": " +
                     created.error().message};
    if (!*created)
        return Error{"the fleet's key file " + path.string() +
                     " is there already and is kept; name another file, or move it away"};
    return Done{};
}

Result<FleetKeys> load_fleet_keys(const std::filesystem::path& path) {
    start_sodium();
    const Result<std::string> content = read_private(path);
    if (!content.ok()) return content.error();
    const std::string_view text{*content};
    PublicKey public_key{};
    Half seed{};
    if (parse(text.substr(0, line_size), public_key) && parse(text.substr(line_size), seed)) {
        const FleetKeys keys = from_seed(seed);
        if (keys.public_key == public_key) return keys;
    }
    return Error{"the fleet's key file " + path.string() + " is damaged; restore it from a copy"};
}

Bytes random_bytes(std::size_t size) {
    start_sodium();
    Bytes bytes(size);
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

}  // namespace coppice
