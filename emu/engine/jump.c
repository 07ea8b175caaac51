/*
 * Returns and indirect jumps: look the next block up and go there, in place
 * of leaving translated code for the main loop.
 */
#include "emu/engine/internal.h"

void __wrap_tcg_gen_exit_tb_sparc64(void *tcg, void *tb, unsigned idx)
{
    if (tb)
        __real_tcg_gen_exit_tb_sparc64(tcg, tb, idx);
    else
        tcg_gen_lookup_and_goto_ptr_sparc64(tcg);
}
