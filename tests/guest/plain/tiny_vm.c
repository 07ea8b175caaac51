// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/tiny_vm.c - two interpreters: a tape machine and a stack machine
 *
 * Catches errors in dispatch loops and in byte and word memory. The stack
 * machine assembles its program from text; it computes the exit code (7).
 */
#include <ctype.h>
#include "plain.h"

/* The eight-letter tape language, with the jumps worked out first. */
static void tape(const char *code, const char *input)
{
    static uint8_t cell[100];
    int jump[200] = { 0 }, open[20], depth = 0, at = 0;
    long steps = 0;

    memset(cell, 0, sizeof(cell));
    for (int i = 0; code[i]; i++) {
        if (code[i] == '[') {
            open[depth++] = i;
        } else if (code[i] == ']') {
            jump[i] = open[--depth];
            jump[jump[i]] = i;
        }
    }
    for (int pc = 0; code[pc]; pc++, steps++) {
        switch (code[pc]) {
        case '>': at++; break;
        case '<': at--; break;
        case '+': cell[at]++; break;
        case '-': cell[at]--; break;
        case '.': putchar(cell[at]); break;
        case ',': cell[at] = *input ? *input++ : 0; break;
        case '[': pc = cell[at] ? pc : jump[pc]; break;
        case ']': pc = cell[at] ? jump[pc] : pc; break;
        }
    }
    printf(" (%ld steps, cells %d %d %d)\n", steps, cell[0], cell[1],
           cell[2]);
}

enum {
    PUSH, ADD, SUB, MUL, DIV, MOD, LESS, DUP, SWAP, LOAD, STORE, GET, PUT,
    JUMP, JZERO, CALL, RET, PRINT, HALT, OPS
};

static const char *const names[] = {
    "push", "add", "sub", "mul", "div", "mod", "less", "dup", "swap", "load",
    "store", "get", "put", "jump", "jzero", "call", "ret", "print", "halt"
};

/* Two passes: the first finds the labels, the second puts them in. */
static int assemble(const char *source, int *code)
{
    static struct { char name[12]; int at; } label[20];
    char text[1200], *save;
    int n = 0, labels = 0;

    for (int pass = 0; pass < 2; pass++) {
        n = 0;
        strcpy(text, source);
        for (char *t = strtok_r(text, " ", &save); t;
             t = strtok_r(NULL, " ", &save)) {
            int v = -1;

            if (t[strlen(t) - 1] == ':') {
                t[strlen(t) - 1] = 0;
                strcpy(label[labels].name, t);
                label[labels++].at = n;
                continue;
            }
            for (int i = 0; i < labels; i++)
                if (strcmp(label[i].name, t) == 0)
                    v = label[i].at;
            for (int i = 0; i < OPS; i++)
                if (strcmp(names[i], t) == 0)
                    v = i;
            code[n++] = isdigit((unsigned char)*t) ? atoi(t) : v;
        }
    }
    return n;
}

static int run(const int *code)
{
    static long s[200], frames[200], memory[1000];
    long steps = 0, t;
    int sp = 0, fp = 0;

    for (int pc = 0;; steps++) {
        switch (code[pc++]) {
        case PUSH: s[sp++] = code[pc++]; break;
        case ADD: sp--; s[sp - 1] += s[sp]; break;
        case SUB: sp--; s[sp - 1] -= s[sp]; break;
        case MUL: sp--; s[sp - 1] *= s[sp]; break;
        case DIV: sp--; s[sp - 1] /= s[sp]; break;
        case MOD: sp--; s[sp - 1] %= s[sp]; break;
        case LESS: sp--; s[sp - 1] = s[sp - 1] < s[sp]; break;
        case DUP: s[sp] = s[sp - 1]; sp++; break;
        case SWAP: t = s[sp - 1]; s[sp - 1] = s[sp - 2]; s[sp - 2] = t; break;
        case LOAD: s[sp++] = memory[code[pc++]]; break;
        case STORE: memory[code[pc++]] = s[--sp]; break;
        case GET: s[sp - 1] = memory[s[sp - 1]]; break;
        case PUT: sp -= 2; memory[s[sp + 1]] = s[sp]; break;
        case JUMP: pc = code[pc]; break;
        case JZERO: pc = s[--sp] ? pc + 1 : code[pc]; break;
        case CALL: frames[fp++] = pc + 1; pc = code[pc]; break;
        case RET: pc = (int)frames[--fp]; break;
        case PRINT: printf("%ld ", s[--sp]); break;
        default: printf("\n%ld steps\n", steps); return (int)s[--sp];
        }
    }
}

/* The longest Collatz chains from 1 to 300, and a recursive Fibonacci. */
static const char program[] =
    "push 1 store 0 push 0 store 3 "
    "next: load 0 push 301 less jzero end "
    "load 0 call collatz store 1 load 1 load 0 push 100 add put "
    "load 3 load 1 less jzero skip "
    "load 1 store 3 load 0 print load 1 print "
    "skip: load 0 push 1 add store 0 jump next "
    "end: push 397 get print push 15 call fib print push 7 halt "
    "collatz: store 4 push 0 store 5 "
    "again: push 1 load 4 less jzero done load 5 push 1 add store 5 "
    "load 4 push 2 mod jzero even "
    "load 4 push 3 mul push 1 add store 4 jump again "
    "even: load 4 push 2 div store 4 jump again "
    "done: load 5 ret "
    "fib: dup push 2 less jzero more ret "
    "more: dup push 1 sub call fib swap push 2 sub call fib add ret";

int main(void)
{
    int code[300];

    tape("++++++++[>++++++++<-]>+<++++++++++++++++++++++++++[>.+<-]", "");
    tape(">,[>,]<[.<]", "upside down");
    tape(",>++++++[-<-------->]>,[-<<+>>]<<.", "23");
    tape("-[>-[>+++<-]<-]", "");
    printf("%d words\n", assemble(program, code));
    return run(code);
}
