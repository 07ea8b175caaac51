// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/sorting.c - five sorting algorithms against qsort, then bsearch
 *
 * Catches wrong signed and unsigned compares, callbacks from the C library,
 * and data lost while large arrays are moved around.
 */
#include "plain.h"

#define N 6000

static int by_value(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

static void insertion(int *a, int n)
{
    for (int i = 1; i < n; i++) {
        int v = a[i], k = i;

        for (; k > 0 && a[k - 1] > v; k--)
            a[k] = a[k - 1];
        a[k] = v;
    }
}

static void sift(int *a, int root, int n)
{
    int v = a[root], child;

    while ((child = 2 * root + 1) < n) {
        if (child + 1 < n && a[child + 1] > a[child])
            child++;
        if (a[child] <= v)
            break;
        a[root] = a[child];
        root = child;
    }
    a[root] = v;
}

static void heap(int *a, int n)
{
    for (int i = n / 2; i-- > 0;)
        sift(a, i, n);
    while (n-- > 1) {
        int v = a[n];

        a[n] = a[0];
        a[0] = v;
        sift(a, 0, n);
    }
}

static void quick(int *a, int n)
{
    while (n > 12) {
        int pivot = a[n / 2], i = 0, k = n - 1;

        while (i <= k) {
            while (a[i] < pivot)
                i++;
            while (a[k] > pivot)
                k--;
            if (i <= k) {
                int v = a[i];

                a[i++] = a[k];
                a[k--] = v;
            }
        }
        quick(a, k + 1);
        a += i;
        n -= i;
    }
    insertion(a, n);
}

static void merge(int *a, int n)
{
    int half = n / 2, i = 0, k = half, out = 0;
    int *t;

    if (n < 2)
        return;
    merge(a, half);
    merge(a + half, n - half);
    t = malloc(n * sizeof(*t));
    while (i < half || k < n)
        t[out++] = k == n || (i < half && a[i] <= a[k]) ? a[i++] : a[k++];
    memcpy(a, t, n * sizeof(*t));
    free(t);
}

static void radix(int *a, int n)
{
    static int t[N];

    for (int shift = 0; shift < 32; shift += 8) {
        int count[257] = { 0 };

        for (int i = 0; i < n; i++)
            count[(((uint32_t)a[i] ^ 0x80000000) >> shift & 255) + 1]++;
        for (int i = 0; i < 256; i++)
            count[i + 1] += count[i];
        for (int i = 0; i < n; i++)
            t[count[((uint32_t)a[i] ^ 0x80000000) >> shift & 255]++] = a[i];
        memcpy(a, t, n * sizeof(*t));
    }
}

static void (*const sorts[])(int *, int) = {
    heap, quick, merge, radix, insertion
};

int main(void)
{
    static int data[N], want[N], got[N];
    uint64_t seed = 2024, h = FOLD_START;
    int found = 0;

    for (int range = 0; range < 4; range++) {
        int n = range == 3 ? 500 : N;

        for (int i = 0; i < n; i++)
            data[i] = (int32_t)next_random(&seed) >> (range * 9);
        memcpy(want, data, sizeof(data));
        qsort(want, n, sizeof(int), by_value);
        for (int i = 0; i < n; i++)
            h = fold(h, (uint32_t)want[i]);
        printf("range %d: %d %d %d %016llx", range, want[0], want[n / 2],
               want[n - 1], (unsigned long long)h);
        for (int s = 0; s < 5 - (n == N); s++) {
            memcpy(got, data, sizeof(data));
            sorts[s](got, n);
            printf(" %d", memcmp(got, want, n * sizeof(int)));
        }
        for (int i = 0; i < n; i++) {
            int key = data[i] + (i & 1);
            int *at = bsearch(&key, want, n, sizeof(int), by_value);

            found += at && *at == key;
        }
        printf(" found %d\n", found);
    }
    return 0;
}
