# Functions that declare the project's targets; every target gets its options here and nowhere else.

function(labelbeam_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion)
  if(CMAKE_UNITY_BUILD)  # g++ takes the sources in a unit for headers with unnamed namespaces
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
  if(LABELBEAM_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(LABELBEAM_SANITIZE)  # -O1 and lines alone: quicker to build, and enough for a stack trace
    target_compile_options(${target} PRIVATE -fsanitize=${LABELBEAM_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all -O1 -g1)
    target_link_options(${target} PUBLIC -fsanitize=${LABELBEAM_SANITIZE})
  endif()
endfunction()

# labelbeam_add_room(NAME SOURCES ... [PUBLIC targets...] [PRIVATE targets...])
#
# One room: the library target labelbeam::NAME with public headers in include/ and sources in src/.
# Installed as the component NAME of the package.
function(labelbeam_add_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(target labelbeam_${name})
  add_library(${target} ${ROOM_SOURCES})
  add_library(labelbeam::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  labelbeam_compile_options(${target})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
  target_link_libraries(${target} PUBLIC ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE})

  install(TARGETS ${target} EXPORT labelbeam-${name})
  install(EXPORT labelbeam-${name} NAMESPACE labelbeam:: DESTINATION ${LABELBEAM_PACKAGE_DIR})
  if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include)
    install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
  endif()
  set_property(GLOBAL APPEND PROPERTY LABELBEAM_ROOMS ${name})
endfunction()

# labelbeam_prefer_own_fmt(TARGET)
#
# For rooms that see LibTorch's headers: the torch wheel has headers of another fmt version among them, which would
# hide those of the fmt that is linked. A folder with these alone goes first.
function(labelbeam_prefer_own_fmt target)
  set(folder "${PROJECT_BINARY_DIR}/fmt-headers")
  get_target_property(headers fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
  if(NOT EXISTS "${headers}/fmt/format.h")
    message(FATAL_ERROR "The headers of fmt are not in one folder ('${headers}'): install fmt as a package, and give \
it through fmt_DIR or CMAKE_PREFIX_PATH.")
  endif()
  file(MAKE_DIRECTORY "${folder}")
  file(CREATE_LINK "${headers}/fmt" "${folder}/fmt" SYMBOLIC)
  target_include_directories(${target} SYSTEM BEFORE PRIVATE "${folder}")
endfunction()

# labelbeam_add_benchmark_program(NAME SOURCES ... LINK targets...)
#
# One Google Benchmark program, also built by the target labelbeam_benchmarks. Where there are tests, one runs it
# briefly, so that it does not rot.
function(labelbeam_add_benchmark_program name)
  cmake_parse_arguments(BENCH "" "" "SOURCES;LINK" ${ARGN})
  set(target labelbeam_bench_${name})
  add_executable(${target} ${BENCH_SOURCES})
  labelbeam_compile_options(${target})
  target_link_libraries(${target} PRIVATE ${BENCH_LINK} benchmark::benchmark_main)
  if(NOT TARGET labelbeam_benchmarks)
    add_custom_target(labelbeam_benchmarks)
  endif()
  add_dependencies(labelbeam_benchmarks ${target})
  if(LABELBEAM_TESTS)
    add_test(NAME "bench: ${name} runs" COMMAND ${target} --benchmark_min_time=0.001)
    set_tests_properties("bench: ${name} runs" PROPERTIES FAIL_REGULAR_EXPRESSION "ERROR OCCURRED")
  endif()
endfunction()

# labelbeam_add_test_program(NAME SOURCES ... LINK targets...)
#
# One Catch2 program whose test cases ctest runs one by one, as NAME: test case. Tests take longer to compile than
# to run: Release compiles them with -O1.
function(labelbeam_add_test_program name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINK" ${ARGN})
  set(target labelbeam_${name}_tests)
  add_executable(${target} ${TEST_SOURCES})
  labelbeam_compile_options(${target})
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_link_libraries(${target} PRIVATE ${TEST_LINK} labelbeam_test_support)
  # One thread in a program: ctest runs several programs at once, and LibTorch's threads wait by spinning.
  catch_discover_tests(${target} TEST_PREFIX "${name}: "
    PROPERTIES ENVIRONMENT "OMP_NUM_THREADS=1")
endfunction()
