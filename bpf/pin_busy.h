/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pin_busy.h - the pinned file busy: the kernel's own dump of what is busy
 * ("Showing busy workqueues and worker pools"), in the words of its newest form
 */
#ifndef WQKIT_PIN_BUSY_H
#define WQKIT_PIN_BUSY_H

#include "pin_state.h"
#include "pin_lines.h"

static __always_inline void put_busy_workqueue(struct pin_reader *r)
{
	PUT(r, "workqueue ");
	read_wq_name(r->name, r->wq);
	put_name(r->slot, 0);
	PUT(r, ": flags=");
	put_hex(r->slot, LOAD(workqueue_struct, r->wq, flags));
	put_char(r, '\n');
	r->open = 1;
	r->lines++;
}

/* What the kernel says of a pool behind its CPUs. */
static __noinline int put_pool_info(struct pin_reader *r)
{
	u64 pool = r->pool, attrs = LOADP(worker_pool, pool, attrs);
	u32 flags = LOAD(worker_pool, pool, flags);
	int node = LOAD(worker_pool, pool, node), nice = LOAD(workqueue_attrs, attrs, nice);

	if (node >= 0) {
		PUT(r, " node=");
		put_number(r->slot, node, 0);
	}
	PUT(r, " flags=");
	put_hex(r->slot, flags);
	if (flags & c.pool_bh) {
		PUT(r, " bh");
		if (nice < 0)
			PUT(r, "-hi");
	} else {
		PUT(r, " nice=");
		put_signed(r->slot, nice, 0);
	}
	return 0;
}

static __noinline int put_pwq_counts(struct pin_reader *r)
{
	PUT(r, " active=");
	put_number(r->slot, LOAD(pool_workqueue, r->pwq, nr_active), 0);
	PUT(r, " refcnt=");
	put_number(r->slot, LOAD(pool_workqueue, r->pwq, refcnt), 0);
	if (!list_is_empty(ADDR(pool_workqueue, r->pwq, mayday_node)))
		PUT(r, " MAYDAY");
	put_char(r, '\n');
	return 0;
}

static __noinline int put_pool_counts(struct pin_reader *r)
{
	u64 manager = LOADP(worker_pool, r->pool, manager);

	PUT(r, " hung=");
	put_number(r->slot, hung_seconds(r->pool), 0);
	PUT(r, "s workers=");
	put_number(r->slot, LOAD(worker_pool, r->pool, nr_workers), 0);
	if (manager) {
		PUT(r, " manager: ");
		put_number(r->slot, pid_of(LOADP(worker, manager, task)), 0);
	}
	return 0;
}

static __always_inline u64 list_of(struct pin_reader *r, u32 list)
{
	if (list == LIST_INACTIVE)
		return inactive_list(r->pwq);
	if (list == LIST_WORKLIST)
		return ADDR(worker_pool, r->pool, worklist);
	return ADDR(worker, r->worker, scheduled);
}

static __always_inline void begin_gather(struct pin_reader *r, u32 list)
{
	begin(&r->items, list_of(r, list));
	r->list = list;
	r->prefixed = list == LIST_SCHEDULED;
	r->linked = r->nr_groups = r->group_comma = 0;
	r->more = r->flushed = r->torn = 0;
	r->phase = PIN_GATHER;
}

static __always_inline void end_gather(struct pin_reader *r)
{
	if (r->list == LIST_SCHEDULED) {
		r->phase = PIN_IN_FLIGHT;
		return;
	}
	if (r->in_line)
		put_char(r, '\n');
	if (r->list == LIST_WORKLIST)
		begin_gather(r, LIST_INACTIVE);
	else
		r->phase = PIN_PWQ;
}

/* Neighbours of one function stand together; what is linked to its forerunner has no comma. */
static __always_inline void add_to_groups(struct pin_reader *r, u64 func, u32 nr)
{
	struct pin_group *last = &r->groups[(r->nr_groups - 1) & (PIN_GROUPS - 1)];
	struct pin_group *g = &r->groups[r->nr_groups & (PIN_GROUPS - 1)];

	if (r->nr_groups && func && last->func == func) {
		last->nr++;
		return;
	}
	g->func = func;
	g->nr = nr;
	g->comma = r->group_comma;
	r->nr_groups++;
}

/* Is the work at the cursor one of the list? */
static __always_inline int belongs(struct pin_reader *r, u64 data)
{
	u64 pwq = data & c.pwq_mask;

	if (!(data & WORK_PWQ))
		return 0;
	if (r->list == LIST_INACTIVE)
		return pwq == r->pwq;
	return LOADP(pool_workqueue, pwq, pool) == r->pool;
}

static __always_inline int gather_work(struct pin_reader *r)
{
	u64 work = CONTAINER(work_struct, r->items.pos, entry);
	u64 data = LOAD(work_struct, work, data.counter), pwq = data & c.pwq_mask;

	if (!belongs(r, data))
		return TORN;
	if (is_mayday_cursor(work, pwq) || (r->list == LIST_WORKLIST && pwq != r->pwq))
		return AT_NEXT;
	if (is_barrier(r->list, data, r->linked))
		add_to_groups(r, 0, pid_of(LOADP(wq_barrier, CONTAINER(wq_barrier, work, work), task)));
	else
		add_to_groups(r, LOADP(work_struct, work, func), 1);
	r->linked = data & WORK_LINKED;
	r->group_comma = r->list != LIST_SCHEDULED && !r->linked;
	return AT_NEXT;
}

/* Until something of the list is printed, it can be read again. */
static __always_inline int gather_again(struct pin_reader *r)
{
	if (r->flushed) {
		r->gave_up++;
		return 0;
	}
	r->linked = r->nr_groups = r->group_comma = 0;
	return again(r, &r->items);
}

static __noinline int step_gather(struct pin_reader *r)
{
	int what = advance(&r->items);

	if (what == AT_NEXT)
		what = gather_work(r);
	if (what == AT_NEXT && r->nr_groups < PIN_GROUPS)
		return 0;
	if (what == TORN && gather_again(r))
		return 0;
	r->more = what == AT_NEXT;
	r->torn = what == TORN;
	r->at_group = 0;
	r->phase = PIN_GROUP;
	return 0;
}

static __always_inline void put_prefix(struct pin_reader *r)
{
	if (r->prefixed)
		return;
	r->prefixed = 1;
	if (r->list == LIST_WORKLIST)
		PUT(r, "    pending:");
	else
		PUT(r, "    inactive:");
}

static __noinline int step_group(struct pin_reader *r)
{
	struct pin_group *g = &r->groups[r->at_group & (PIN_GROUPS - 1)];

	if (r->at_group >= r->nr_groups) {
		r->nr_groups = 0;
		r->flushed = 1;
		if (r->torn)
			PUT(r, " ...");
		if (r->more)
			r->phase = PIN_GATHER;
		else
			end_gather(r);
		return 0;
	}
	r->at_group++;
	put_prefix(r);
	if (g->comma)
		put_char(r, ',');
	put_char(r, ' ');
	if (!g->func) {
		PUT(r, "BAR(");
		put_number(r->slot, g->nr, 0);
		put_char(r, ')');
		return 0;
	}
	if (g->nr > 1) {
		put_number(r->slot, g->nr, 0);
		put_char(r, '*');
	}
	put_function(r->slot, g->func);
	return 0;
}

#endif
