// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program of somebody else: libadimm by its pkg-config file.
 *
 * A page with a tag is in swap when it is unmapped; prints how much of the
 * tag store each profile leaks.
 */
#include <adi/profile.h>
#include <script/alone.h>
#include <script/trigger.h>
#include <report/ledger.h>
#include <report/report.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char text[] = "mmap 0x70000000 rw adi\n"
                           "tag 0x70000000 5\n"
                           "swapout all\n"
                           "munmap 0x70000000\n";

static unsigned long long leaked(const struct adi_profile *profile)
{
    const struct alone_config config = {.profile = profile,
                                        .ram_bytes = 1 << 20,
                                        .nr_nodes = 1,
                                        .swaps = {{1 << 20, -1}},
                                        .nr_swaps = 1};
    const struct script_rules rules = alone_rules(config.nr_nodes);
    struct script script;
    struct alone *memory;
    struct triggers *triggers;
    unsigned long long bytes = 0;

    if (script_parse(text, strlen(text), &rules, &script) != 0 ||
        script.nr_errors || alone_create(&config, &memory) != 0)
        exit(1);
    triggers = triggers_create(&script, alone_drive(memory),
                               alone_memory(memory), NULL, NULL);
    if (!triggers)
        exit(1);
    triggers_start(triggers);
    alone_exit(memory, triggers);
    for (size_t i = 0; i < report_nr_leaks(alone_report(memory)); i++)
        bytes += report_leak(alone_report(memory), i)->bytes;
    triggers_destroy(triggers);
    alone_destroy(memory);
    script_free(&script);
    return bytes;
}

int main(void)
{
    const struct adi_profile *profile;

    for (unsigned i = 0; (profile = adi_profile_nth(i)) != NULL; i++)
        printf("%s %llu\n", profile->name, leaked(profile));
    return 0;
}
