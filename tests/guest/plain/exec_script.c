// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/exec_script.c - scripts whose interpreter is this program
 *
 * Catches a process that has the name of its interpreter instead of the
 * script's, arguments in another order, and what the kernel refuses.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libgen.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "process.h"

static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int interpreter(int argc, char **argv)
{
    char name[17] = "", exe[4096];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

    exe[n > 0 ? n : 0] = '\0';
    prctl(PR_GET_NAME, name);
    printf("  comm %s, execfn %s, exe %s:", name,
           base((char *)getauxval(AT_EXECFN)), base(exe));
    for (int i = 0; i < argc; i++)
        printf(" [%s]", base(argv[i]));
    puts("");
    return 7;
}

static void script(const char *name, const char *first, int mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    EXPECT(fd >= 0);
    EXPECT(write(fd, first, strlen(first)) == (ssize_t)strlen(first));
    EXPECT(fchmod(fd, mode) == 0 && close(fd) == 0);
}

static void run(const char *name)
{
    char *args[] = {"zero", "one", NULL}, *env[] = {NULL};
    pid_t pid = fork_child();
    int code;

    if (pid == 0) {
        execve(name, args, env);
        printf("  %s: %s\n", base(name), strerrorname_np(errno));
        fflush(stdout);
        _exit(1);
    }
    code = reap(pid);
    printf("%s -> %d\n", base(name), code);
}

/* The kernel looks at 256 bytes: a name that may go on behind them is none,
 * also when a file has the name that is left; an argument is cut. */
static void run_cut(const char *self)
{
    char name[300], text[600];

    for (int left = 249; left <= 253; left++) {
        memset(name, 'y', sizeof(name));
        name[left] = '\0';
        EXPECT(symlink(self, name) == 0);
        for (int tail = 0; tail < 3; tail++) {
            snprintf(text, sizeof(text), "#!./%s%s", name,
                     tail == 0   ? ""
                     : tail == 1 ? "EVIL"
                                 : " arg");
            script("cut", text, 0755);
            printf("%d bytes, tail %d: ", left, tail);
            run("cut");
        }
        unlink(name);
    }
    EXPECT(symlink(self, "i") == 0);
    memset(name, 'z', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    snprintf(text, sizeof(text), "#!./i %s\n", name);
    script("cut", text, 0755);
    run("cut");
    memset(name, ' ', sizeof(name) - 1);
    snprintf(text, sizeof(text), "#!%s./i\n", name);
    script("cut", text, 0755);
    run("cut");
    script("cut", "#!", 0755);
    run("cut");
    unlink("i");
    unlink("cut");
}

int main(int argc, char **argv)
{
    char self[4096], dir[32], text[5000], cwd[2048];
    static const char *const names[] = {"short",   "a_script_with_a_long_name",
                                        "nested",  "no_newline",
                                        "blanks",  "empty",
                                        "loop",    "missing",
                                        "private", "text"};
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (argc > 2) /* run by a script */
        return interpreter(argc, argv);
    EXPECT(n > 0);
    self[n] = '\0';
    enter_scratch(dir);
    EXPECT(getcwd(cwd, sizeof(cwd)));
    snprintf(text, sizeof(text), "#!%s\nignored\n", self);
    script("short", text, 0755);
    snprintf(text, sizeof(text), "#!%s a word  and more \n", self);
    script("a_script_with_a_long_name", text, 0755);
    snprintf(text, sizeof(text), "#!%s/short inner", cwd);
    script("nested", text, 0700);
    snprintf(text, sizeof(text), "#!%s", self);
    script("no_newline", text, 0755);
    snprintf(text, sizeof(text), "#! \t %s\t x\t\n", self);
    script("blanks", text, 0755);
    script("empty", "#! \n", 0755);
    snprintf(text, sizeof(text), "#!%s/loop\n", cwd);
    script("loop", text, 0755);
    script("missing", "#!/nonexistent/interpreter\n", 0755);
    snprintf(text, sizeof(text), "#!%s\n", self);
    script("private", text, 0600);
    script("text", "just text\n", 0755);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        run(names[i]);
    }
    run_cut(self);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(names[i]);
    leave_scratch(dir);
    return 0;
}
