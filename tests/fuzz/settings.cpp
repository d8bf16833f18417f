// Settings of the daemons, as INI file or as flags (one a line). The first byte chooses which.
#include <sys/mman.h>
#include <unistd.h>

#include <sstream>

#include "options/agent_options.h"
#include "options/manager_options.h"
#include "tests/fuzz/decisions.h"

namespace coppice::fuzz {
namespace {

/// A file in memory.
class MemoryFile {
public:
    explicit MemoryFile(std::string_view content) : descriptor_{::memfd_create("settings", 0)} {
        COPPICE_ENSURE(descriptor_ >= 0, "a file in memory is made");
        COPPICE_ENSURE(::write(descriptor_, content.data(), content.size()) ==
                           static_cast<ssize_t>(content.size()),
                       "and written");
    }
    ~MemoryFile() { ::close(descriptor_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    [[nodiscard]] std::string path() const {
        return "/proc/self/fd/" + std::to_string(descriptor_);
    }

private:
    int descriptor_;
};

Result<Options> from_file(const ProgramSpec& program, std::string_view content) {
    const MemoryFile file{content};
    return parse_options(program, {"--config", file.path()});
}

Result<Options> from_flags(const ProgramSpec& program, std::string_view lines) {
    std::vector<std::string> arguments;
    std::istringstream in{std::string{lines}};
    for (std::string line; std::getline(in, line);)
        if (!line.starts_with("--conf")) arguments.push_back(line);
    return parse_options(program, arguments);
}

void check(const ProgramSpec& program, bool is_manager, const Result<Options>& options) {
    if (!options.ok()) {
        COPPICE_ENSURE(!options.error().message.empty(), "an error is a sentence");
        return;
    }
    if (is_manager) {
        const Result<ManagerConfig> config = manager_config(*options);
        COPPICE_ENSURE(!config.ok() || config->validate().empty(), "settings are valid or refused");
    } else {
        static_cast<void>(agent_labels(*options).ok());
    }
    const std::string printed = config_text(program, *options);
    const Result<Options> again = from_file(program, printed);
    COPPICE_ENSURE(again.ok(), "--print-config prints a file");
    const bool is_all = printed.find("is given as a flag") == std::string::npos;
    COPPICE_ENSURE(!is_all || config_text(program, *again) == printed, "with the same settings");
}

}  // namespace
}  // namespace coppice::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace coppice;
    fuzz::Decisions decisions{data, size};
    const std::uint8_t kind = decisions.below(4);
    const bool is_manager = kind % 2 == 0;
    const ProgramSpec program = is_manager ? manager_program() : agent_program("n001");
    const std::string_view text = decisions.rest_text();
    fuzz::check(program, is_manager,
                kind < 2 ? fuzz::from_file(program, text) : fuzz::from_flags(program, text));
    return 0;
}
