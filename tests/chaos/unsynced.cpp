// tests/chaos/unsynced.cpp: preloaded into a process, writes down how much of each file it has synced, in
// UNSYNCED_JOURNAL.
//
// A line for each sync, "synced <inode> <size>": so much of that file outlives a loss of power, whatever it is called
// by then. "cut <inode> <size>": it was made shorter, and what is written behind that is not synced. power.py reads it.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace {

template <class Function>
Function* original(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

void note(const char* what, ino_t file, off_t size) {
    static const int journal = [] {
        const char* const path = std::getenv("UNSYNCED_JOURNAL");
        return path == nullptr ? -1 : ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    }();
    char line[64];
    const int length = std::snprintf(line, sizeof line, "%s %lu %ld\n", what, file, size);
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(journal, line, static_cast<std::size_t>(length));
    errno = error;
}

/// The size is taken first: what comes in while it syncs may not be on the disk.
int synced(int file, int (*sync)(int)) {
    struct stat before {};
    const bool known = ::fstat(file, &before) == 0 && S_ISREG(before.st_mode);
    const int result = sync(file);
    if (result == 0 && known) note("synced", before.st_ino, before.st_size);
    return result;
}

int shortened(int file, off_t size, int (*shorten)(int, off_t)) {
    struct stat before {};
    const bool known = ::fstat(file, &before) == 0 && size < before.st_size;
    const int result = shorten(file, size);
    if (result == 0 && known) note("cut", before.st_ino, size);
    return result;
}

}  // namespace

extern "C" {

int fsync(int file) {
    static auto* const real = original<int(int)>("fsync");
    return synced(file, real);
}

int fdatasync(int file) {
    static auto* const real = original<int(int)>("fdatasync");
    return synced(file, real);
}

int ftruncate(int file, off_t size) noexcept {
    static auto* const real = original<int(int, off_t)>("ftruncate");
    return shortened(file, size, real);
}

int ftruncate64(int file, off64_t size) noexcept {
    static auto* const real = original<int(int, off_t)>("ftruncate64");
    return shortened(file, size, real);
}
}
