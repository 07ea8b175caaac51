// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/sudoku.c - a sudoku solver with bit sets, and the eight queens
 *
 * Catches errors in deep backtracking, where state is undone step by step.
 * Ends with return 42.
 */
#include "plain.h"

static uint16_t rows[9], columns[9], boxes[9];
static char grid[82];
static long tried;

static int box_of(int at)
{
    return at / 27 * 3 + at % 9 / 3;
}

static void flip(int at, int digit)
{
    rows[at / 9] ^= 1 << digit;
    columns[at % 9] ^= 1 << digit;
    boxes[box_of(at)] ^= 1 << digit;
}

static unsigned choices(int at)
{
    return 0x3fe & ~(rows[at / 9] | columns[at % 9] | boxes[box_of(at)]);
}

/* Count solutions, at most two; the last one stays in the buffer. */
static int solve(char *answer, int limit)
{
    int best = -1, least = 10, found = 0;

    for (int i = 0; i < 81 && least > 1; i++) {
        int n;

        if (grid[i] != '.')
            continue;
        n = __builtin_popcount(choices(i));
        if (n < least) {
            least = n;
            best = i;
        }
    }
    if (best < 0) {
        strcpy(answer, grid);
        return 1;
    }
    for (unsigned c = choices(best); c && found < limit; c &= c - 1) {
        int digit = __builtin_ctz(c);

        tried++;
        grid[best] = '0' + digit;
        flip(best, digit);
        found += solve(answer, limit - found);
        flip(best, digit);
        grid[best] = '.';
    }
    return found;
}

static void puzzle(const char *start)
{
    char answer[82] = "";
    int n;

    memset(rows, 0, sizeof(rows));
    memset(columns, 0, sizeof(columns));
    memset(boxes, 0, sizeof(boxes));
    strcpy(grid, start);
    for (int i = 0; i < 81; i++)
        if (grid[i] != '.')
            flip(i, grid[i] - '0');
    tried = 0;
    n = solve(answer, 2);
    printf("solutions %d, tried %ld\n", n, tried);
    for (int i = 0; n && i < 81; i += 9)
        printf("  %.9s  %.9s\n", start + i, answer + i);
}

static int queens(int n, int row, unsigned down, unsigned left,
                  unsigned right, int *place)
{
    unsigned open = ((1u << n) - 1) & ~(down | left | right);
    int found = 0;

    if (row == n) {
        for (int i = 0; i < n; i++)
            putchar('1' + place[i]);
        putchar(' ');
        return 1;
    }
    for (; open; open &= open - 1) {
        unsigned bit = open & -open;

        place[row] = __builtin_ctz(bit);
        found += queens(n, row + 1, down | bit, (left | bit) << 1,
                        (right | bit) >> 1, place);
    }
    return found;
}

int main(void)
{
    int place[8];

    puzzle("12.4...8.......1......8..........9..6...5.........2.."
           ".3...........6.7........9.4.");
    puzzle("........1.......23..4..5......1........3.6...7...58..."
           "....67....1...4..52.........");
    puzzle("1.......2.9.4...5...6...7...5.9.3.......7.......85..4."
           "7.....6...3...9.8...2.....1");
    printf("\n%d ways for 6\n", queens(6, 0, 0, 0, 0, place));
    printf("\n%d ways for 8\n", queens(8, 0, 0, 0, 0, place));
    return 42;
}
