// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/stdio_scanf.c - sscanf, fscanf and getline on fixed input
 *
 * Catches pointers of the wrong width stored through varargs, lost input
 * after a failed match, and wrong float conversion.
 */
#include "plain.h"

static void integers(void)
{
    signed char c = 0;
    short s = 0;
    int i = 0, j = 0, n = 0, r;
    long l = 0;
    unsigned u = 0, x = 0, o = 0;

    r = sscanf("-12 -3000 70000 -9000000000 4000000000", "%hhd%hd%d%ld%u",
               &c, &s, &i, &l, &u);
    printf("%d: %d %d %d %ld %u\n", r, c, s, i, l, u);
    r = sscanf("ff 0x1F 777 0x10 010 10", "%x%x%o%i%i%n", &x, &u, &o, &i,
               &j, &n);
    printf("%d: %x %x %o %d %d n %d\n", r, x, u, o, i, j, n);
    r = sscanf("12345678", "%3d%2d%*d", &i, &n);
    printf("%d: %d %d\n", r, i, n);
    r = sscanf("55 apples", "%d%d", &i, &n);
    printf("%d: %d\n", r, i);
    printf("%d\n", sscanf("", "%d", &i));
    printf("%d\n", sscanf("zzz", "%d", &i));
    printf("%d\n", sscanf("99999999999999999999999", "%ld", &l));
    printf("%ld\n", l);
}

static void floats(void)
{
    float f = 0;
    double d[5] = { 0 };
    long double q = 0;
    int r;

    r = sscanf("3.25e2 -0.1 0x1.8p4 inf 1e400 .5", "%f%lf%lf%lf%lf%lf", &f,
               &d[0], &d[1], &d[2], &d[3], &d[4]);
    printf("%d: %a %a %a %g %g %g\n", r, f, d[0], d[1], d[2], d[3], d[4]);
    r = sscanf("2.5 1e", "%Lf%lf", &q, &d[0]);
    printf("%d: %.3Lf\n", r, q);
    r = sscanf("nan -nan 12.75.5", "%lf%lf%lf%lf", &d[0], &d[1], &d[2],
               &d[3]);
    printf("%d: %d %d %g %g\n", r, d[0] != d[0], d[1] != d[1], d[2], d[3]);
}

static void strings(void)
{
    char a[32], b[32], c[4];
    char *m = NULL;
    int r, n = 0;

    r = sscanf("  first second-third", "%s %[a-z]-%31[^\n]", a, b, b + 16);
    printf("%d: %s %s %s\n", r, a, b, b + 16);
    memset(c, '.', sizeof(c));
    r = sscanf("abcdef", "%3c", c);
    printf("%d: %.4s\n", r, c);
    r = sscanf("key = value", "%[^= ] = %ms", a, &m);
    printf("%d: %s %s\n", r, a, m);
    free(m);
    r = sscanf("10%20", "%*d%%%d", &n);
    printf("%d: %d\n", r, n);
    r = sscanf("]x-y", "%[]x-]%s", a, b);
    printf("%d: %s %s\n", r, a, b);
}

static void stream(void)
{
    char dir[32], word[32], *line = NULL;
    size_t room = 0;
    long total = 0;
    int v, k = 0;
    FILE *f;

    enter_scratch(dir);
    f = fopen("numbers", "w+");
    if (!f)
        exit(97);
    for (int i = 0; i < 3000; i++)
        fprintf(f, "%d%c", i * 37 % 1001, i % 10 == 9 ? '\n' : ' ');
    fprintf(f, "stop here\nlast line without newline");
    rewind(f);
    while (fscanf(f, "%d", &v) == 1) {
        total += v;
        k++;
    }
    printf("%d numbers, total %ld\n", k, total);
    v = fscanf(f, "%31s", word);
    printf("%d %s\n", v, word);
    while ((v = (int)getline(&line, &room, f)) >= 0)
        printf("%d [%.*s]\n", v, (int)strcspn(line, "\n"), line);
    printf("eof %d error %d\n", feof(f) != 0, ferror(f) != 0);
    rewind(f);
    k = 0;
    for (total = 0; (v = (int)getdelim(&line, &room, '7', f)) > 0; k++)
        total += v;
    printf("%d pieces, %ld bytes\n", k, total);
    free(line);
    fclose(f);
    unlink("numbers");
    leave_scratch(dir);
}

int main(void)
{
    integers();
    floats();
    strings();
    stream();
    return 0;
}
