// tests/bench/preloaded/allocations.cpp: preloaded into a process, counts what it allocates, and how many bytes, for
// another one to read: two numbers of 64 bits in the file that KIROKU_BENCH_ALLOCATIONS names.
#include <fcntl.h>
#include <mimalloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

struct Count {
    std::atomic<std::uint64_t> times{0}, bytes{0};
};

Count* counted() {
    const char* path = std::getenv("KIROKU_BENCH_ALLOCATIONS");
    const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return nullptr;
    void* shared = ::mmap(nullptr, sizeof(Count), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    return shared == MAP_FAILED ? nullptr : static_cast<Count*>(shared);
}

Count* const count = counted();  // null, too, for what is allocated before this is set

void* told(void* memory, std::size_t size) {
    if (count != nullptr) {
        count->times.fetch_add(1, std::memory_order_relaxed);
        count->bytes.fetch_add(size, std::memory_order_relaxed);
    }
    return memory;
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) noexcept { return told(mi_malloc(size), size); }
void* calloc(std::size_t number, std::size_t size) noexcept { return told(mi_calloc(number, size), number * size); }
void* realloc(void* before, std::size_t size) noexcept { return told(mi_realloc(before, size), size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return told(mi_aligned_alloc(alignment, size), size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
    const int failed = mi_posix_memalign(memory, alignment, size);
    if (failed == 0) told(*memory, size);
    return failed;
}
}

void* operator new(std::size_t size) { return told(mi_new(size), size); }
void* operator new[](std::size_t size) { return told(mi_new(size), size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return told(mi_new_nothrow(size), size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return told(mi_new_nothrow(size), size); }
void* operator new(std::size_t size, std::align_val_t at) {
    return told(mi_new_aligned(size, static_cast<std::size_t>(at)), size);
}
void* operator new[](std::size_t size, std::align_val_t at) {
    return told(mi_new_aligned(size, static_cast<std::size_t>(at)), size);
}
void operator delete(void* memory) noexcept { mi_free(memory); }
void operator delete[](void* memory) noexcept { mi_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { mi_free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { mi_free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { mi_free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { mi_free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { mi_free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { mi_free(memory); }
