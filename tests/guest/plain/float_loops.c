// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/float_loops.c - n bodies, matrices, mandelbrot, Fourier transform
 *
 * Catches rounding errors that add up over many double operations and FPU
 * registers that are lost when something interrupts a long loop.
 */
#include <complex.h>
#include <math.h>
#include "plain.h"

static void bodies(void)
{
    double p[4][3], v[4][3], m[4] = { 10, 1, 0.5, 0.25 }, e = 0;

    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 3; k++) {
            p[i][k] = i * (k == 0) * 2.0 + 0.1 * k;
            v[i][k] = i ? (k == 1) * sqrt(5.0 / i) - 0.01 * k : 0;
        }
    }
    for (int step = 0; step < 3000; step++) {
        for (int i = 0; i < 4; i++) {
            for (int j = i + 1; j < 4; j++) {
                double d[3], r = 0.01, f;

                for (int k = 0; k < 3; k++) {
                    d[k] = p[i][k] - p[j][k];
                    r += d[k] * d[k];
                }
                f = 0.001 / (r * sqrt(r));
                for (int k = 0; k < 3; k++) {
                    v[i][k] -= d[k] * m[j] * f;
                    v[j][k] += d[k] * m[i] * f;
                }
            }
        }
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 3; k++)
                p[i][k] += v[i][k] * 0.001;
    }
    for (int i = 0; i < 4; i++) {
        printf("body %d %.17g %.17g %.17g\n", i, p[i][0], p[i][1], p[i][2]);
        for (int k = 0; k < 3; k++)
            e += m[i] * v[i][k] * v[i][k] / 2;
    }
    printf("energy %.17g\n", e);
}

#define N 48
static void matrices(void)
{
    static double a[N][N], b[N][N], c[N][N];
    static float fc[N][N];
    uint64_t h = FOLD_START;
    double det = 1;

    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            a[i][j] = 1.0 / (i + j + 1);
            b[i][j] = (i == j) * 2 + (i * 7 + j * 3) % 11 / 11.0;
        }
    }
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            for (int k = 0; k < N; k++) {
                c[i][j] += a[i][k] * b[k][j];
                fc[i][j] += (float)a[i][k] * (float)b[k][j];
            }
            h = fold_double(fold_double(h, c[i][j]), fc[i][j]);
        }
    }
    for (int i = 0; i < N; i++) {       /* determinant of b */
        det *= b[i][i];
        for (int k = i + 1; k < N; k++)
            for (int j = N - 1; j >= i; j--)
                b[k][j] -= b[i][j] * (b[k][i] / b[i][i]);
    }
    printf("product %016llx determinant %.17g\n", (unsigned long long)h,
           det);
}

static void mandelbrot(void)
{
    long total = 0;

    for (int y = -11; y <= 11; y++) {
        for (int x = -44; x < 20; x++) {
            double cr = x / 20.0, ci = y / 9.0, r = 0, i = 0;
            int n = 0;

            while (n < 200 && r * r + i * i < 4) {
                double t = r * r - i * i + cr;

                i = 2 * r * i + ci;
                r = t;
                n++;
            }
            total += n;
            putchar(" .:-=+*%@#"[n == 200 ? 9 : n % 9]);
        }
        putchar('\n');
    }
    printf("iterations %ld\n", total);
}

static void fourier(double complex *x, int n, int sign)
{
    double complex even[n / 2 + 1], odd[n / 2 + 1];

    if (n == 1)
        return;
    for (int i = 0; i < n / 2; i++) {
        even[i] = x[2 * i];
        odd[i] = x[2 * i + 1];
    }
    fourier(even, n / 2, sign);
    fourier(odd, n / 2, sign);
    for (int i = 0; i < n / 2; i++) {
        double complex w = cexp(sign * 2 * acos(-1) * I * i / n) * odd[i];

        x[i] = even[i] + w;
        x[i + n / 2] = even[i] - w;
    }
}

int main(void)
{
    double complex x[256], worst = 0;

    bodies();
    matrices();
    mandelbrot();
    for (int i = 0; i < 256; i++)
        x[i] = i % 17 - 8 + I * (i % 5);
    fourier(x, 256, -1);
    for (int i = 0; i < 256; i += 37)
        printf("fourier %d %.10f %.10f\n", i, creal(x[i]), cimag(x[i]));
    fourier(x, 256, 1);
    for (int i = 0; i < 256; i++)
        if (cabs(x[i] / 256 - (i % 17 - 8 + I * (i % 5))) > cabs(worst))
            worst = x[i] / 256 - (i % 17 - 8 + I * (i % 5));
    printf("back again %d\n", cabs(worst) < 1e-13);
    return 0;
}
