#include "runtime/curve_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <cerrno>
#include <system_error>

#include "runtime/durable_file.h"
#include "runtime/file_descriptor.h"

namespace coppice {
namespace {

using Key = std::array<std::uint8_t, 32>;

constexpr std::size_t text_size = 40;
constexpr std::size_t file_size = 2 * (text_size + 1);
constexpr mode_t private_mode = 0600;
constexpr mode_t mode_of_others = 0077;

std::string to_text(const Key& key) {
    std::array<char, text_size + 1> text{};
    zmq_z85_encode(text.data(), key.data(), key.size());
    return std::string{text.data(), text_size};
}

Result<Key> from_text(std::string_view text) {
    Key key{};
    if (text.size() != text_size ||
        zmq_z85_decode(key.data(), std::string{text}.c_str()) == nullptr)
        return Error{"a key is 40 characters of Z85, and this is not: '" + std::string{text} + "'"};
    return key;
}

Result<std::string> read_private(const std::filesystem::path& path) {
    const FileDescriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat status {};
    if (!fd.is_open() || ::fstat(fd.get(), &status) != 0)
        return Error{"cannot read the key file " + path.string() + ": " +
                     std::generic_category().message(errno)};
    if ((status.st_mode & mode_of_others) != 0)
        return Error{"the key file " + path.string() + " is open to other users; run: chmod 600 " +
                     path.string()};
    std::string content(file_size + 1, '\0');
    const ssize_t size = ::read(fd.get(), content.data(), content.size());
    if (size != static_cast<ssize_t>(file_size))
        return Error{"the key file " + path.string() + " must have " + std::to_string(file_size) +
                     " bytes; restore it, or remove it to become a new host"};
    content.resize(file_size);
    return content;
}

}  // namespace

Result<CurveKeys> load_curve_keys(const std::filesystem::path& path) {
    const Result<std::string> content = read_private(path);
    if (!content.ok()) return content.error();
    const std::string_view text{*content};
    const Result<Key> public_key = from_text(text.substr(0, text_size));
    const Result<Key> secret_key = from_text(text.substr(text_size + 1, text_size));
    std::array<char, text_size + 1> expected{};
    const bool belong_together =
        public_key.ok() && secret_key.ok() &&
        zmq_curve_public(expected.data(), to_text(*secret_key).c_str()) == 0 &&
        text.substr(0, text_size) == std::string_view{expected.data(), text_size};
    if (!belong_together)
        return Error{"the key file " + path.string() +
                     " is damaged; restore it, or remove it to become a new host"};
    return CurveKeys{.public_key = *public_key, .secret_key = *secret_key};
}

CurveKeys make_curve_keys() {
    std::array<char, text_size + 1> public_text{};
    std::array<char, text_size + 1> secret_text{};
    COPPICE_ENSURE(zmq_curve_keypair(public_text.data(), secret_text.data()) == 0,
                   "libzmq is built with CURVE");
    CurveKeys keys;
    zmq_z85_decode(keys.public_key.data(), public_text.data());
    zmq_z85_decode(keys.secret_key.data(), secret_text.data());
    return keys;
}

Result<CurveKeys> load_or_create_curve_keys(const std::filesystem::path& path) {
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        const CurveKeys fresh = make_curve_keys();
        const std::string content =
            to_text(fresh.public_key) + "\n" + to_text(fresh.secret_key) + "\n";
        const Bytes bytes{content.begin(), content.end()};
        const Result<bool> created = create_file(path, bytes, private_mode);
        if (!created.ok())
            return Error{"cannot create the key file " + path.string() + ": " +
                         created.error().message};
    }
    return load_curve_keys(path);
}

std::string key_text(const PublicKey& key) { return to_text(key); }

Result<PublicKey> parse_key(std::string_view text) { return from_text(text); }

}  // namespace coppice
