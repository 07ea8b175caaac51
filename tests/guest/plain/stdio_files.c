// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/stdio_files.c - FILE streams: seek, ungetc, buffering, tmp files
 *
 * Catches a stream buffer that loses or repeats data when the file position
 * is moved, and short reads or writes that stdio does not expect.
 */
#include <errno.h>
#include "plain.h"

static void seeking(void)
{
    unsigned char rec[24];
    uint64_t seed = 5, h = FOLD_START;
    FILE *f = fopen("records", "w+b");
    long size;
    int bad = 0;

    for (int i = 0; i < 900; i++) {
        for (size_t k = 0; k < sizeof(rec); k++)
            rec[k] = i + k;
        bad += fwrite(rec, sizeof(rec), 1, f) != 1;
    }
    size = ftell(f);
    for (int i = 0; i < 300; i++) {
        long at = next_random(&seed) % 900;

        bad += fseek(f, at * (long)sizeof(rec), SEEK_SET) != 0;
        if (i % 5 == 0) {
            fputc(at * 3, f);
            bad += fseek(f, -1, SEEK_CUR) != 0;
        }
        bad += fread(rec, 1, sizeof(rec), f) != sizeof(rec);
        h = fold_bytes(h, rec, sizeof(rec));
    }
    fseek(f, -10, SEEK_END);
    printf("size %ld tail %ld", size, ftell(f));
    printf(" read %zu", fread(rec, 1, sizeof(rec), f));
    printf(" eof %d\n", feof(f) != 0);
    printf("records %016llx bad %d\n", (unsigned long long)h, bad);
    printf("negative seek %d", fseek(f, -1, SEEK_SET));
    printf(" %s\n", strerror(errno));
    fclose(f);
}

static void pushing_back(void)
{
    FILE *f = fopen("records", "rb");
    int a, b, c;

    a = getc(f);
    ungetc('Q', f);
    b = getc(f);
    c = getc(f);
    printf("ungetc %d %c %d at %ld\n", a, b, c, ftell(f));
    fseek(f, 0, SEEK_END);
    printf("end %d", getc(f));
    printf(" eof %d", feof(f) != 0);
    ungetc('z', f);
    printf(" eof %d", feof(f) != 0);
    printf(" %c\n", getc(f));
    fclose(f);
}

static void buffering(int mode, size_t size, const char *name)
{
    static char buf[512];
    FILE *f = fopen("buffered", "w"), *g;
    long seen[3];
    int total = 0, c;

    setvbuf(f, size ? buf : NULL, mode, size);
    g = fopen("buffered", "r");
    fputs("no newline", f);
    fseek(g, 0, SEEK_END);
    seen[0] = ftell(g);
    fputs(" now one\nrest", f);
    fseek(g, 0, SEEK_END);
    seen[1] = ftell(g);
    for (int i = 0; i < 100; i++)
        fprintf(f, "%05d", i);
    fflush(f);
    fseek(g, 0, SEEK_END);
    seen[2] = ftell(g);
    rewind(g);
    while ((c = getc(g)) != EOF)
        total += c;
    printf("%s %ld %ld %ld sum %d\n", name, seen[0], seen[1], seen[2],
           total);
    fclose(f);
    fclose(g);
}

static void lines(void)
{
    char line[20];
    FILE *f = fopen("lines", "w+");
    int n = 0;

    remove("lines");            /* lives on while it is open */
    fputs("short\n\na line that is longer than the buffer\nend", f);
    rewind(f);
    while (fgets(line, sizeof(line), f))
        printf("%d %zu [%.*s]\n", ++n, strlen(line),
               (int)strcspn(line, "\n"), line);
    clearerr(f);
    printf("after %d", fgets(line, 4, f) == NULL);
    printf(" %d\n", feof(f) != 0);
    fclose(f);
}

static void modes(void)
{
    FILE *f = fopen("buffered", "a+");

    fputs("APPENDED", f);
    rewind(f);
    printf("append first %c", getc(f));
    fseek(f, -8, SEEK_END);
    printf(" then %c\n", getc(f));
    f = freopen("buffered", "r", f);
    printf("write on read stream %d", fputc('x', f));
    printf(" %d\n", ferror(f) != 0);
    fclose(f);
    printf("exclusive %d", fopen("buffered", "wx") != NULL);
    printf(" %s\n", strerror(errno));
    printf("missing %d", fopen("nothing", "r") != NULL);
    printf(" %s\n", strerror(errno));
    printf("remove %d", remove("buffered"));
    printf(" %d\n", remove("records"));
}

int main(void)
{
    char dir[32];

    enter_scratch(dir);
    seeking();
    pushing_back();
    buffering(_IONBF, 0, "unbuffered");
    buffering(_IOLBF, 512, "line");
    buffering(_IOFBF, 512, "full");
    buffering(_IOFBF, 64, "small");
    lines();
    modes();
    leave_scratch(dir);
    return 0;
}
