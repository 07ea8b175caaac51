// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/dijkstra.c - shortest paths with a heap, checked by relaxation
 *
 * Catches errors in index arithmetic and in linked edge lists; two methods
 * must give the same distances.
 */
#include "plain.h"

#define NODES 1200
#define EDGES 6000

static struct edge {
    int to, next;
    uint32_t length;
} edges[EDGES * 2];
static int first[NODES], count;

static struct item {
    uint64_t dist;
    int node;
} heap[EDGES * 2 + 1];
static int heaped;

static void connect(int a, int b, uint32_t length)
{
    edges[count] = (struct edge){ b, first[a], length };
    first[a] = count++;
}

static void push(uint64_t dist, int node)
{
    int i = heaped++;

    while (i > 0 && heap[(i - 1) / 2].dist > dist) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = (struct item){ dist, node };
}

static struct item pop(void)
{
    struct item top = heap[0], last = heap[--heaped];
    int i = 0, k;

    while ((k = 2 * i + 1) < heaped) {
        if (k + 1 < heaped && heap[k + 1].dist < heap[k].dist)
            k++;
        if (heap[k].dist >= last.dist)
            break;
        heap[i] = heap[k];
        i = k;
    }
    heap[i] = last;
    return top;
}

static int paths(int start, uint64_t *dist, int *from)
{
    int reached = 0;

    for (int i = 0; i < NODES; i++) {
        dist[i] = UINT64_MAX;
        from[i] = -1;
    }
    dist[start] = 0;
    push(0, start);
    while (heaped > 0) {
        struct item it = pop();

        if (it.dist != dist[it.node])
            continue;
        reached++;
        for (int e = first[it.node]; e >= 0; e = edges[e].next) {
            uint64_t d = it.dist + edges[e].length;

            if (d < dist[edges[e].to]) {
                dist[edges[e].to] = d;
                from[edges[e].to] = it.node;
                push(d, edges[e].to);
            }
        }
    }
    return reached;
}

/* The slow way: relax every edge until nothing changes. */
static int relax(int start, uint64_t *dist)
{
    int rounds = 0, changed = 1;

    for (int i = 0; i < NODES; i++)
        dist[i] = i == start ? 0 : UINT64_MAX;
    for (; changed; rounds++) {
        changed = 0;
        for (int n = 0; n < NODES; n++) {
            if (dist[n] == UINT64_MAX)
                continue;
            for (int e = first[n]; e >= 0; e = edges[e].next) {
                if (dist[n] + edges[e].length < dist[edges[e].to]) {
                    dist[edges[e].to] = dist[n] + edges[e].length;
                    changed = 1;
                }
            }
        }
    }
    return rounds;
}

int main(void)
{
    static uint64_t dist[NODES], slow[NODES];
    static int from[NODES];
    uint64_t seed = 99, h = FOLD_START;

    memset(first, -1, sizeof(first));
    for (int i = 0; i < EDGES; i++) {
        uint64_t r = next_random(&seed) >> 8;
        int a = r % NODES, b = (a + r / NODES % 60 + NODES - 25) % NODES;

        connect(a, b, 1000 + (r >> 30) % 100000);
        if (i % 3 == 0)
            connect(b, a, 77777);
    }
    for (int start = 0; start < NODES; start += 173) {
        int reached = paths(start, dist, from), far = start, hops = 0;
        int rounds = relax(start, slow), differ = 0;

        for (int i = 0; i < NODES; i++) {
            differ += dist[i] != slow[i];
            h = fold(h, dist[i] + from[i]);
            if (dist[i] != UINT64_MAX && dist[i] > dist[far])
                far = i;
        }
        for (int n = far; n != start; n = from[n])
            hops++;
        printf("from %4d: reached %d, farthest %d at %llu by %d hops, "
               "rounds %d, differ %d\n", start, reached, far,
               (unsigned long long)dist[far], hops, rounds, differ);
    }
    printf("all %016llx\n", (unsigned long long)h);
    return 0;
}
