// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/environment.h"

#include <stdlib.h>
#include <string.h>

static size_t env_count(char *const *envp)
{
    size_t n = 0;

    while (envp && envp[n])
        n++;
    return n;
}

/* Position of the variable named by the first @len bytes of @name. */
static size_t env_find(char *const *envp, const char *name, size_t len)
{
    size_t i = 0;

    for (; envp[i]; i++)
        if (strncmp(envp[i], name, len) == 0 && envp[i][len] == '=')
            break;
    return i;
}

char **env_copy(char *const *envp)
{
    size_t n = env_count(envp);
    char **copy = calloc(n + 1, sizeof(*copy));

    if (copy && n)
        memcpy(copy, envp, n * sizeof(*copy));
    return copy;
}

bool env_set(char ***envp, char *assignment)
{
    size_t n = env_count(*envp);
    size_t i = env_find(*envp, assignment, strcspn(assignment, "="));
    char **grown;

    if (i < n) {
        (*envp)[i] = assignment;
        return true;
    }
    grown = realloc(*envp, (n + 2) * sizeof(*grown));
    if (!grown)
        return false;
    *envp = grown;
    grown[n] = assignment;
    grown[n + 1] = NULL;
    return true;
}

void env_unset(char **envp, const char *name)
{
    size_t n = env_count(envp);
    size_t i = env_find(envp, name, strlen(name));

    if (i < n)
        memmove(&envp[i], &envp[i + 1], (n - i) * sizeof(*envp));
}
