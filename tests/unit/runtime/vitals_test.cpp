// tests/unit/runtime/vitals_test.cpp: what a process tells of itself is what its parts told last.
#include "infra/runtime/vitals.hpp"

#include <doctest/doctest.h>

#include <array>

using kiroku::runtime::Measure;
using kiroku::runtime::Vitals;
using namespace std::chrono_literals;

namespace {

constexpr std::array measures{Measure{"m_one", "gauge", "One thing."}, Measure{"m_two_total", "counter", "Another."}};
const Vitals::Clock::time_point start{};

}  // namespace

TEST_SUITE("runtime/vitals") {
TEST_CASE("a process is starting until its parts are ready") {
    Vitals vitals{measures};
    CHECK(vitals.problems().contains("process"));
    vitals.tell("a", {}, "", start);
    vitals.tell("b", {}, "catching up", start);
    CHECK(vitals.problems() == std::map<std::string, std::string>{{"b", "catching up"}});
    vitals.tell("b", {}, "", start);
    CHECK(vitals.problems().empty());
}

TEST_CASE("a remark doesn't make a part less ready, and goes with the next telling") {
    Vitals vitals{measures};
    vitals.tell("a", {}, "", start, "look here");
    CHECK(vitals.problems().empty());
    CHECK(vitals.remarks() == std::map<std::string, std::string>{{"a", "look here"}});
    vitals.tell("a", {}, "", start);
    CHECK(vitals.remarks().empty());
}

TEST_CASE("measures come with their meaning, each part's latest samples under them") {
    Vitals vitals{measures};
    vitals.tell("a", {{"m_one", R"(p="1")", 1}, {"m_two_total", "", 7}}, "", start);
    vitals.tell("b", {{"m_one", R"(p="2")", 2}}, "", start);
    vitals.tell("a", {{"m_one", R"(p="1")", 3}, {"m_two_total", "", 8}}, "", start);
    CHECK(vitals.metrics() ==
          "# HELP m_one One thing.\n# TYPE m_one gauge\nm_one{p=\"1\"} 3\nm_one{p=\"2\"} 2\n"
          "# HELP m_two_total Another.\n# TYPE m_two_total counter\nm_two_total 8\n");
}

TEST_CASE("counters that nobody tells are looked up when somebody asks") {
    Vitals vitals{{}};
    double count = 1;
    vitals.watch({"m_total", "counter", "Many."}, [&] { return count; });
    count = 2;
    CHECK(vitals.metrics() == "# HELP m_total Many.\n# TYPE m_total counter\nm_total 2\n");
}

TEST_CASE("a part that tells nothing any more hangs") {
    Vitals vitals{measures};
    vitals.tell("a", {}, "", start);
    vitals.tell("b", {}, "", start + 2min);
    CHECK(vitals.hanging(start + Vitals::hangs_after).empty());
    CHECK(vitals.hanging(start + 2min) == std::vector<std::string>{"a"});
}
}
