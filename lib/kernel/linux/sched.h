/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/sched.h - the thread that runs, and sleeping for a time
 *
 * current has a pid (the thread's), a tgid (the process's) and a comm. Not here: task states
 * (set_current_state() and schedule()), kthreads, priorities, signals: none is ever pending.
 * Goes on to the system's header of that name (CLONE_*, SCHED_*).
 */
#ifndef WQ_LINUX_SCHED_H
#define WQ_LINUX_SCHED_H

#include <limits.h>
#include <linux/compiler.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/types.h>

#define TASK_COMM_LEN 16
#define MAX_SCHEDULE_TIMEOUT LONG_MAX
#define PF_WQ_WORKER 0x00000020

struct task_struct {
	pid_t pid, tgid;
	unsigned int flags;		/* PF_WQ_WORKER while it runs an item */
	char comm[TASK_COMM_LEN];	/* as it was when the thread first asked */
};

struct task_struct *get_current(void) WQ_SYMBOL(get_current);
#ifndef __cplusplus
#define current get_current()
#endif

static inline pid_t task_pid_nr(const struct task_struct *task)
{
	return task->pid;
}

static inline pid_t task_tgid_nr(const struct task_struct *task)
{
	return task->tgid;
}

/* Asleep for @timeout jiffies, or for ever; always 0. */
long schedule_timeout_uninterruptible(long timeout) WQ_SYMBOL(schedule_timeout_uninterruptible);
#define schedule_timeout_interruptible schedule_timeout_uninterruptible
#define schedule_timeout_killable schedule_timeout_uninterruptible
#define schedule_timeout_idle schedule_timeout_uninterruptible

void yield(void) WQ_SYMBOL(yield);

/* The kernel below us preempts whoever should be preempted. */
static inline int cond_resched(void)
{
	barrier();
	return 0;
}

#define need_resched() 0

static inline int signal_pending(struct task_struct *task)
{
	(void)task;
	return 0;
}

#define fatal_signal_pending(task) signal_pending(task)

#endif

#pragma GCC system_header
#include_next <linux/sched.h>
