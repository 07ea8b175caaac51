// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/binfmt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/word.h"
#include "cli/options.h"

#define NAME   "adiemu-sparc64"
#define FOLDER "/proc/sys/fs/binfmt_misc"

/* ELF, 64 bits, big-endian, version 1, of any ABI, EM_SPARCV9; executable, or
 * position independent: of 2 and 3 the last bit does not count */
#define MAGIC                                                                  \
    "\\x7fELF\\x02\\x02\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"     \
    "\\x00\\x02\\x00\\x2b"
#define MASK                                                                   \
    "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff"   \
    "\\xff\\xff\\xff\\xfe\\xff\\xff"

#define MAX_LINE 1920 /* MAX_REGISTER_LENGTH */

#define AT_FLAGS_PRESERVE_ARGV0 1ul

enum action { PRINT, REGISTER, UNREGISTER };
enum key { KEY_PRINT = 0x400, KEY_REGISTER, KEY_UNREGISTER };

static const struct argp_option options[] = {
    {"print", KEY_PRINT, NULL, 0, "print the line for binfmt_misc (default)",
     1},
    {"register", KEY_REGISTER, NULL, 0, "give it to the kernel", 1},
    {"unregister", KEY_UNREGISTER, NULL, 0, "take it back", 1},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    enum action *action = state->input;

    switch (key) {
    case KEY_PRINT: *action = PRINT; break;
    case KEY_REGISTER: *action = REGISTER; break;
    case KEY_UNREGISTER: *action = UNREGISTER; break;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: it takes no argument", arg);
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .doc = "Have the kernel execute SPARC64 programs by adiemu, as \"adiemu "
           "-q PROG ARG...\", with binfmt_misc.\v"
           "Exit status: 0, 64 for a wrong option, 74 when the kernel does "
           "not take it.",
    .children = options_help,
};

/* May it know argv[0] of a program?  We are told whether it does. */
static bool keeps_argv0(void)
{
    unsigned major = 0, minor = 0;
    struct utsname u;

    return uname(&u) == 0 && sscanf(u.release, "%u.%u", &major, &minor) == 2 &&
           (major > 5 || (major == 5 && minor >= 12));
}

/* A sign that is not in @path; 0: none */
static char delimiter_for(const char *path)
{
    static const char signs[] = ":|;,%";
    const char *sign = signs;

    while (*sign && strchr(path, *sign))
        sign++;
    return strchr(path, '\n') ? '\0' : *sign;
}

/* Returns 0, or a negative errno after a line. */
static int make_line(char line[static MAX_LINE])
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    char d;

    if (n < 0) {
        say_line(stderr, "adiemu binfmt: /proc/self/exe: %s", strerror(errno));
        return -errno;
    }
    path[n] = '\0';
    d = delimiter_for(path);
    if (!d || snprintf(line, MAX_LINE, "%c%s%cM%c%c%s%c%s%c%s%cF%s", d, NAME, d,
                       d, d, MAGIC, d, MASK, d, path, d,
                       keeps_argv0() ? "P" : "") >= MAX_LINE) {
        say_line(stderr, "adiemu binfmt: %s: binfmt_misc takes no such name",
                 path);
        return -EINVAL;
    }
    return 0;
}

static int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

    if (fd < 0)
        return -errno;
    if (write(fd, text, strlen(text)) < 0)
        err = -errno;
    close(fd);
    return err;
}

static bool is_there(void)
{
    return access(FOLDER "/" NAME, F_OK) == 0;
}

/* Why the kernel did not take it. */
static int say(int err)
{
    if (access(FOLDER "/register", F_OK) != 0)
        say_line(stderr,
                 "adiemu binfmt: binfmt_misc is not mounted: mount -t "
                 "binfmt_misc binfmt_misc %s",
                 FOLDER);
    else
        say_line(stderr, "adiemu binfmt: %s: %s", FOLDER, strerror(-err));
    return EXIT_HOST_FILE;
}

static int do_register(const char *line)
{
    int err;

    if (is_there()) {
        say_line(stderr,
                 "adiemu binfmt: %s/%s is there already; --unregister it",
                 FOLDER, NAME);
        return EXIT_HOST_FILE;
    }
    err = write_text(FOLDER "/register", line);
    return err ? say(err) : 0;
}

static int unregister(void)
{
    int err;

    if (!is_there() && access(FOLDER "/register", F_OK) == 0) {
        say_line(stderr, "adiemu binfmt: there is no %s/%s", FOLDER, NAME);
        return EXIT_HOST_FILE;
    }
    err = write_text(FOLDER "/" NAME, "-1");
    return err ? say(err) : 0;
}

int command_binfmt(int argc, char **argv)
{
    enum action action = PRINT;
    char line[MAX_LINE];

    options_parse(&argp, argc, argv, 0, &action);
    if (action == UNREGISTER)
        return unregister();
    if (make_line(line) != 0)
        return EXIT_HOST_FILE;
    if (action == REGISTER)
        return do_register(line);
    puts(line);
    return 0;
}

bool binfmt_is_caller(int argc)
{
    return argc >= 3 && getauxval(AT_FLAGS) & AT_FLAGS_PRESERVE_ARGV0;
}

char **binfmt_words(int argc, char **argv, int *nr)
{
    static char name[] = "adiemu", quiet[] = "-q", first[] = "-0", end[] = "--";
    char **words = calloc((size_t)argc + 4, sizeof(*words));

    if (!words)
        return NULL;
    words[0] = name;
    words[1] = quiet;
    words[2] = first;
    words[3] = argv[2];
    words[4] = end;
    words[5] = argv[1];
    for (int i = 3; i < argc; i++)
        words[i + 3] = argv[i];
    *nr = argc + 3;
    return words;
}
