// tests/chaos/wrong_clock.cpp: preloaded into a process, sets its wall clock wrong by WRONG_BY_SECONDS.
//
// Only the wall clock: what counts elapsed time goes on as it did. C's condition variables wait until a time of the
// wall clock and are served by the kernel's, so that is put right again.
#include <dlfcn.h>
#include <sys/time.h>
#include <threads.h>

#include <cstdlib>
#include <ctime>

namespace {

long wrong_by() {
    static const char* const seconds = std::getenv("WRONG_BY_SECONDS");
    return seconds == nullptr ? 0 : std::atol(seconds);
}

template <class Function>
Function* original(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    static auto* const real = original<int(clockid_t, timespec*)>("clock_gettime");
    const int result = real(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += wrong_by();
    return result;
}

int gettimeofday(timeval* now, void* zone) noexcept {
    static auto* const real = original<int(timeval*, void*)>("gettimeofday");
    const int result = real(now, zone);
    if (result == 0) now->tv_sec += wrong_by();
    return result;
}

time_t time(time_t* into) noexcept {
    static auto* const real = original<time_t(time_t*)>("time");
    const time_t now = real(nullptr) + wrong_by();
    if (into != nullptr) *into = now;
    return now;
}

int timespec_get(timespec* now, int base) noexcept {
    static auto* const real = original<int(timespec*, int)>("timespec_get");
    const int result = real(now, base);
    if (result == TIME_UTC) now->tv_sec += wrong_by();
    return result;
}

int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
    static auto* const real = original<int(cnd_t*, mtx_t*, const timespec*)>("cnd_timedwait");
    timespec right = *until;
    right.tv_sec -= wrong_by();
    return real(condition, mutex, &right);
}
}
