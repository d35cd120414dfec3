# schemas/core/generator/generate.cmake: C++ from the schemas whenever one of them changes.
# Sets KIROKU_GENERATED_SOURCES; the target kiroku_generated makes them, below ${CMAKE_BINARY_DIR}/generated.
set(KIROKU_GENERATOR ${CMAKE_CURRENT_LIST_DIR})
file(GLOB_RECURSE KIROKU_SCHEMAS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schemas/*.json)
file(GLOB KIROKU_GENERATOR_FILES CONFIGURE_DEPENDS ${KIROKU_GENERATOR}/*.py)

# Which files there will be follows from the names of the schemas alone, so it is settled here.
set(ENV{PYTHONDONTWRITEBYTECODE} 1)
execute_process(
  COMMAND ${Python3_EXECUTABLE} ${KIROKU_GENERATOR} --root ${CMAKE_SOURCE_DIR} --list
  OUTPUT_VARIABLE KIROKU_GENERATED RESULT_VARIABLE failed ERROR_VARIABLE problem OUTPUT_STRIP_TRAILING_WHITESPACE)
if(failed)
  message(FATAL_ERROR "${problem}")
endif()
string(REPLACE "\n" ";" KIROKU_GENERATED "${KIROKU_GENERATED}")
list(TRANSFORM KIROKU_GENERATED PREPEND ${CMAKE_BINARY_DIR}/generated/)
set(KIROKU_GENERATED_SOURCES ${KIROKU_GENERATED})
list(FILTER KIROKU_GENERATED_SOURCES INCLUDE REGEX "\\.cpp$")

# Files whose content stays are not touched; the stamp tells that they are up to date all the same.
set(KIROKU_GENERATED_STAMP ${CMAKE_BINARY_DIR}/generated/stamp)
add_custom_command(
  OUTPUT ${KIROKU_GENERATED_STAMP}
  BYPRODUCTS ${KIROKU_GENERATED}
  COMMAND ${CMAKE_COMMAND} -E env PYTHONDONTWRITEBYTECODE=1
          ${Python3_EXECUTABLE} ${KIROKU_GENERATOR} --root ${CMAKE_SOURCE_DIR} --out ${CMAKE_BINARY_DIR}/generated
  COMMAND ${CMAKE_COMMAND} -E touch ${KIROKU_GENERATED_STAMP}
  DEPENDS ${KIROKU_SCHEMAS} ${KIROKU_GENERATOR_FILES}
  COMMENT "Generating C++ from schemas"
  VERBATIM)
add_custom_target(kiroku_generated DEPENDS ${KIROKU_GENERATED_STAMP})
