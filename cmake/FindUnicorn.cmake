# SPDX-License-Identifier: GPL-2.0-or-later
# Unicorn::Unicorn, the static archive of Unicorn 2.1.3 with its slow paths
# interposed (emu/engine/wraps.def).
#
# Looks in Unicorn_ROOT (a folder with include/ and lib/), then where
# cmake/setup.sh puts the unpacked wheel.  Any other version stops here: the
# engine knows the layout of this one.

set(_unicorn_cache $ENV{ADIEMU_CACHE})
if(NOT _unicorn_cache)
    set(_unicorn_cache $ENV{XDG_CACHE_HOME}/adiemu)
    if(NOT DEFINED ENV{XDG_CACHE_HOME} OR "$ENV{XDG_CACHE_HOME}" STREQUAL "")
        set(_unicorn_cache $ENV{HOME}/.cache/adiemu)
    endif()
endif()
set(_unicorn_help "Run `sh cmake/setup.sh` once, or give "
    "-DUnicorn_ROOT=FOLDER of an unpacked PyPI wheel unicorn==2.1.3 "
    "(its folder unicorn/, with include/ and lib/libunicorn.a).")
string(CONCAT _unicorn_help ${_unicorn_help})

find_path(Unicorn_INCLUDE_DIR unicorn/unicorn.h
    HINTS ${Unicorn_ROOT}/include ${Unicorn_ROOT}/unicorn/include
          ${_unicorn_cache}/unicorn-2.1.3/unicorn/include
    NO_DEFAULT_PATH)
find_library(Unicorn_LIBRARY NAMES libunicorn.a
    HINTS ${Unicorn_ROOT}/lib ${Unicorn_ROOT}/unicorn/lib
          ${_unicorn_cache}/unicorn-2.1.3/unicorn/lib
    NO_DEFAULT_PATH)
if(NOT Unicorn_INCLUDE_DIR OR NOT Unicorn_LIBRARY)
    message(FATAL_ERROR "Unicorn 2.1.3 was not found. ${_unicorn_help}")
endif()

file(STRINGS ${Unicorn_INCLUDE_DIR}/unicorn/unicorn.h _unicorn_lines
    REGEX "^#define UC_API_(MAJOR|MINOR|PATCH) [0-9]+")
foreach(_line ${_unicorn_lines})
    if(_line MATCHES "UC_API_(MAJOR|MINOR|PATCH) ([0-9]+)")
        set(_unicorn_${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
    endif()
endforeach()
set(Unicorn_VERSION
    ${_unicorn_MAJOR}.${_unicorn_MINOR}.${_unicorn_PATCH})
if(NOT Unicorn_VERSION VERSION_EQUAL 2.1.3)
    message(FATAL_ERROR
        "Unicorn ${Unicorn_VERSION} in ${Unicorn_INCLUDE_DIR} cannot be used: "
        "versions before 2.1.3 give no exact PC in the TLB hook, 2.1.4 loses "
        "the PC of a trap in a delay slot. ${_unicorn_help}")
endif()

# One table: the symbols that we interpose or call, for the linker too.
file(STRINGS ${CMAKE_SOURCE_DIR}/emu/engine/wraps.def _unicorn_table
    REGEX "^(WRAP|CALL)\\(")
execute_process(COMMAND ${CMAKE_NM} -g --defined-only ${Unicorn_LIBRARY}
    OUTPUT_VARIABLE _unicorn_syms ERROR_QUIET)
set(Unicorn_LINK_OPTIONS)
foreach(_line ${_unicorn_table})
    string(REGEX MATCH "^(WRAP|CALL)\\(([A-Za-z0-9_]+)" _ ${_line})
    set(_kind ${CMAKE_MATCH_1})
    set(_symbol ${CMAKE_MATCH_2})
    if(NOT _unicorn_syms MATCHES " T ${_symbol}\n")
        message(FATAL_ERROR
            "${Unicorn_LIBRARY} has no function ${_symbol}, which the engine "
            "interposes: it was built without SPARC, or from other sources. "
            "${_unicorn_help}")
    endif()
    if(_kind STREQUAL WRAP)
        list(APPEND Unicorn_LINK_OPTIONS "LINKER:--wrap=${_symbol}")
    endif()
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/emu/engine/wraps.def)

find_package(Threads REQUIRED)
if(NOT TARGET Unicorn::Unicorn)
    add_library(Unicorn::Unicorn STATIC IMPORTED)
    set_target_properties(Unicorn::Unicorn PROPERTIES
        IMPORTED_LOCATION ${Unicorn_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${Unicorn_INCLUDE_DIR}
        INTERFACE_LINK_OPTIONS "${Unicorn_LINK_OPTIONS}"
        INTERFACE_LINK_LIBRARIES "Threads::Threads;m")
endif()
set(Unicorn_FOUND TRUE)
