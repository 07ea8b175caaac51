# SPDX-License-Identifier: GPL-2.0-or-later
# ADIEMU_SANITIZE=address,undefined instruments everything but the archive;
# ADIEMU_COVERAGE counts branches for gcov.
if(ADIEMU_SANITIZE)
    add_compile_options(-fsanitize=${ADIEMU_SANITIZE}
                        -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${ADIEMU_SANITIZE})
endif()
if(ADIEMU_COVERAGE)
    add_compile_options(--coverage -fprofile-update=single)
    add_link_options(--coverage)
endif()
