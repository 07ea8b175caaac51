# SPDX-License-Identifier: GPL-2.0-or-later
# Warnings for our own code; errors only where a preset asks for it.
add_library(warnings INTERFACE)
target_compile_options(warnings INTERFACE -Wall -Wextra -Wshadow
    -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual
    -Wwrite-strings -Wno-missing-field-initializers)
target_compile_definitions(warnings INTERFACE _GNU_SOURCE)
