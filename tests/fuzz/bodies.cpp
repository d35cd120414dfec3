// tests/fuzz/bodies.cpp: fuzzes JSON: each schema there is, by the number in the first two bytes, reads the rest.
#include "schemas/catalog.hpp"
#include "tests/fuzz/input.hpp"

using namespace kiroku;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Input input{bytes, size};
    const auto entries = schemas::catalog();
    const std::size_t number = input.byte() * 256U + input.byte();
    const auto& entry = entries[number % entries.size()];
    const auto written = entry.recode(input.rest());
    if (!written) {
        must(!written.error().problem.empty(), "a refusal says why");
        return 0;
    }
    const auto again = entry.recode(*written);
    must(again.has_value(), "what we write we can read");
    must(*again == *written, "and write again the same");
    return 0;
}
