# Language level, warnings and sanitizers: the same for every target of the project.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

set(MIKURA_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
option(MIKURA_FUZZ "Build the libFuzzer targets (clang only)" OFF)

find_program(MIKURA_CCACHE ccache)
if(MIKURA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MIKURA_CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                    -Wcast-align -Wunused -Woverloaded-virtual -Wnull-dereference
                    -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives for std::variant and std::vector in optimised builds.
  add_compile_options(-Wno-maybe-uninitialized -Wno-null-dereference -Wno-stringop-overflow
                      -Wno-array-bounds -Wno-restrict -Wno-stringop-overread)
endif()

# fmt checks format strings at compile time with consteval.
add_compile_definitions(FMT_ENFORCE_COMPILE_STRING=0)

if(MIKURA_SANITIZE)
  add_compile_options(-fsanitize=${MIKURA_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MIKURA_SANITIZE})
else()
  add_compile_options(-fstack-protector-strong)
  if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
    add_compile_definitions(_FORTIFY_SOURCE=2)
  endif()
  add_link_options(-Wl,-z,relro,-z,now)
endif()
