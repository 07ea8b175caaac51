# adiemu, libadimm with its headers and a pkg-config file, man pages.
install(TARGETS adiemu RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS adimm ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(layer report mm adi swap migrate check drive)
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/${layer}
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/adimm
        FILES_MATCHING PATTERN "*.h" PATTERN "*.def"
        PATTERN "internal.h" EXCLUDE)
endforeach()
configure_file(${CMAKE_SOURCE_DIR}/cmake/adimm.pc.in adimm.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/adimm.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(GLOB man_pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*.1)
install(FILES ${man_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
