#include "emu/linux/task.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <utlist.h>

#include "drive/trigger.h"
#include "emu/linux/files.h"
#include "emu/linux/signal.h"

#define RLIM_STACK_DEFAULT (UINT64_C(8) << 20) /* bytes */

struct task *task_create(struct machine *m)
{
    struct task *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->m = m;
    t->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    t->pid = m->next_pid++;
    t->ppid = 1;
    t->rlim_stack = RLIM_STACK_DEFAULT;
    t->files = files_create();
    t->sighand = sighand_create();
    t->mm = mm_create(m->mem);
    if (!t->files || !t->sighand || !t->mm) {
        task_destroy(t);
        return NULL;
    }
    DL_APPEND(m->tasks, t);
    return t;
}

void task_destroy(struct task *t)
{
    if (!t)
        return;
    if (t->m->tasks && t->prev)
        DL_DELETE(t->m->tasks, t);
    if (t->mm)
        mm_put(t->mm);
    if (t->cwd >= 0)
        close(t->cwd);
    files_destroy(t->files);
    sighand_destroy(t->sighand);
    free(t->exe);
    free(t);
}

void task_exit(struct task *t, int wait_status)
{
    struct machine *m = t->m;

    if (!t->dead)
        triggers_exit(m->triggers, t->mm);
    t->dead = true;
    t->exit_code = wait_status;
    if (wait_status & 0x7f)
        m->exit_code = 128 + (wait_status & 0x7f);
    else
        m->exit_code = wait_status >> 8 & 0xff;
    engine_stop(m->engine);
}
