# SPDX-License-Identifier: GPL-2.0-or-later
# adiemu, libadimm with its header and a pkg-config file, man pages, and
# completion for the shells.
install(TARGETS adiemu RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${CMAKE_BINARY_DIR}/libadimm.a
    DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${CMAKE_SOURCE_DIR}/api/adimm.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
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
