/* SPDX-License-Identifier: GPL-2.0-only */
/* pin_lines.h - the lines of the pinned files workqueues, pools and workers */
#ifndef WQKIT_PIN_LINES_H
#define WQKIT_PIN_LINES_H

#include "pin_state.h"

/* --- pieces of lines --- */

static __always_inline void put_worker_id(struct pin_reader *r, u64 worker)
{
	u64 attrs = LOADP(worker_pool, r->pool, attrs);

	if (LOAD(worker_pool, r->pool, flags) & c.pool_bh) {
		PUT(r, "bh");
		if (LOAD(workqueue_attrs, attrs, nice) < 0)
			PUT(r, "-hi");
		return;
	}
	put_number(r->slot, pid_of(LOADP(worker, worker, task)), 0);
	if (LOADP(worker, worker, rescue_wq))
		PUT(r, "(RESCUER)");
}

static __always_inline u64 seconds_since(u64 then)
{
	u64 now = bpf_jiffies64();

	return now > then ? (now - then) / p.hz : 0;
}

/* For how long the pool's list has not moved, while works wait on it. */
static __always_inline u64 hung_seconds(u64 pool)
{
	return list_is_empty(ADDR(worker_pool, pool, worklist)) ? 0
								: seconds_since(progress_of(pool));
}

static __always_inline void put_read(struct pin_reader *r, u32 retries, u32 gave_up)
{
	if (gave_up)
		PUT(r, "incomplete");
	else if (retries)
		PUT(r, "retried   ");
	else
		PUT(r, "consistent");
}

static __noinline int put_flags(struct pin_reader *r)
{
	u32 flags = LOAD(worker_pool, r->pool, flags);
	u32 begun = 0;

	if (flags & c.pool_bh) {
		PUT(r, "BH");
		begun = 1;
	}
	if (flags & p.manager_active) {
		if (begun)
			put_char(r, '|');
		PUT(r, "MANAGER_ACTIVE");
		begun = 1;
	}
	if (flags & p.disassociated) {
		if (begun)
			put_char(r, '|');
		PUT(r, "DISASSOCIATED");
		begun = 1;
	}
	if (flags & p.bh_draining) {
		if (begun)
			put_char(r, '|');
		PUT(r, "BH_DRAINING");
		begun = 1;
	}
	if (!begun)
		put_char(r, '0');
	return 0;
}

/* --- the file `workqueues` --- */

static __always_inline int max_active_of(u64 wq)
{
	if (EXISTS(workqueue_struct, max_active))
		return LOAD(workqueue_struct, wq, max_active);
	return LOAD(workqueue_struct, wq, saved_max_active);
}

static __always_inline void put_workqueue(struct pin_reader *r)
{
	read_wq_name(r->name, r->wq);
	put_name(r->slot, 31);
	put_number(r->slot, r->active, 8);
	put_number(r->slot, r->total, 7);
	put_number(r->slot, max_active_of(r->wq), 11);
	put_number(r->slot, r->in_flight, 10);
	put_char(r, '\n');
	r->lines++;
}

/* Works that are held back: the only ones that no counter of the kernel gives. */
static __always_inline void begin_inactive(struct pin_reader *r)
{
	u64 inactive = inactive_list(r->pwq);

	r->phase = PIN_PWQ;
	if (list_is_empty(inactive))
		return;
	begin(&r->items, inactive);
	r->list = LIST_INACTIVE;
	r->linked = r->count = 0;
	r->phase = PIN_COUNT_WORKS;
}

/*
 * nr_active counts running, scheduled and pending works, and no barriers. A
 * worker can execute for this pwq only while it is not 0.
 */
static __always_inline void add_pwq(struct pin_reader *r)
{
	if (meet_pool(r, r->pool_id))
		r->total += LOAD(worker_pool, r->pool, nr_workers);
	r->nr_active = LOAD(pool_workqueue, r->pwq, nr_active);
	if (r->nr_active <= 0) {
		begin_inactive(r);
		return;
	}
	r->in_flight += r->nr_active;
	r->running = 0;
	begin_workers(r, PIN_COUNT_RUNNING);
}

/* --- the file `pools` --- */

static __always_inline void put_cpu(struct pin_reader *r, int cpu, u32 width)
{
	if (cpu < 0)
		put_unknown(r, width);
	else
		put_number(r->slot, cpu, width);
}

/* All numbers of its line; the CPUs follow, and end it. */
static __always_inline void put_pool(struct pin_reader *r)
{
	u64 pool = r->pool, attrs = LOADP(worker_pool, pool, attrs);
	u64 manager = LOADP(worker_pool, pool, manager);
	int workers = LOAD(worker_pool, pool, nr_workers), idle = LOAD(worker_pool, pool, nr_idle);

	put_number(r->slot, r->pool_id, 4);
	put_cpu(r, LOAD(worker_pool, pool, node), 5);
	put_signed(r->slot, LOAD(workqueue_attrs, attrs, nice), 5);
	put_number(r->slot, workers, 8);
	put_number(r->slot, idle, 5);
	put_number(r->slot, workers > idle ? workers - idle : 0, 5);
	if (LOAD(worker_pool, pool, cpu) < 0)
		put_unknown(r, 8);
	else
		put_number(r->slot, nr_running_of(pool), 8);
	put_number(r->slot, r->count, 8);
	put_number(r->slot, hung_seconds(pool), 6);
	PUT(r, "s");
	if (manager)
		put_number(r->slot, pid_of(LOADP(worker, manager, task)), 8);
	else
		put_unknown(r, 8);
	put_char(r, ' ');
	r->lines++;
}

/* --- the file `workers` --- */

static __always_inline void put_state(struct pin_reader *r, u64 worker, u64 work)
{
	u64 pool = LOADP(worker, worker, pool);

	if (LOADP(worker, worker, rescue_wq))
		PUT(r, " rescuer");
	else if (work)
		PUT(r, " busy   ");
	else if (pool && LOADP(worker_pool, pool, manager) == worker)
		PUT(r, " manager");
	else if (LOAD(worker, worker, flags) & WORKER_IDLE)
		PUT(r, " idle   ");
	else
		PUT(r, " busy   ");
}

static __always_inline void put_age(struct pin_reader *r, u64 worker, u64 work)
{
	if (!work || !EXISTS(worker, current_start)) {
		put_unknown(r, 8);
		put_char(r, ' ');
		return;
	}
	put_number(r->slot, seconds_since(LOAD(worker, worker, current_start)), 7);
	PUT(r, "s ");
}

static __always_inline void put_worker_queue(struct pin_reader *r, u64 worker, u64 work)
{
	u64 pwq = LOADP(worker, worker, current_pwq), wq = LOADP(worker, worker, rescue_wq);

	if (work && pwq)
		wq = LOADP(pool_workqueue, pwq, wq);
	r->name[0] = '-';
	r->name[1] = 0;
	if (wq)
		read_wq_name(r->name, wq);
	put_name(r->slot, 31);
	put_char(r, ' ');
}

static __noinline int put_worker(struct pin_reader *r, u64 worker)
{
	u64 work = LOADP(worker, worker, current_work), pool = LOADP(worker, worker, pool);
	u64 func = LOADP(worker, worker, current_func), task = LOADP(worker, worker, task);

	if (task)
		put_number(r->slot, pid_of(task), 7);
	else
		put_unknown(r, 7);	/* the worker of a BH pool is no task */
	put_char(r, ' ');
	r->name[0] = '-';
	r->name[1] = 0;
	if (task)
		read_comm(r->name, task);
	put_name(r->slot, 16);
	put_cpu(r, pool ? LOAD(worker_pool, pool, id) : -1, 5);
	put_cpu(r, pool ? LOAD(worker_pool, pool, cpu) : -1, 5);
	put_state(r, worker, work);
	put_age(r, worker, work);
	put_worker_queue(r, worker, work);
	r->lines++;
	r->newline = 1;
	if (work && func)
		put_function(r->slot, func);
	else
		put_char(r, '-');
	return 0;
}

#endif
