// Reading and decompression.
#include "simulator/commands/trace_file.h"

#include <lzma.h>

#include <fstream>
#include <iterator>

namespace coppice {

namespace {

constexpr std::size_t text_bytes_max = std::size_t{1} << 30U;
constexpr std::size_t chunk_bytes = std::size_t{1} << 20U;
constexpr std::uint64_t memory_bytes_max = std::uint64_t{256} << 20U;

std::string too_large(const std::string& path) {
    return path + " holds more than 1 GiB of text; cut it into parts";
}

Result<std::string> decompress(const std::string& path, const std::string& packed) {
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&stream, memory_bytes_max, LZMA_CONCATENATED) != LZMA_OK)
        return Error{"there is no memory to decompress " + path};
    stream.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
    stream.avail_in = packed.size();
    std::string text;
    std::string chunk(chunk_bytes, '\0');
    lzma_ret result = LZMA_OK;
    while (result == LZMA_OK && text.size() <= text_bytes_max) {
        stream.next_out = reinterpret_cast<std::uint8_t*>(chunk.data());
        stream.avail_out = chunk.size();
        result = lzma_code(&stream, LZMA_FINISH);
        text.append(chunk, 0, chunk.size() - stream.avail_out);
    }
    lzma_end(&stream);
    if (text.size() > text_bytes_max) return Error{too_large(path)};
    if (result == LZMA_STREAM_END) return text;
    return Error{path + " is damaged: xz data that cannot be decompressed; copy the file again"};
}

}  // namespace

Result<std::string> read_trace_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (!file) return Error{"cannot read the trace " + path + "; is the path right?"};
    if (text.starts_with(std::string_view{"\xFD"
                                          "7zXZ\0",
                                          6}))
        return decompress(path, text);
    if (text.size() > text_bytes_max) return Error{too_large(path)};
    return text;
}

}  // namespace coppice
