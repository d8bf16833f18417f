# Third-party libraries, all from the distribution; packages.txt names the packages.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(CapnProto REQUIRED)
set(Boost_USE_STATIC_LIBS ON)  # fewer libraries in each agent
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(zmq REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)

find_library(ROARING_LIBRARY roaring REQUIRED)
add_library(roaring_bitmap INTERFACE)
target_link_libraries(roaring_bitmap INTERFACE ${ROARING_LIBRARY})
pkg_check_modules(lzma REQUIRED IMPORTED_TARGET liblzma)
