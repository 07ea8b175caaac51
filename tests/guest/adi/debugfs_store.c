// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /sys/kernel/debug/adi shows the tag store of each profile: what is in it
 * after two tagged pages left, after one came back, after the other was
 * unmapped.
 *
 * run: --swap=16M -E STORE=linux
 * kernels: linux-*
 * stdout: ok
 * run: --swap=16M -E STORE=remap
 * kernels: remap
 * stdout: ok
 * run: --swap=16M -E STORE=slots
 * kernels: mte-*
 * stdout: ok
 */
#include "adi/procfs.h"

#define DEBUG "/sys/kernel/debug/adi/"

static char *store(void)
{
    char name[64];

    snprintf(name, sizeof(name), DEBUG "%d/tag_store", getpid());
    return proc_read(name);
}

static void check_linux(char *a, char *b)
{
    char *p = store();

    CHECK(is_line(&p, "desc 0 start 0x70000000 end 0x707fffff users 2 "
                      "bytes 65536"));
    CHECK(*p == '\0');
    CHECK(tag_get(a) == 3);
    p = store();
    CHECK(is_line(&p, "desc 0 start 0x70000000 end 0x707fffff users 1 "
                      "bytes 65536"));
    CHECK(munmap(b, PAGE) == 0);
    p = store();
    CHECK(is_line(&p, "desc 0 start 0x70000000 end 0x707fffff users 1 "
                      "bytes 65536"));
}

static void check_remap(char *a, char *b)
{
    char *p = store();

    CHECK(is_line(&p, "page start 0x70000000 end 0x70001fff users 1 bytes 8"));
    CHECK(is_line(&p, "page start 0x70010000 end 0x70011fff users 1 bytes 72"));
    CHECK(*p == '\0');
    CHECK(tag_get(a) == 3);
    p = store();
    CHECK(is_line(&p, "page start 0x70010000 end 0x70011fff users 1 bytes 72"));
    CHECK(*p == '\0');
    CHECK(munmap(b, PAGE) == 0);
    CHECK(*store() == '\0');
}

static void check_slots(char *a, char *b)
{
    char *p = store();

    CHECK(is_line(&p, "slot type 0 offset 1 start 0x70000000 end 0x70001fff "
                      "users 1 bytes 8"));
    CHECK(is_line(&p, "slot type 0 offset 2 start 0x70010000 end 0x70011fff "
                      "users 1 bytes 72"));
    CHECK(*p == '\0');
    p = proc_read(DEBUG "slots");
    CHECK(is_line(&p, "slot type 0 offset 1 users 1 bytes 8"));
    CHECK(is_line(&p, "slot type 0 offset 2 users 1 bytes 72") && *p == '\0');
    CHECK(tag_get(a) == 3);
    p = store();
    CHECK(is_line(&p, "slot type 0 offset 2 start 0x70010000 end 0x70011fff "
                      "users 1 bytes 72"));
    CHECK(*p == '\0');
    CHECK(munmap(b, PAGE) == 0);
    CHECK(*store() == '\0');
}

int main(void)
{
    char *a = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);
    char *b = page_at(0x70010000, PROT_READ | PROT_WRITE | PROT_ADI);
    const char *which = getenv("STORE");

    CHECK(which && *store() == '\0');
    tag_range(a, PAGE, 3);
    for (size_t i = 0; i < NTAGS; i++)
        tag_set(b + i * BLOCK, i % 13);
    tag_sync();
    CHECK(number_of(DEBUG "counters", "tag_stores ") == 2 * (long)NTAGS);
    page_out(a);
    page_out(b);
    CHECK(number_of(DEBUG "counters", "tags_saved ") == 2);
    if (strcmp(which, "linux") == 0)
        check_linux(a, b);
    else if (strcmp(which, "remap") == 0)
        check_remap(a, b);
    else
        check_slots(a, b);
    CHECK(number_of(DEBUG "counters", "tags_restored ") == 1);
    puts("ok");
    return 0;
}
