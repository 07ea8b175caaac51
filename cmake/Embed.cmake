# SPDX-License-Identifier: GPL-2.0-or-later
# embed_files(TARGET HEADER FILE...): the bytes of each FILE as an array of
# TARGET, declared by HEADER: "html/report.html" is embedded_report_html.
#
# This file is also the script that writes the arrays: one build step a file.
if(CMAKE_SCRIPT_MODE_FILE)
    file(READ ${IN} bytes HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" bytes
        "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    file(WRITE ${OUT} "#include \"${HEADER}\"\n\n"
        "const unsigned char ${NAME}[] = {\n${bytes}};\n"
        "const size_t ${NAME}_len = sizeof(${NAME});\n")
    return()
endif()

set(embed_script ${CMAKE_CURRENT_LIST_FILE})

function(embed_files target header)
    foreach(file ${ARGN})
        get_filename_component(name ${file} NAME)
        string(MAKE_C_IDENTIFIER embedded_${name} name)
        set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}.c)
        add_custom_command(OUTPUT ${out}
            COMMAND ${CMAKE_COMMAND}
                -DIN=${CMAKE_CURRENT_SOURCE_DIR}/${file} -DOUT=${out}
                -DNAME=${name} -DHEADER=${header} -P ${embed_script}
            DEPENDS ${file} ${embed_script}
            COMMENT "embed ${file}")
        target_sources(${target} PRIVATE ${out})
    endforeach()
endfunction()
