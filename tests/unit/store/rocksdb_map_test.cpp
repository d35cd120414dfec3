// tests/unit/store/rocksdb_map_test.cpp: large batches come in sorted, in their turn, and survive a crash without a
// gap.
#include "infra/store/rocksdb_map.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>

#include "infra/store/sorted_loads.hpp"
#include "tests/support/folder.hpp"

namespace kiroku::store {
namespace {

using test::Folder;

std::map<std::string, std::string> all_in(const std::filesystem::path& path) {
    std::map<std::string, std::string> found;
    RocksdbMap{path}.all([&](auto key, auto value) { found.emplace(key, value); });
    return found;
}

/// A key of 16 bytes and a number, of either kind.
std::string key_of(char kind, std::uint64_t number) {
    std::uint64_t scattered = number * 0x9E3779B97F4A7C15;
    std::string key{kind};
    for (int byte = 0; byte < 16; ++byte, scattered = scattered << 7 | scattered >> 57)
        key += static_cast<char>(scattered);
    return key + "12345678";
}

constexpr const char* crash_test = "a crash takes nothing that is older than what was loaded";
constexpr const char* folder_variable = "KIROKU_CRASHING_IN";
constexpr const char* turn_variable = "KIROKU_CRASHING_TURN";

/// Runs this test once more in a process of its own, which ends as by a crash: nothing is closed or flushed.
void crash(const std::filesystem::path& folder, const char* turn) {
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::setenv(folder_variable, folder.c_str(), 1);
        ::setenv(turn_variable, turn, 1);
        ::execl("/proc/self/exe", "unit_tests", fmt::format("-tc={}", crash_test).c_str(), nullptr);
        ::_exit(1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
}

/// What an older log left, loaded; then it is erased, and another one comes in.
void write_and_crash(const char* folder, std::string_view turn) {
    auto& map = *new RocksdbMap{folder};
    Batch written, loaded;
    if (turn == "second") {
        for (const auto* kind : {"d", "p"}) map.erase_all(kind);
        written.put(key_of('d', 2), "written");
        map.write(written);
    }
    loaded.put(key_of('d', turn == "first" ? 1 : 3), turn);
    loaded.put(key_of('p', 1), turn);
    map.wait_for(map.load(loaded));
    ::_exit(0);
}

}  // namespace

TEST_SUITE("store/rocksdb_map") {
TEST_CASE("what is loaded is what was put, the later where a key comes twice") {
    const Folder folder;
    std::map<std::string, std::string> expected;
    {
        RocksdbMap map{folder.path};
        std::uint64_t last = 0;
        for (std::uint64_t load = 0; load < 5; ++load) {
            Batch batch;
            for (std::uint64_t number = 0; number < 3'000; ++number) {
                const auto key = key_of(number % 100 == 0 ? 'p' : 'd', number % (1'000 + load));
                const auto value = std::to_string(load * 10'000 + number);
                batch.put(key, value);
                expected.insert_or_assign(key, value);
            }
            last = map.load(batch);
            CHECK(batch.size() == 0);
        }
        map.wait_for(last);
        CHECK(map.get(key_of('d', 1'001)) == expected.at(key_of('d', 1'001)));
        Batch more;
        more.put("d" + std::string(24, 'x'), "more");
        map.write(more);
        expected.emplace("d" + std::string(24, 'x'), "more");
    }
    CHECK(all_in(folder.path) == expected);
}

TEST_CASE("keys that begin with others, and none at all") {
    const Folder folder;
    RocksdbMap map{folder.path};
    Batch batch;
    std::map<std::string, std::string> expected;
    for (const auto* key :
         {"d-eight-b", "d", "d-eight-bytes-and-more", "d-eight-bytes", "", "e", "d-eight-b\xff", "c"}) {
        if (*key != '\0') batch.put(key, key), expected.emplace(key, key);
    }
    map.wait_for(map.load(batch));
    map.wait_for(map.load(batch));
    std::map<std::string, std::string> found;
    map.all([&](auto key, auto value) { found.emplace(key, value); });
    CHECK(found == expected);
}

TEST_CASE("a crash takes nothing that is older than what was loaded") {
    if (const char* within = std::getenv(folder_variable)) write_and_crash(within, std::getenv(turn_variable));
    const Folder folder;
    crash(folder.path, "first");
    REQUIRE(all_in(folder.path).size() == 2);
    crash(folder.path, "second");
    const std::map<std::string, std::string> expected{
        {key_of('d', 2), "written"}, {key_of('d', 3), "second"}, {key_of('p', 1), "second"}};
    CHECK(all_in(folder.path) == expected);
}

TEST_CASE("what goes wrong with a batch is told to who waits and to who comes later") {
    SortedLoads loads{[](const Batch&, std::span<const std::size_t>) { throw StoreError("no room"); }};
    Batch batch;
    batch.put("key", "value");
    const auto load = loads.add(batch);
    CHECK_THROWS_AS(loads.wait_for(load), StoreError);
    batch.put("key", "value");
    CHECK_THROWS_AS(loads.add(batch), StoreError);
}
}

}  // namespace kiroku::store
