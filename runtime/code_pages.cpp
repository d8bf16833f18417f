#include "runtime/code_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>

namespace coppice {
namespace {

/// Segments that are not writable were never written, so that their file has all they hold:
/// relocations are in writable ones, also where those are protected later.
int release_segments(dl_phdr_info* object, std::size_t /*size*/, void* /*unused*/) {
    const auto page = static_cast<std::uintptr_t>(::getpagesize());
    for (int index = 0; index < object->dlpi_phnum; ++index) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[index];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        const std::uintptr_t start = (object->dlpi_addr + segment.p_vaddr) / page * page;
        const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
        ::madvise(reinterpret_cast<void*>(start), end - start, MADV_DONTNEED);
    }
    return 0;
}

/// A debugger's breakpoints are in these pages and in no file.
bool is_traced() {
    std::ifstream status{"/proc/self/status"};
    std::string word;
    int tracer = 0;
    while (status >> word)
        if (word == "TracerPid:") status >> tracer;
    return tracer != 0;
}

}  // namespace

void release_code_pages() {
    if (!is_traced()) ::dl_iterate_phdr(release_segments, nullptr);
}

}  // namespace coppice
