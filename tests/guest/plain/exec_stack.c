// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/exec_stack.c - arguments that the stack of the new program cannot hold
 *
 * A quarter of RLIMIT_STACK counts only above 128 KiB; below, it is the growth
 * of the stack that ends.
 */
#define _GNU_SOURCE
#include <sys/resource.h>
#include "process.h"

static void run(const char *self, rlim_t limit, size_t bytes)
{
    char *args[] = {"self", malloc(bytes + 1), NULL}, *env[] = {NULL};
    pid_t pid = fork_child();
    int code;

    memset(args[1], 'x', bytes);
    args[1][bytes] = '\0';
    if (pid == 0) {
        struct rlimit rl;

        EXPECT(getrlimit(RLIMIT_STACK, &rl) == 0);
        rl.rlim_cur = limit;
        EXPECT(setrlimit(RLIMIT_STACK, &rl) == 0);
        execve(self, args, env);
        printf("%s\n", strerrorname_np(errno));
        fflush(stdout);
        _exit(1);
    }
    code = reap(pid);
    printf("limit %lu, %zu bytes -> %d\n", (unsigned long)limit, bytes, code);
    free(args[1]);
}

int main(int argc, char **argv)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (argc > 1) {
        printf("runs, %zu bytes\n", strlen(argv[1]));
        return 3;
    }
    EXPECT(n > 0);
    self[n] = '\0';
    run(self, 65536, 70000);
    run(self, 65536, 30000);
    run(self, 131072, 140000);
    run(self, 131072, 90000);
    run(self, 1 << 20, 100000);
    return 0;
}
