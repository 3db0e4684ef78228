# One library and one test program for each folder of engine/.

# mikura_library(NAME SOURCES a.cc ... DEPENDS mikura_base ... PRIVATE_DEPENDS OpenSSL::Crypto ...)
# Third-party libraries belong to PRIVATE_DEPENDS: one folder includes each of them.
function(mikura_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(mikura_${name} STATIC ${arg_SOURCES})
  target_include_directories(mikura_${name} PUBLIC ${PROJECT_SOURCE_DIR}/engine)
  target_link_libraries(mikura_${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
endfunction()

# mikura_test(NAME SOURCES a_test.cc ... DEPENDS ...): a program run by ctest, one ctest case per
# program (the process start and the discovery of thousands of cases would cost more than the tests).
function(mikura_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPENDS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  add_executable(mikura_${name}_test ${arg_SOURCES})
  target_compile_definitions(mikura_${name}_test PRIVATE
    MIKURA_SOURCE_DIR="${PROJECT_SOURCE_DIR}" MIKURA_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(mikura_${name}_test PRIVATE ${arg_DEPENDS} GTest::gmock GTest::gtest
                        GTest::gtest_main Threads::Threads)
  add_test(NAME ${name} COMMAND mikura_${name}_test)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT})
endfunction()

# RapidCheck's headers predate some of our warnings.
add_library(mikura_rapidcheck INTERFACE)
target_link_libraries(mikura_rapidcheck INTERFACE rapidcheck)
