# One library per folder, one test program per folder, with the same warnings everywhere.

add_library(coppice_warnings INTERFACE)
target_compile_definitions(coppice_warnings INTERFACE COPPICE_VERSION="${PROJECT_VERSION}")
target_compile_options(coppice_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>  # false alarms on optional and variant in g++ 12
  -Wno-missing-field-initializers)  # designated initialisers name what differs from the defaults

# coppice_library(NAME [LINKS target...]): every .cpp of the folder but main.cpp becomes coppice_NAME.
function(coppice_library name)
  cmake_parse_arguments(ARG "" "" "LINKS;PRIVATE_LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  set(target coppice_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${ARG_LINKS}
      PRIVATE coppice_warnings ${ARG_PRIVATE_LINKS})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} INTERFACE ${ARG_LINKS})
  endif()
endfunction()

# coppice_program(NAME LINKS target...): the folder's main.cpp becomes the program NAME.
function(coppice_program name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp)
    add_executable(${name} main.cpp)
    target_link_libraries(${name} PRIVATE coppice_warnings ${ARG_LINKS})
  endif()
endfunction()

# coppice_test(NAME LINKS target...): every *_test.cpp of the folder (and what helps it) becomes one
# GoogleTest program, registered as a single CTest entry per test case.
function(coppice_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE coppice_warnings ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE COPPICE_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    COPPICE_BINARY_DIR="${CMAKE_BINARY_DIR}/bin")
  gtest_discover_tests(${name} TEST_PREFIX "${name}." PROPERTIES TIMEOUT ${ARG_TIMEOUT}
    DISCOVERY_TIMEOUT 60)
endfunction()
