/* SPDX-License-Identifier: GPL-2.0-only */
/* fields.h - what kernels keep in different places, and what fields mean */
#ifndef WQKIT_BPF_FIELDS_H
#define WQKIT_BPF_FIELDS_H

#include "read.h"
#include "kernel.h"
#include "walk.h"

/* --- workqueues and pwqs --- */

/* Does a node of `workqueues` lie in a workqueue? The list's head does not. */
static __always_inline int is_workqueue(u64 wq)
{
	u64 first = LOADP(workqueue_struct, wq, pwqs.next);

	if (first == ADDR(workqueue_struct, wq, pwqs))
		return 1;	/* being created or destroyed */
	return LOADP(pool_workqueue, CONTAINER(pool_workqueue, first, pwqs_node), wq) == wq;
}

static __always_inline void read_wq_name(char *name, u64 wq)
{
	bpf_core_read_str(name, bpf_core_field_size(struct workqueue_struct, name) > 24 ? 32 : 24,
			  &((struct workqueue_struct *)wq)->name);
}

static __always_inline u64 inactive_list(u64 pwq)
{
	if (EXISTS(pool_workqueue, inactive_works))
		return ADDR(pool_workqueue, pwq, inactive_works);
	return ADDR(pool_workqueue___delayed, pwq, delayed_works);
}

/* --- pools --- */

static __always_inline int nr_running_of(u64 pool)
{
	if (EXISTS(worker_pool___atomic, nr_running.counter))
		return LOAD(worker_pool___atomic, pool, nr_running.counter);
	return LOAD(worker_pool, pool, nr_running);
}

/* When its list last moved, in jiffies. */
static __always_inline u64 progress_of(u64 pool)
{
	if (EXISTS(worker_pool, watchdog_ts))
		return LOAD(worker_pool, pool, watchdog_ts);
	return LOAD(worker_pool___progress, pool, last_progress_ts);
}

/* The address of the mask itself. */
static __always_inline u64 cpumask_of(u64 attrs)
{
	if (EXISTS(workqueue_attrs, cpumask))
		return LOADP(workqueue_attrs, attrs, cpumask);
	return ADDR(workqueue_attrs___mask, attrs, cpumask);
}

/* --- tasks --- */

static __always_inline int pid_of(u64 task)
{
	return task ? LOAD(task_struct, task, pid) : 0;
}

static __always_inline void read_comm(char *comm, u64 task)
{
	if (bpf_core_read_str(comm, 16, &((struct task_struct *)task)->comm) < 0)
		comm[0] = 0;
}

/* The struct worker behind a kworker's task, or 0. */
static __always_inline u64 worker_of(u64 task)
{
	u64 kthread;

	if (!(LOAD(task_struct, task, flags) & PF_WQ_WORKER))
		return 0;
	if (EXISTS(task_struct, worker_private))
		kthread = LOADP(task_struct, task, worker_private);
	else
		kthread = LOADP(task_struct, task, set_child_tid);
	return kthread ? LOADP(kthread, kthread, data) : 0;
}

/* The pwq of the work that the current task executes; 0 if it does not, as for a BH work. */
static __always_inline u64 current_pwq(u64 work)
{
	u64 worker = worker_of(bpf_get_current_task());

	if (!worker || LOADP(worker, worker, current_work) != work)
		return 0;
	return LOADP(worker, worker, current_pwq);
}

/* --- works --- */

/* A barrier is linked behind its work, or has no colour that counts. */
static __always_inline int is_barrier(u32 list, u64 data, u64 linked)
{
	if (linked)
		return 1;
	if (list == LIST_INACTIVE)
		return 0;
	if (bpf_core_field_size(struct pool_workqueue, nr_in_flight) == 60)
		return (data >> 4 & 15) == 15;	/* before 5.15: WORK_NO_COLOR */
	return !!(data & WORK_INACTIVE);
}

/* What a rescuer puts into a worklist to find its way. */
static __always_inline int is_mayday_cursor(u64 work, u64 pwq)
{
	return EXISTS(pool_workqueue, mayday_cursor) &&
	       work == ADDR(pool_workqueue, pwq, mayday_cursor);
}

#endif
