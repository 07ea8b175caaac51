// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls of the slow paths of stores that return where they were made.
 *
 * The slow path of a load calls its helper and jumps back.  That of a store
 * pushes the address to go on at and jumps to the helper, so that one
 * instruction is saved; the host, which pairs returns with calls, predicts
 * that return wrong each time, and all others that it is still to see.  A
 * store to a page of many tags goes this way always.  So, on x86-64, when a
 * block was translated its stores are made calls, at the same place:
 *
 *      lea   back(%rip), %r8           push  $1; pop %r8
 *      push  %r8                       call  *helper(%rip)
 *      jmp   *helper(%rip)             jmp   back
 *
 * There is no room for the address in %r8, by which the archive finds the
 * instruction: engine_after_store() takes it from the jump behind the call.
 * What does not look exactly like that is left as it is.
 *
 * Source: Unicorn v2.1.3 qemu/tcg/i386/tcg-target.inc.c
 * tcg_out_qemu_st_slow_path(), tcg_out_movi(), tcg_out_branch().
 */
#include <string.h>

#include "emu/engine/internal.h"
#include "emu/engine/translate.h"

#define TB_CODE 32 /* TranslationBlock: where its code is */

#if defined(__x86_64__)

#define LEA_BYTES  7
#define CALL_BYTES 10 /* up to the end of the call */
#define BYTES      15

static uint32_t u32_at(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static bool is_store_helper(uintptr_t f)
{
#define IS(name) (f == (uintptr_t)__wrap_helper_##name##_mmu_sparc64)
    return IS(ret_stb) || IS(be_stw) || IS(be_stl) || IS(be_stq) ||
           IS(le_stw) || IS(le_stl) || IS(le_stq);
#undef IS
}

/* Before it, the third argument: mov $oi, %ecx, or xor %ecx, %ecx. */
static bool behind_oi(const uint8_t *at)
{
    return at[-5] == 0xb9 || (at[-2] == 0x31 && at[-1] == 0xc9);
}

/* The three instructions at @at, in the code of [code, end)? */
static bool is_store(const uint8_t *code, const uint8_t *at, const uint8_t *end)
{
    static const uint8_t lea[] = {0x4c, 0x8d, 0x05}, jmp[] = {0xff, 0x25};
    const uint8_t *back, *literal;
    uintptr_t helper;

    if (at - code < LEA_BYTES || end - at < BYTES + (ptrdiff_t)sizeof(helper) ||
        memcmp(at, lea, sizeof(lea)) != 0 ||
        memcmp(at + LEA_BYTES + 2, jmp, sizeof(jmp)) != 0 || !behind_oi(at))
        return false;
    back = at + LEA_BYTES + (int32_t)u32_at(at + sizeof(lea));
    literal = at + BYTES + (int32_t)u32_at(at + BYTES - 4);
    if (back <= code || back >= at || literal < at + BYTES ||
        end - literal < (ptrdiff_t)sizeof(helper))
        return false;
    memcpy(&helper, literal, sizeof(helper));
    return is_store_helper(helper);
}

static void make_call(uint8_t *at)
{
    uint8_t new[BYTES] = {0x6a, ENGINE_RA_BEHIND, 0x41, 0x58, 0xff, 0x15};
    uint32_t back = u32_at(at + 3) - (BYTES - LEA_BYTES);
    uint32_t literal = u32_at(at + BYTES - 4) + (BYTES - CALL_BYTES);

    memcpy(new + 6, &literal, sizeof(literal));
    new[CALL_BYTES] = 0xe9;
    memcpy(new + CALL_BYTES + 1, &back, sizeof(back));
    memcpy(at, new, sizeof(new));
}

static void make_calls(uint8_t *code, size_t size)
{
    static const uint8_t push[] = {0x41, 0x50};
    uint8_t *end = code + size, *p = code;

    for (;;) {
        p = memmem(p, (size_t)(end - p), push, sizeof(push));
        if (!p)
            return;
        if (p - code >= LEA_BYTES && is_store(code, p - LEA_BYTES, end))
            make_call(p - LEA_BYTES);
        p += sizeof(push);
    }
}

#else

static void make_calls(uint8_t *code, size_t size)
{
    (void)code, (void)size;
}

#endif

int __wrap_tcg_gen_code_sparc64(void *tcg, void *tb)
{
    int size = __real_tcg_gen_code_sparc64(tcg, tb);

    if (size > 0 && translate_step(ENGINE_STEP_CALLS))
        make_calls(*(uint8_t **)((uint8_t *)tb + TB_CODE), (size_t)size);
    return size;
}
