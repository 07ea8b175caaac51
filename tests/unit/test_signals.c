// SPDX-License-Identifier: GPL-2.0-or-later
/* cli/signals.c: whose signal is it, adiemu's or the program's? */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/signals.h"

/* What the child says when the program got something. */
#define EXIT_PROGRAM  3
#define EXIT_PROGRESS 4

bool machine_knows_signal(int sig)
{
    return sig != SIGKILL && sig != SIGSTOP && sig < 32;
}

void machine_signal(struct machine *m, const siginfo_t *info, sigset_t *mask)
{
    (void)m, (void)info, (void)mask;
    _exit(EXIT_PROGRAM);
}

void machine_progress(struct machine *m)
{
    (void)m;
    _exit(EXIT_PROGRESS);
}

static int status_of(void (*fn)(void))
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit none = {0, 0};

        (void)setrlimit(RLIMIT_CORE, &none);
        /* cmocka has handlers for these, a sanitizer may have. */
        (void)signal(SIGSEGV, SIG_DFL);
        (void)signal(SIGILL, SIG_DFL);
        (void)signal(SIGTRAP, SIG_DFL);
        signals_catch(NULL, 0);
        fn();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void load_from_nowhere(void)
{
    volatile uintptr_t nowhere = 64;

    (void)*(volatile int *)nowhere;
}

static void trap(void)
{
    __builtin_trap();
}

static void write_to_nobody(void)
{
    int fds[2];

    if (pipe(fds) != 0 || close(fds[0]) != 0)
        _exit(1);
    if (write(fds[1], "x", 1) != -1 || errno != EPIPE)
        _exit(1);
}

static void write_beyond_limit(void)
{
    const struct rlimit none = {0, 0};
    FILE *f = tmpfile();

    if (!f || setrlimit(RLIMIT_FSIZE, &none) != 0)
        _exit(1);
    if (write(fileno(f), "x", 1) != -1 || errno != EFBIG)
        _exit(1);
}

static void wait_for_parent(void)
{
    for (;;)
        pause();
}

static void test_fault_of_ours_kills_us(void **state)
{
    (void)state;
    assert_int_equal(WTERMSIG(status_of(load_from_nowhere)), SIGSEGV);
    assert_true(WIFSIGNALED(status_of(trap))); /* SIGILL or SIGTRAP */
    assert_int_equal(WTERMSIG(status_of(abort)), SIGABRT);
}

static void test_error_of_a_write_is_no_signal(void **state)
{
    (void)state;
    assert_int_equal(status_of(write_to_nobody), 0);
    assert_int_equal(status_of(write_beyond_limit), 0);
}

static void test_what_others_send_is_the_programs(void **state)
{
    static const int sigs[] = {SIGSEGV, SIGABRT, SIGPIPE, SIGXFSZ, SIGTRAP};

    (void)state;
    for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
        int status, fds[2];
        char ready;
        pid_t pid;

        assert_int_equal(pipe(fds), 0);
        pid = fork();
        if (pid == 0) {
            signals_catch(NULL, 0);
            if (write(fds[1], "r", 1) == 1)
                wait_for_parent();
        }
        assert_int_equal(read(fds[0], &ready, 1), 1);
        assert_int_equal(kill(pid, sigs[i]), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), EXIT_PROGRAM);
        close(fds[0]);
        close(fds[1]);
    }
}

static void test_released_signal_ends_us(void **state)
{
    pid_t pid = fork();
    int status;

    (void)state;
    if (pid == 0) {
        signals_catch(NULL, 0);
        signals_release();
        (void)raise(SIGPIPE);
        (void)raise(SIGTERM);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_of_ours_kills_us),
        cmocka_unit_test(test_error_of_a_write_is_no_signal),
        cmocka_unit_test(test_what_others_send_is_the_programs),
        cmocka_unit_test(test_released_signal_ends_us),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
