// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/numa_policy.c - set_mempolicy, get_mempolicy, mbind: values and errors
 *
 * Where pages come to lie is asked with move_pages and get_mempolicy.  Tags
 * follow the pages that mbind moves, and a tagged pointer names the same
 * range as a plain one.
 *
 * run: --nodes=4 --swap=16M
 * kernels: remap mte-*
 * stdout: done
 * report: errors == False
 * run: --nodes=4 --swap=16M
 * kernels: linux-*
 * stdout: done
 * report: totals.lost_pages == 0 and counters.tags_saved == 14
 */
#include <sched.h>
#include <sys/wait.h>

#include "adi/numa.h"

static int mode;
static unsigned long nodes[2];

/* get_mempolicy() with a mask of 65 nodes; mode and nodes as it says. */
static int get(void *addr, int flags)
{
    nodes[0] = nodes[1] = 99;
    mode = 99;
    return outcome(syscall(SYS_get_mempolicy, &mode, nodes, 65, addr, flags));
}

static int node_by_policy(void *p)
{
    return get(p, MPOL_F_NODE | MPOL_F_ADDR) ? -1 : mode;
}

static void process_policy(void)
{
    char *p = map_pages(16, RWA);

    CHECK(get(NULL, 0) == 0 && mode == MPOL_DEFAULT && nodes[0] == 0);
    p[0] = 1;
    CHECK(node_of(p) == 0);
    CHECK(set_policy(MPOL_PREFERRED, 4) == 0);
    CHECK(get(NULL, 0) == 0 && mode == MPOL_PREFERRED && nodes[0] == 4);
    p[PAGE] = 1;
    CHECK(node_of(p + PAGE) == 2);
    CHECK(set_policy(MPOL_BIND, 10) == 0);
    p[2 * PAGE] = 1;
    CHECK(node_of(p + 2 * PAGE) == 1);
    CHECK(set_policy(MPOL_INTERLEAVE, 0xf) == 0);
    CHECK(get(NULL, MPOL_F_NODE) == 0 && mode == 0);
    for (size_t i = 3; i < 16; i++) {
        p[i * PAGE] = 1;
        CHECK(node_of(p + i * PAGE) == (int)((size_t)(p + i * PAGE) / PAGE % 4));
    }
    CHECK(set_policy(MPOL_PREFERRED, 0) == 0);
    CHECK(get(NULL, 0) == 0 && mode == MPOL_LOCAL && nodes[0] == 0);
    CHECK(set_policy(MPOL_BIND | MPOL_F_STATIC_NODES, 0xf0) == -EINVAL);
    CHECK(set_policy(MPOL_BIND | MPOL_F_STATIC_NODES, 0xf2) == 0);
    CHECK(get(NULL, 0) == 0 && mode == (MPOL_BIND | MPOL_F_STATIC_NODES));
    CHECK(nodes[0] == 0xf2);
    CHECK(set_policy(MPOL_BIND | MPOL_F_RELATIVE_NODES, 0x20) == 0);
    p[0] = 2;
    CHECK(munmap(p, 16 * PAGE) == 0);
    p = map_pages(1, RWA);
    p[0] = 1;
    CHECK(node_of(p) == 1);
}

static void errors(void)
{
    unsigned long bad = 1ul << 33, two[2] = {1, 1};

    CHECK(set_policy(MPOL_DEFAULT, 1) == -EINVAL);
    CHECK(set_policy(MPOL_BIND, 0) == -EINVAL);
    CHECK(set_policy(MPOL_BIND, 0x10) == -EINVAL);
    CHECK(set_policy(6, 1) == -EINVAL);
    CHECK(set_policy(MPOL_LOCAL, 1) == -EINVAL);
    CHECK(set_policy(MPOL_BIND | MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES,
                     1) == -EINVAL);
    CHECK(outcome(syscall(SYS_set_mempolicy, MPOL_BIND, &bad, 65)) == -EINVAL);
    CHECK(outcome(syscall(SYS_set_mempolicy, MPOL_BIND, two, 129)) == -EINVAL);
    CHECK(outcome(syscall(SYS_set_mempolicy, MPOL_BIND, two, 65)) == 0);
    /* One less than it says: of 2 only node 0 counts. */
    bad = 3;
    CHECK(outcome(syscall(SYS_set_mempolicy, MPOL_BIND, &bad, 2)) == 0);
    CHECK(get(NULL, 0) == 0 && nodes[0] == 1);
    CHECK(outcome(syscall(SYS_set_mempolicy, MPOL_BIND, 8, 65)) == -EFAULT);
    CHECK(outcome(syscall(SYS_set_mempolicy, MPOL_BIND, &bad, 100000)) ==
          -EINVAL);
    CHECK(set_policy(MPOL_DEFAULT, 0) == 0);

    CHECK(outcome(syscall(SYS_get_mempolicy, &mode, nodes, 3, NULL, 0)) ==
          -EINVAL);
    CHECK(get(NULL, 8) == -EINVAL);
    CHECK(get(nodes, 0) == -EINVAL);
    CHECK(get((void *)16, MPOL_F_ADDR) == -EFAULT);
    CHECK(get(NULL, MPOL_F_NODE) == -EINVAL);
    CHECK(get(NULL, MPOL_F_MEMS_ALLOWED | MPOL_F_NODE) == -EINVAL);
    CHECK(get(NULL, MPOL_F_MEMS_ALLOWED) == 0 && mode == 0 && nodes[0] == 0xf);
    CHECK(outcome(syscall(SYS_get_mempolicy, 8, NULL, 0, NULL, 0)) == -EFAULT);
    CHECK(outcome(syscall(SYS_get_mempolicy, NULL, NULL, 0, NULL, 0)) == 0);
    nodes[0] = nodes[1] = 99;
    CHECK(syscall(SYS_get_mempolicy, &mode, nodes, 129, NULL, 0) == 0);
    CHECK(nodes[0] == 0 && nodes[1] == 0);
}

static void ranges(void)
{
    char *p = map_pages(8, RWA);

    for (size_t i = 0; i < 8; i++)
        tag_range(p + i * PAGE, PAGE, 1 + (unsigned)i);
    CHECK(bind_range(p + 1, PAGE, MPOL_BIND, 2, 0) == -EINVAL);
    CHECK(bind_range(p, PAGE, MPOL_BIND, 2, 64) == -EINVAL);
    CHECK(bind_range(p, PAGE, MPOL_BIND, 2, MPOL_MF_STRICT) == -EIO);
    CHECK(get(p, MPOL_F_ADDR) == 0 && mode == MPOL_DEFAULT);
    /* A tagged pointer, and pages that follow the policy. */
    CHECK(bind_range(tagged(p, 1), 8 * PAGE, MPOL_INTERLEAVE, 6,
                     MPOL_MF_MOVE | MPOL_MF_STRICT) == 0);
    CHECK(get(tagged(p, 1), MPOL_F_ADDR) == 0 && mode == MPOL_INTERLEAVE);
    CHECK(nodes[0] == 6);
    for (size_t i = 0; i < 8; i++) {
        CHECK(node_of(p + i * PAGE) ==
              1 + (int)((size_t)(p + i * PAGE) / PAGE % 2));
        CHECK(node_by_policy(p + i * PAGE) == node_of(p + i * PAGE));
        CHECK(tag_get(p + i * PAGE) == 1 + i);
    }
    CHECK(bind_range(p + 2 * PAGE, 2 * PAGE, MPOL_DEFAULT, 0, MPOL_MF_MOVE) ==
          0);
    CHECK(node_of(p + PAGE) != 0 && node_of(p + 2 * PAGE) == 0);
    CHECK(munmap(p + 4 * PAGE, PAGE) == 0);
    CHECK(bind_range(p, 8 * PAGE, MPOL_BIND, 8, MPOL_MF_MOVE) == -EFAULT);
    CHECK(bind_range(p, 8 * PAGE, MPOL_DEFAULT, 0, 0) == 0);
    CHECK(bind_range(p, 4 * PAGE, MPOL_BIND, 8, MPOL_MF_MOVE) == 0);
    for (unsigned i = 0; i < 4; i++)
        CHECK(node_of(p + i * PAGE) == 3 && tag_get(p + i * PAGE) == 1 + i);
    CHECK(outcome(syscall(SYS_set_mempolicy_home_node, p, PAGE, 2, 1)) ==
          -EINVAL);
    CHECK(outcome(syscall(SYS_set_mempolicy_home_node, p, PAGE, 7, 0)) ==
          -EINVAL);
    CHECK(outcome(syscall(SYS_set_mempolicy_home_node, p, PAGE, 2, 0)) == 0);
    CHECK(munmap(p, 8 * PAGE) == 0);
}

/* A child has its parent's policies; the object keeps its own. */
static void children(void)
{
    char *p = mmap(NULL, 2 * PAGE, RWA, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *q = map_pages(1, RWA);
    int status;

    CHECK(p != MAP_FAILED);
    CHECK(bind_range(p, 2 * PAGE, MPOL_BIND, 4, 0) == 0);
    CHECK(bind_range(q, PAGE, MPOL_PREFERRED, 2, 0) == 0);
    CHECK(set_policy(MPOL_BIND, 8) == 0);
    tag_range(q, PAGE, 6);
    if (fork() == 0) {
        char *r = map_pages(1, RWA);

        *r = 1;
        tag_range(p + PAGE, PAGE, 9);
        CHECK(bind_range(q, PAGE, MPOL_PREFERRED, 1, 0) == 0);
        *(char *)tagged(q, 6) = 1;
        CHECK(node_of(r) == 3 && node_of(p + PAGE) == 2);
        CHECK(node_of(q) == 0 && tag_get(q) == 6);
        _exit(0);
    }
    CHECK(wait(&status) > 0 && status == 0);
    CHECK(tag_get(p + PAGE) == 9 && node_of(p + PAGE) == 2);
    CHECK(node_of(q) == 1);
}

int main(void)
{
    process_policy();
    errors();
    ranges();
    children();
    printf("done\n");
    return 0;
}
