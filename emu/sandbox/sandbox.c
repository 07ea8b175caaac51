// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/sandbox/sandbox.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static bool entered;

const char *sandbox_available(bool *abstract)
{
    int abi = landlock_abi();

    *abstract = abi >= 6;
    if (abi < 1)
        return "--sandbox: the kernel has no Landlock, or it is not enabled";
    /* EFAULT: it is there, and has looked for the filter. */
    if (prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, 0, 0, 0) == 0 ||
        errno != EFAULT)
        return "--sandbox: the kernel has no seccomp filters";
    return NULL;
}

/* Landlock's rules are for the thread that asks, and those it makes. */
static bool has_one_thread(void)
{
    struct stat st;

    return stat("/proc/self/task", &st) == 0 && st.st_nlink == 3;
}

const char *sandbox_enter(const struct confine *c, int abi)
{
    if (!has_one_thread())
        return "--sandbox: adiemu has threads, or /proc is not mounted";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return "--sandbox: no_new_privs cannot be set";
    if (landlock_enter(c, abi) != 0)
        return "--sandbox: Landlock has refused the rules";
    if (seccomp_enter(abi) != 0)
        return "--sandbox: seccomp has refused the filter";
    entered = true;
    return NULL;
}

#if defined(__SANITIZE_ADDRESS__)
/* It would look for leaks by a thread that is a debugger of this one. */
int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
    return entered;
}
#endif
