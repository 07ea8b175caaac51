// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/race.c - two threads that count without a lock
 *
 * Catches turns that end only where nothing is between a load and its store,
 * and runs of one seed that differ.
 */
#include <pthread.h>
#include <stdio.h>

#define ROUNDS 2000

static volatile long counter;

static void *count(void *arg)
{
    for (int i = 0; i < ROUNDS; i++)
        counter++;
    return arg;
}

int main(void)
{
    pthread_t a, b;

    pthread_create(&a, NULL, count, NULL);
    pthread_create(&b, NULL, count, NULL);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    printf("%ld of %d\n", (long)counter, 2 * ROUNDS);
    return 0;
}
