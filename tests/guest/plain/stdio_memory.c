// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/stdio_memory.c - fmemopen, open_memstream, fopencookie
 *
 * Catches broken growth of the memory stream (realloc moves it), and calls
 * through function pointers from inside the C library.
 */
#define _GNU_SOURCE
#include <wchar.h>
#include "plain.h"

static void growing(void)
{
    char *text = NULL;
    size_t size = 0;
    uint64_t h = FOLD_START;
    FILE *f = open_memstream(&text, &size);

    for (int i = 0; i < 20000; i++) {
        fprintf(f, "%d,", i * i);
        if (i % 4000 == 3999) {
            fflush(f);
            h = fold_bytes(h, text, size);
            printf("after %d: %zu bytes, ends in %s\n", i, size,
                   text + size - 9);
        }
    }
    fseek(f, 4, SEEK_SET);
    fputs("<here>", f);
    fseek(f, 0, SEEK_END);
    fclose(f);
    printf("start %.24s\n", text);
    printf("fold %016llx\n", (unsigned long long)fold_bytes(h, text, size));
    free(text);
}

static void fixed(void)
{
    char buf[40] = "one 2 three 4.5";
    char word[16], last[16];
    int two = 0;
    double d = 0;
    FILE *f = fmemopen(buf, strlen(buf), "r");

    printf("%d", fscanf(f, "%15s %d %15s %lf", word, &two, last, &d));
    printf(" %s %d %s %g", word, two, last, d);
    printf(" eof %d\n", getc(f));
    fclose(f);

    memset(buf, '.', sizeof(buf));
    f = fmemopen(buf, 20, "w");
    setvbuf(f, NULL, _IONBF, 0);
    printf("%d", fprintf(f, "twelve chars"));
    printf(" %ld", ftell(f));
    printf(" %d\n", fputs("and ten more", f) < 0);
    fclose(f);
    for (int i = 0; i < 24; i++)
        putchar(buf[i] ? buf[i] : '0');
    putchar('\n');
}

static void wide(void)
{
    wchar_t *text = NULL;
    size_t size = 0;
    FILE *f = open_wmemstream(&text, &size);

    for (int i = 0; i < 300; i++)
        fwprintf(f, L"%d-%ls;", i, i & 1 ? L"odd" : L"even");
    fclose(f);
    printf("wide %zu %ls\n", size, text + size - 15);
    free(text);
}

/* A stream of our own that turns what is written to it upside down. */
struct flip {
    char data[4096];
    size_t used, at;
    int calls;
};

static ssize_t flip_write(void *cookie, const char *p, size_t n)
{
    struct flip *f = cookie;

    if (n > sizeof(f->data) - f->used)
        n = sizeof(f->data) - f->used;
    for (size_t i = 0; i < n; i++)
        f->data[sizeof(f->data) - ++f->used] = p[i];
    f->calls++;
    return n;
}

static ssize_t flip_read(void *cookie, char *p, size_t n)
{
    struct flip *f = cookie;

    if (n > f->used - f->at)
        n = f->used - f->at;
    memcpy(p, f->data + sizeof(f->data) - f->used + f->at, n);
    f->at += n;
    return n;
}

static void cookies(void)
{
    static struct flip state;
    static char buf[128];
    cookie_io_functions_t io = { flip_read, flip_write, NULL, NULL };
    FILE *f = fopencookie(&state, "r+", io);
    char line[64];
    int n = 0;

    setvbuf(f, buf, _IOFBF, sizeof(buf));
    for (int i = 0; i < 60; i++)
        fprintf(f, "\nnumber %d", i);
    fflush(f);
    while (fgets(line, sizeof(line), f) && n < 5)
        printf("flip %d %s", n++, line);
    fclose(f);
    printf("used %zu in %d calls\n", state.used, state.calls);
}

int main(void)
{
    growing();
    fixed();
    wide();
    cookies();
    return 0;
}
