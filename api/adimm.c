// SPDX-License-Identifier: GPL-2.0-or-later
/* A memory begins and ends. */
#include "api/adimm.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adi/profile.h"
#include "api/internal.h"
#include "check/check.h"
#include "event/hosterr.h"
#include "mm/phys.h"

static_assert(ADIMM_PAGE_SIZE == PAGE_SIZE, "as in the model");
static_assert(ADIMM_BLOCK_SIZE == ADI_BLKSZ, "as in the model");
static_assert(ADIMM_MAX_SWAPS == SWP_MAX_FILES, "as in the model");

#define DEFAULT_RAM (UINT64_C(256) << 20)
#define MIN_RAM     (UINT64_C(1) << 20)
#define MAX_RAM     (UINT64_C(1) << 40)
#define MIN_SWAP    (10 * PAGE_SIZE)

const char *adimm_version(void)
{
    return ADIEMU_VERSION;
}

const char *adimm_kernel(unsigned n)
{
    const struct adi_profile *profile = adi_profile_nth(n);

    return profile ? profile->name : NULL;
}

int api_fail(struct adimm *m, int err, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(m->why, sizeof(m->why), format, ap);
    va_end(ap);
    return err;
}

static int set_kernel(struct adimm *m, const char *name)
{
    m->profile = name ? adi_profile_find(name) : adi_profile_default();
    if (!m->profile)
        return api_fail(m, -EINVAL, "kernel \"%.80s\": there is none", name);
    return 0;
}

static int set_swaps(struct adimm *m, const struct adimm_config *config,
                     struct alone_config *out)
{
    for (unsigned i = 0; i < ADIMM_MAX_SWAPS && config->swap_bytes[i]; i++) {
        uint64_t bytes = config->swap_bytes[i];

        if (bytes < MIN_SWAP)
            return api_fail(m, -EINVAL,
                            "swap_bytes[%u]: less than 10 pages of 8 KiB", i);
        out->swaps[i].bytes = bytes;
        out->swaps[i].priority = -1;
        out->nr_swaps = i + 1;
        m->swap_bytes += bytes;
    }
    return 0;
}

static int read_config(struct adimm *m, const struct adimm_config *config,
                       struct alone_config *out)
{
    int err = set_kernel(m, config->kernel);

    if (err)
        return err;
    m->ram_bytes = config->ram_bytes ? config->ram_bytes : DEFAULT_RAM;
    if (m->ram_bytes < MIN_RAM || m->ram_bytes > MAX_RAM)
        return api_fail(m, -EINVAL, "ram_bytes: not from 1 MiB to 1 TiB");
    if (config->nr_nodes > PHYS_MAX_NODES)
        return api_fail(m, -EINVAL, "nr_nodes: more than %d", PHYS_MAX_NODES);
    m->nr_nodes = config->nr_nodes ? config->nr_nodes : 1;
    *out = (struct alone_config){.profile = m->profile,
                                 .ram_bytes = m->ram_bytes,
                                 .nr_nodes = m->nr_nodes,
                                 .history = config->history,
                                 .check = CHECK_OFF};
    return set_swaps(m, config, out);
}

static int set_up(struct adimm *m, const struct adimm_config *config)
{
    struct alone_config alone;
    int err = read_config(m, config, &alone);

    if (err)
        return err;
    m->name = strdup(config->name ? config->name : "libadimm");
    err = m->name ? alone_create(&alone, &m->alone) : -ENOMEM;
    if (err)
        return api_fail(m, err, "the host has refused the memory: %s",
                        strerrordesc_np(-err));
    hub_quiet_host_errors(memory_hub(alone_memory(m->alone)));
    return 0;
}

int adimm_create(const struct adimm_config *config, struct adimm **out,
                 char *why)
{
    struct adimm *m = calloc(1, sizeof(*m));
    int err;

    if (!m) {
        if (why)
            snprintf(why, ADIMM_WHY_BYTES, "%s", strerrordesc_np(ENOMEM));
        return -ENOMEM;
    }
    err = set_up(m, config);
    if (why)
        memcpy(why, m->why, sizeof(m->why));
    if (err)
        adimm_destroy(m);
    else
        *out = m;
    return err;
}

void adimm_destroy(struct adimm *m)
{
    if (!m)
        return;
    triggers_destroy(m->triggers);
    alone_destroy(m->alone);
    script_free(&m->script);
    free(m->name);
    free(m);
}

void adimm_exit(struct adimm *m)
{
    if (m->exited)
        return;
    m->why[0] = '\0';
    alone_exit(m->alone, m->triggers);
    m->exited = true;
}

const char *adimm_why(const struct adimm *m)
{
    return m->why;
}

int adimm_check(struct adimm *m)
{
    const struct check_failure *f;

    m->why[0] = '\0';
    if (check_everything(alone_check(m->alone)))
        return 0;
    f = check_failure(alone_check(m->alone));
    return api_fail(m, -ENOTRECOVERABLE, "invariant %u, %s: %s", f->nr, f->name,
                    f->text);
}
