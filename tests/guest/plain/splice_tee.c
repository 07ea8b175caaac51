// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/splice_tee.c - splice, tee and vmsplice
 *
 * Catches bytes that are lost or come twice, offsets that do not move, a call
 * that does not wait for the other end, and errors in another order.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include "process.h"
#include "try.h"

#define BYTES 300000L

/* The compiler knows of these. */
static void *volatile nowhere = (void *)8;
static volatile int too_many = 1025;

static int in[2], out[2], file;

static void show(int fd)
{
    char buf[64];
    long n = read(fd, buf, sizeof(buf));

    printf("  \"%.*s\"\n", (int)(n > 0 ? n : 0), buf);
}

static void offsets(void)
{
    off64_t at = 2, to = 100;
    char buf[8] = "";

    puts("offsets");
    EXPECT(pwrite(file, "0123456789", 10, 0) == 10);
    TRY(splice(file, &at, in[1], NULL, 5, 0));
    printf("  at %ld, position %ld\n", (long)at, lseek(file, 0, SEEK_CUR));
    TRY(splice(file, NULL, in[1], NULL, 3, 0));
    printf("  position %ld\n", lseek(file, 0, SEEK_CUR));
    TRY(tee(in[0], out[1], 100, 0));
    show(out[0]);
    TRY(splice(in[0], NULL, file, &to, 6, SPLICE_F_MOVE));
    EXPECT(pread(file, buf, 6, 100) == 6);
    printf("  to %ld: %s\n", (long)to, buf);
    TRY(splice(in[0], NULL, out[1], NULL, 100, SPLICE_F_NONBLOCK));
    show(out[0]);
    lseek(file, 0, SEEK_END);
    TRY(splice(file, NULL, in[1], NULL, 100, 0)); /* its end */
}

/* What a call has changed is seen in a mapping, and the other way round. */
static void mapped(void)
{
    char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    off64_t at = 0;

    puts("mapped");
    EXPECT(p != MAP_FAILED);
    memcpy(p, "stored", 6);
    TRY(splice(file, &at, in[1], NULL, 6, 0));
    show(in[0]);
    EXPECT(write(in[1], "spliced", 7) == 7);
    at = 20;
    TRY(splice(in[0], NULL, file, &at, 7, 0));
    printf("  %.7s\n", p + 20);
    munmap(p, PAGE);
}

static void users(void)
{
    struct iovec v[3] = {{ "ab", 2 }, { "", 0 }, { "cde", 3 }};
    char a[2], b[9];
    struct iovec r[2] = {{ a, sizeof(a) }, { b, sizeof(b) }};

    puts("memory");
    TRY(vmsplice(in[1], v, 3, 0));
    TRY(vmsplice(in[0], r, 2, 0));
    printf("  %.2s %.3s\n", a, b);
    TRY(vmsplice(in[0], r, 2, SPLICE_F_NONBLOCK));
    TRY(vmsplice(in[1], v, 0, 0));
    TRY(vmsplice(in[1], v, 1, 16));
    TRY(vmsplice(file, v, 1, 0));
    TRY(vmsplice(99, v, 1, 0));
    TRY(vmsplice(in[1], v, too_many, 0));
}

static void errors(void)
{
    int ro = open("/dev/null", O_RDONLY), append = open("f", O_APPEND | O_RDWR);
    int path = open("f", O_PATH);
    off64_t at = 0;

    puts("errors");
    TRY(splice(99, NULL, in[1], NULL, 0, 0));
    TRY(splice(99, NULL, in[1], NULL, 1, 0));
    TRY(splice(file, NULL, 99, NULL, 1, 0));
    TRY(splice(file, NULL, in[1], NULL, 1, 16));
    TRY(splice(file, NULL, file, NULL, 1, 0));
    TRY(splice(in[0], NULL, in[1], NULL, 1, 0));
    TRY(splice(in[1], NULL, file, NULL, 1, 0));
    TRY(splice(file, NULL, in[0], NULL, 1, 0));
    TRY(splice(in[0], &at, file, NULL, 1, 0));
    TRY(splice(file, NULL, in[1], &at, 1, 0));
    TRY(splice(file, nowhere, in[1], NULL, 1, 0));
    TRY(splice(in[0], NULL, append, NULL, 1, 0));
    TRY(splice(in[0], NULL, ro, NULL, 1, 0));
    TRY(splice(path, NULL, in[1], NULL, 1, 0));
    TRY(splice(in[0], NULL, out[1], NULL, 1, SPLICE_F_NONBLOCK));
    at = -1;
    TRY(splice(file, &at, in[1], NULL, 1, 0));
    TRY(tee(in[0], in[1], 1, 0));
    TRY(tee(in[0], file, 1, 0));
    TRY(tee(in[0], out[1], 0, 0));
    TRY(tee(in[0], out[1], 1, 16));
    TRY(tee(in[0], out[1], 1, SPLICE_F_NONBLOCK));
    TRY(tee(99, out[1], 1, 0));
    fcntl(in[0], F_SETFL, O_NONBLOCK);
    TRY(splice(in[0], NULL, out[1], NULL, 1, 0));
    fcntl(in[0], F_SETFL, 0);
    close(ro);
    close(append);
    close(path);
}

/* Text that is made when somebody reads. */
static void made(void)
{
    int fd = open("/proc/meminfo", O_RDONLY), other;

    puts("made");
    TRY(splice(fd, NULL, in[1], NULL, 9, 0));
    show(in[0]);
    close(fd);
    fd = open("/proc/meminfo", O_RDONLY);
    TRY(sendfile(in[1], fd, NULL, 9));
    show(in[0]);
    lseek(fd, 0, SEEK_SET);
    other = open("f", O_WRONLY);
    TRY(sendfile(other, fd, NULL, 9));
    TRY(copy_file_range(fd, NULL, other, NULL, 9, 0));
    close(other);
    close(fd);
}

static int reader(long unused)
{
    static unsigned char buf[5003];
    uint64_t sum = FOLD_START;
    long got, all = 0;

    (void)unused;
    close(in[1]);
    close(out[1]);
    while ((got = read(out[0], buf, sizeof(buf))) > 0) {
        sum = fold_bytes(sum, buf, got);
        all += got;
    }
    printf("  read %ld, sum %016llx\n", all, (unsigned long long)sum);
    return got == 0;
}

static int writer(long unused)
{
    (void)unused;
    close(in[0]);
    for (long i = 0; i < BYTES; i += 8) {
        char text[9];

        snprintf(text, sizeof(text), "%07ld\n", i);
        EXPECT(write(in[1], text, 8) == 8);
    }
    return 1;
}

/* From one child to another, through pipes that are empty, or full. */
static void between(void)
{
    pid_t from, to;
    long all = 0, n;

    puts("between");
    from = spawn(writer, 0);
    to = spawn(reader, 0);
    close(in[1]);
    close(out[0]);
    while ((n = splice(in[0], NULL, out[1], NULL, 70000, 0)) > 0)
        all += n;
    EXPECT(n == 0 && all == BYTES);
    close(out[1]);
    EXPECT(reap(from) == 1);
    EXPECT(reap(to) == 1);
}

static void broken(void)
{
    puts("nobody reads");
    EXPECT(pipe(out) == 0);
    close(out[0]);
    set_handler(SIGPIPE, SIG_IGN, 0);
    TRY(splice(file, &(off64_t){0}, out[1], NULL, 1, 0));
    close(out[1]);
}

int main(void)
{
    char scratch[32];

    alarm(60);
    enter_scratch(scratch);
    EXPECT(pipe(in) == 0 && pipe(out) == 0);
    file = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
    EXPECT(file >= 0);
    offsets();
    mapped();
    users();
    errors();
    made();
    between();
    broken();
    close(file);
    unlink("f");
    leave_scratch(scratch);
    return 0;
}
