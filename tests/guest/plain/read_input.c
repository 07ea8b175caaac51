// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/read_input.c - standard input to its end, or a part of it
 *
 *   read_input [LINES | forever]
 *
 * Tests of the command line give it input and arguments: it reads so many
 * lines, or it waits for ever after them.  Stderr gets each line again,
 * without a newline at the end.
 */
#include <sys/stat.h>
#include "plain.h"

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    long limit = argc > 1 ? strtol(word, NULL, 10) : 0, lines = 0;
    uint64_t sum = FOLD_START;
    char line[256];
    struct stat st;

    while ((limit == 0 || lines < limit) && fgets(line, sizeof(line), stdin)) {
        if (argc > 1)
            fprintf(stderr, "%s%.*s", lines ? "\n" : "",
                    (int)strcspn(line, "\n"), line);
        sum = fold_bytes(sum, line, strlen(line));
        lines++;
    }
    printf("%ld lines, %016llx\n", lines, (unsigned long long)sum);
    if (argc > 1 && fstat(0, &st) == 0)
        printf("%s\n", S_ISREG(st.st_mode) ? "file" : "stream");
    fflush(stdout);
    if (strcmp(word, "forever") == 0)
        for (;;)
            pause();
    return lines % 100;
}
