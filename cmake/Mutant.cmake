# SPDX-License-Identifier: GPL-2.0-or-later
# A build with one bug put in on purpose (tests/mutate/): the file as it would
# be is made here and compiled in place of the original.
set(ADIEMU_MUTANT "" CACHE STRING "one bug of tests/mutate/mutants.txt")
if(NOT ADIEMU_MUTANT)
    return()
endif()

find_package(Python3 REQUIRED COMPONENTS Interpreter)
execute_process(
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/mutate/mutants.py
        --apply ${ADIEMU_MUTANT} --output ${CMAKE_BINARY_DIR}/mutant
    OUTPUT_VARIABLE file OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "no mutant ${ADIEMU_MUTANT}")
endif()
get_filename_component(layer ${file} DIRECTORY)
get_filename_component(name ${file} NAME)
set(mutant ${CMAKE_BINARY_DIR}/mutant/${file})
if(name MATCHES "[.]h$")
    # Whoever includes it finds the changed one first; nobody is in its folder.
    include_directories(BEFORE ${CMAKE_BINARY_DIR}/mutant)
    foreach(one ${layers})
        target_include_directories(${one} BEFORE PRIVATE
            ${CMAKE_BINARY_DIR}/mutant)
    endforeach()
else()
    get_target_property(sources ${layer} SOURCES)
    list(REMOVE_ITEM sources ${name})
    set_target_properties(${layer} PROPERTIES SOURCES "${sources};${mutant}")
    # What the bug leaves unused is not worth a warning.
    set_source_files_properties(${mutant} TARGET_DIRECTORY ${layer}
        PROPERTIES COMPILE_OPTIONS -w)
endif()
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY
    CMAKE_CONFIGURE_DEPENDS tests/mutate/mutants.txt ${file})
