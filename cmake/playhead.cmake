# Compiler flags and third-party libraries, in one place.
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(simdjson REQUIRED)
find_package(absl REQUIRED)
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
find_library(ROCKSDB_LIBRARY NAMES librocksdb.a REQUIRED)
find_path(ROCKSDB_INCLUDE_DIR rocksdb/db.h REQUIRED)
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)  # its functions are inlined: nothing to link

# Debian's own CMake file for RocksDB asks for development packages that nothing here needs.
add_library(playhead_rocksdb_lib INTERFACE)
target_link_libraries(playhead_rocksdb_lib INTERFACE ${ROCKSDB_LIBRARY} snappy z bz2 lz4 zstd
                      Threads::Threads dl)

# Asio without its separate library, Beast without its Fields extras; both only where included.
add_library(playhead_asio INTERFACE)
target_compile_definitions(playhead_asio INTERFACE BOOST_ASIO_NO_DEPRECATED
                           BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(playhead_asio INTERFACE Boost::headers Threads::Threads)

add_library(playhead_flags INTERFACE)
target_compile_options(playhead_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                       -Woverloaded-virtual -Wcast-align -Wunused -Werror)
target_include_directories(playhead_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)

# Without these, GCC clears and copies structs of 128 bytes and more, as records and reports are, with
# `rep stos` and `rep movs`, which take longer to start than such a struct takes: a tenth of a row.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  set(by_words "unrolled_loop:512:noalign,libcall:-1:noalign")
  target_compile_options(playhead_flags INTERFACE
    $<$<CONFIG:Release>:-mmemset-strategy=${by_words};-mmemcpy-strategy=${by_words}>)
endif()

if(PLAYHEAD_SANITIZE)
  add_compile_options(-fsanitize=${PLAYHEAD_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PLAYHEAD_SANITIZE})
endif()
if(PLAYHEAD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link
                      -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tests/fuzz/ignorelist.txt)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# One static library a layer: every source file in src/<name>, linked to the layers below it.
function(playhead_layer name)
  cmake_parse_arguments(ARG "" "" "FOLDERS;LINKS" ${ARGN})
  if(NOT ARG_FOLDERS)
    set(ARG_FOLDERS ${name})
  endif()
  set(sources)
  foreach(folder ${ARG_FOLDERS})
    file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.cc)
    list(APPEND sources ${found})
  endforeach()
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  add_library(playhead_${name} STATIC ${sources})
  target_link_libraries(playhead_${name} PRIVATE playhead_flags PUBLIC ${ARG_LINKS})
  target_include_directories(playhead_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  if(PLAYHEAD_LTO)
    set_target_properties(playhead_${name} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
  endif()
endfunction()
