# tests/fuzz/fuzz.cmake: fuzz_<name> for each tests/fuzz/<name>.cpp, with libFuzzer and the sanitizers of KIROKU_SANITIZE.
#
# What is fuzzed is compiled once more for it, with the feedback that the fuzzer learns from: only what parses what
# clients send, so that it takes minutes. The archive's linker leaves out what no target needs.
file(GLOB fuzzed CONFIGURE_DEPENDS schemas/core/*.cpp infra/crypto/*.cpp infra/replay/*.cpp infra/log/*.cpp gateway/core/*.cpp
  gateway/analytics/*.cpp gateway/realtime/*.cpp)
list(FILTER fuzzed EXCLUDE REGEX "/(certificates|commands|consequences|database_probe|handle_request|metrics|operations|reads|\
router|server|session|transport|workers|intents|body|event_streams|event_feed|pieces|routes|connection|realtime|event_tail|\
awaited_decisions|event_reader|partition_reader|range_reader|scan|tls|passwords)\\.cpp$")
add_library(kiroku_fuzzed STATIC EXCLUDE_FROM_ALL ${fuzzed} ${KIROKU_GENERATED_SOURCES} infra/runtime/exit.cpp
  infra/kafka/partitioner.cpp infra/tracing/trace_context.cpp domain/core/authority.cpp domain/core/permission.cpp)
add_dependencies(kiroku_fuzzed kiroku_generated)
target_include_directories(kiroku_fuzzed PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(kiroku_fuzzed PUBLIC -fsanitize=fuzzer-no-link -O1)
target_compile_definitions(kiroku_fuzzed PUBLIC SIMDJSON_DEVELOPMENT_CHECKS=0)
target_link_libraries(kiroku_fuzzed PUBLIC simdjson::simdjson fmt::fmt spdlog::spdlog date::date-tz Boost::headers OpenSSL::Crypto
  PkgConfig::SODIUM PkgConfig::BROTLI ZLIB::ZLIB Threads::Threads)
target_precompile_headers(kiroku_fuzzed PRIVATE ${HEADERS_STD})

file(GLOB targets CONFIGURE_DEPENDS tests/fuzz/*.cpp)
foreach(target ${targets})
  get_filename_component(name ${target} NAME_WE)
  add_executable(fuzz_${name} EXCLUDE_FROM_ALL ${target})
  target_link_libraries(fuzz_${name} PRIVATE kiroku_fuzzed)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endforeach()
