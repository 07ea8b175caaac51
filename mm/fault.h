/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/fault.h - a page fault: from the entry's state to a present entry
 *
 * Owns:    struct vm_fault
 * Used by: emu/ when the CPU or a system call misses; swap/ takes part;
 *          migrate/, script/
 * Source:  linux v6.2 mm/memory.c, arch/sparc/mm/fault_64.c
 */
#pragma once

#include "mm/pte.h"

struct mm;
struct vma;
struct folio;

/*
 * How a fault ended.
 *
 * FAULT_OK      the entry now grants the access; try it again
 * FAULT_MAPERR  SIGSEGV, SEGV_MAPERR: no area there
 * FAULT_ACCERR  SIGSEGV, SEGV_ACCERR: the area forbids it
 * FAULT_BUS     SIGBUS, BUS_ADRERR: past the end of a file, or the page
 *               could not be read
 * FAULT_HWPOISON  VM_FAULT_HWPOISON: an error of get_user_pages(), which
 *               do_sparc64_fault() does not know; see mm_fault_is_bug()
 * FAULT_GUARD   VM_FAULT_SIGSEGV: as FAULT_ACCERR to the CPU, but -EFAULT to
 * who populates: a guard marker FAULT_OOM     no frame, and nothing to reclaim:
 * the process is killed FAULT_RETRY   another event has to happen first; fault
 * again FAULT_WAIT    nothing was done, and faulting again at once is no use:
 * whoever brings the page wakes the task that waits for it
 */
enum fault {
    FAULT_OK,
    FAULT_MAPERR,
    FAULT_ACCERR,
    FAULT_BUS,
    FAULT_HWPOISON,
    FAULT_GUARD,
    FAULT_OOM,
    FAULT_RETRY,
    FAULT_WAIT
};

/* Flags of a fault in progress, as FAULT_FLAG_* */
#define FAULT_FLAG_WRITE   0x1u
#define FAULT_FLAG_UNSHARE 0x2u

struct vm_fault {
    struct mm *mm;
    struct vma *vma;
    gva_t addr; /* page aligned */
    unsigned flags;
    const pte_t *ptep;
    pte_t orig; /* the entry when the fault was taken */
};

/*
 * mm_handle_fault - make @va accessible, or say why it cannot be
 *
 * @va: tag bits stripped
 * Source: do_sparc64_fault(), handle_mm_fault(), handle_pte_fault()
 */
enum fault mm_handle_fault(struct mm *mm, gva_t va, enum access access);

/*
 * mm_fault_is_bug - a CPU, or a copy of the kernel from or to the user, had
 *                   @fault: is it one that do_sparc64_fault() does not know?
 *
 * Then the kernel ends there, and EV_KERNEL_BUG is told.  Who gets pages as
 * get_user_pages() does has an error, and does not ask.
 * Source: do_sparc64_fault()
 */
bool mm_fault_is_bug(struct mm *mm, gva_t va, enum access access,
                     enum fault fault);

/* mm_may_fault - is there an area that allows @access to @va?  Or else a stack
 * may grow, or mm_handle_fault() says FAULT_MAPERR or FAULT_ACCERR. */
bool mm_may_fault(struct mm *mm, gva_t va, enum access access);

/* mm_handle_fault_forced - FOLL_FORCE: though the area forbids it */
enum fault mm_handle_fault_forced(struct mm *mm, gva_t va, enum access access);

/*
 * mm_do_wp_page - a write to a present entry that forbids it
 *
 * Source: do_wp_page(), wp_page_copy(), wp_page_reuse()
 */
enum fault mm_do_wp_page(struct vm_fault *vmf);

/* maybe_mkwrite: writable when the area is */
pte_t maybe_mkwrite(pte_t pte, const struct vma *vma);
