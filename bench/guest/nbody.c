// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Five bodies, 150,000 steps: double add, multiply, divide, square root.
 * The result is printed as bits, so that each rounding counts.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BODIES 5
#define STEPS  150000
#define DT     0.001

static struct body {
    double x, y, z, vx, vy, vz, mass;
} body[BODIES] = {
    {0, 0, 0, 0, 0, 0, 39.4784},
    {4.8414, -1.1603, -0.1036, 0.6063, 2.8119, -0.0252, 0.0377},
    {8.3434, 4.1248, -0.4035, -1.0107, 1.8256, 0.0084, 0.0113},
    {12.8944, -15.1112, -0.2233, 1.0828, 0.8687, -0.0108, 0.0017},
    {15.3797, -25.9193, 0.1793, 0.9791, 0.5947, -0.0348, 0.0020},
};

static void attract(struct body *a, struct body *b)
{
    double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
    double d2 = dx * dx + dy * dy + dz * dz;
    double mag = DT / (d2 * sqrt(d2));

    a->vx -= dx * b->mass * mag;
    a->vy -= dy * b->mass * mag;
    a->vz -= dz * b->mass * mag;
    b->vx += dx * a->mass * mag;
    b->vy += dy * a->mass * mag;
    b->vz += dz * a->mass * mag;
}

static void step(void)
{
    for (int i = 0; i < BODIES; i++)
        for (int j = i + 1; j < BODIES; j++)
            attract(&body[i], &body[j]);
    for (int i = 0; i < BODIES; i++) {
        body[i].x += DT * body[i].vx;
        body[i].y += DT * body[i].vy;
        body[i].z += DT * body[i].vz;
    }
}

int main(void)
{
    for (int i = 0; i < STEPS; i++)
        step();
    for (int i = 0; i < BODIES; i++) {
        uint64_t bits;

        memcpy(&bits, &body[i].x, sizeof(bits));
        printf("%016llx\n", (unsigned long long)bits);
    }
    return 0;
}
