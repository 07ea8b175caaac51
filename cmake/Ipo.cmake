# SPDX-License-Identifier: GPL-2.0-or-later
# The way through the library is many small functions in as many files: a
# release compiles it as one.  That is done when a program is linked, so it is
# only for those that are installed or measured; tests link the usual code.
#
#   ipo_library(TARGET...)     what is compiled for both
#   ipo_not(TARGET...)         programs, or what they link, without it
include(CheckIPOSupported)
check_ipo_supported(RESULT has_ipo LANGUAGES C)
if(has_ipo AND NOT CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set(has_ipo OFF) # no objects that serve both ways
endif()

function(ipo_library)
    if(has_ipo)
        set_target_properties(${ARGN} PROPERTIES
            INTERPROCEDURAL_OPTIMIZATION_RELEASE ON)
        foreach(target ${ARGN})
            target_compile_options(${target} PRIVATE
                $<$<CONFIG:Release>:-ffat-lto-objects>)
        endforeach()
    endif()
endfunction()

function(ipo_not)
    foreach(target ${ARGN})
        if(has_ipo)
            target_link_options(${target} PUBLIC $<$<CONFIG:Release>:-fno-lto>)
        endif()
    endforeach()
endfunction()
