# SPDX-License-Identifier: GPL-2.0-or-later
# adiemu, libadimm with its headers and a pkg-config file, man pages, and
# completion for the shells.
install(TARGETS adiemu RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS adimm ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# Programs of others are not to be linked as one with it, by their compiler.
install(CODE "execute_process(COMMAND ${CMAKE_OBJCOPY}
    -R .gnu.lto_* -R .gnu.debuglto_*
    -N __gnu_lto_slim -N __gnu_lto_v1
    \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/libadimm.a
    COMMAND_ERROR_IS_FATAL ANY)")
foreach(layer ${layers})
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/${layer}
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/adimm
        FILES_MATCHING PATTERN "*.h" PATTERN "*.def"
        PATTERN "internal.h" EXCLUDE PATTERN "json.h" EXCLUDE)
endforeach()
# What is installed may be moved: pkg-config asks where the file is.
file(RELATIVE_PATH prefix_from_pc
    /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${CMAKE_SOURCE_DIR}/cmake/adimm.pc.in adimm.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/adimm.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(GLOB man_pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*.1)
install(FILES ${man_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_SOURCE_DIR}/cli/completion/adiemu.bash
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME adiemu)
install(FILES ${CMAKE_SOURCE_DIR}/cli/completion/_adiemu
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
