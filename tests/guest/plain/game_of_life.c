// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/game_of_life.c - cells on a torus, by bytes and by bit planes
 *
 * The second way counts neighbours of 64 cells at a time with logic only.
 * Catches errors in 64-bit logic and shifts; both ways must agree.
 */
#include "plain.h"

#define SIZE 64

static uint8_t cell[2][SIZE][SIZE];
static uint64_t row[2][SIZE];

static int byte_step(uint8_t (*old)[SIZE], uint8_t (*new)[SIZE])
{
    int alive = 0;

    for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
            int n = -old[y][x];

            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    n += old[(y + dy) & (SIZE - 1)][(x + dx) & (SIZE - 1)];
            new[y][x] = n == 3 || (n == 2 && old[y][x]);
            alive += new[y][x];
        }
    }
    return alive;
}

static uint64_t turn(uint64_t v, int n)
{
    return v << n | v >> (64 - n);
}

static int bit_step(const uint64_t *old, uint64_t *new)
{
    int alive = 0;

    for (int y = 0; y < SIZE; y++) {
        uint64_t one = 0, two = 0, four = 0;

        for (int dy = -1; dy <= 1; dy++) {
            uint64_t v = old[(y + dy) & (SIZE - 1)];
            uint64_t side[3] = { turn(v, 1), turn(v, 63), dy ? v : 0 };

            for (int i = 0; i < 3; i++) {
                uint64_t carry = one & side[i];

                one ^= side[i];
                four |= two & carry;
                two ^= carry;
            }
        }
        /* alive with three, or with two if it was alive before */
        new[y] = two & ~four & (one | old[y]);
        alive += __builtin_popcountll(new[y]);
    }
    return alive;
}

static void put(int x, int y, const char *shape)
{
    for (int k = x; *shape; shape++) {
        if (*shape == '/') {
            y++;
            k = x;
        } else {
            cell[0][y & (SIZE - 1)][k++ & (SIZE - 1)] = *shape == 'O';
        }
    }
}

static void print(int x0, int y0)
{
    for (int y = y0; y < y0 + 16; y++) {
        for (int x = x0; x < x0 + 40; x++)
            putchar(cell[0][y & (SIZE - 1)][x & (SIZE - 1)] ? 'O' : '.');
        putchar('\n');
    }
}

int main(void)
{
    int alive = 0, differ = 0;
    uint64_t h = FOLD_START;

    put(2, 2, ".O./..O/OOO");                   /* glider */
    put(30, 30, ".OO/OO./.O.");                 /* r-pentomino */
    put(50, 10, "OOO");                         /* blinker */
    put(10, 50, ".O...../...O.../OO..OOO");     /* acorn */
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            row[0][y] |= (uint64_t)cell[0][y][x] << x;
    for (int step = 1; step <= 400; step++) {
        int more;

        alive = byte_step(cell[0], cell[1]);
        more = bit_step(row[0], row[1]);
        memcpy(cell[0], cell[1], sizeof(cell[0]));
        memcpy(row[0], row[1], sizeof(row[0]));
        differ += alive != more;
        for (int y = 0; y < SIZE; y++) {
            uint64_t v = 0;

            for (int x = 0; x < SIZE; x++)
                v |= (uint64_t)cell[0][y][x] << x;
            differ += v != row[0][y];
            h = fold(h, row[0][y]);
        }
        if (step % 50 == 0)
            printf("step %d alive %d differ %d %016llx\n", step, alive,
                   differ, (unsigned long long)h);
    }
    print(12, 24);
    return alive & 127;
}
