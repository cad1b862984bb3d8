/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image of a segment > rows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "fields.h"
#include "source_proc.h"

struct fill {
	struct snapshot *s;
	const struct seg_image *img;
	const struct proc_facts *facts;
	int *wq_rows, *pwq_rows, *pool_rows;	/* row of the snapshot + 1, by row of the segment */
	struct key_map functions, names;	/* rows of the table; indices of name[] */
	const char **name;
	size_t nr_names, names_room;
};

/* --- small conversions --- */

static uint64_t since_ns(const struct fill *f, uint64_t then)
{
	return then < f->img->mono_ns ? f->img->mono_ns - then : 0;
}

/* The kernel's bits, which libwq has too, in our numbering. */
static uint64_t wq_flags(uint32_t raw)
{
	static const struct {
		uint32_t raw;
		unsigned int bit;
	} bits[] = {
		{ 1u << 0, WQ_BH_BIT }, { 1u << 1, WQ_UNBOUND_BIT }, { 1u << 2, WQ_FREEZABLE_BIT },
		{ 1u << 3, WQ_MEM_RECLAIM_BIT }, { 1u << 4, WQ_HIGHPRI_BIT },
		{ 1u << 5, WQ_CPU_INTENSIVE_BIT }, { 1u << 6, WQ_SYSFS_BIT },
		{ 1u << 7, WQ_POWER_EFFICIENT_BIT }, { 1u << 8, WQ_PERCPU_BIT },
		{ 1u << 15, WQ_DESTROYING_BIT }, { 1u << 16, WQ_DRAINING_BIT },
		{ 1u << 17, WQ_ORDERED_BIT }, { 1u << 18, WQ_LEGACY_BIT },
		{ 1u << 19, WQ_DEPRECATED_BIT },
	};
	uint64_t set = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (raw & bits[i].raw)
			set |= FLAG_MASK(bits[i].bit);
	return set;
}

static uint64_t pool_flags(uint32_t raw)
{
	return (raw & WQ_SEG_POOL_BH ? FLAG_MASK(POOL_BH_BIT) : 0) |
	       (raw & WQ_SEG_POOL_MANAGER_ACTIVE ? FLAG_MASK(POOL_MANAGER_ACTIVE_BIT) : 0) |
	       (raw & WQ_SEG_POOL_DISASSOCIATED ? FLAG_MASK(POOL_DISASSOCIATED_BIT) : 0);
}

/* "0-3,8"; NULL for an empty set. */
static const char *cpu_list(struct snapshot *s, const uint64_t words[WQ_SEG_CPUS / 64])
{
	char text[4096];
	size_t len = 0;
	int first = -1;

	for (int cpu = 0; cpu <= (int)WQ_SEG_CPUS && len < sizeof(text) - 32; cpu++) {
		bool set = cpu < (int)WQ_SEG_CPUS && words[cpu / 64] >> cpu % 64 & 1;

		if (set && first < 0)
			first = cpu;
		if (set || first < 0)
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d", len ? "," : "", first);
		if (cpu - 1 > first)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "-%d", cpu - 1);
		first = -1;
	}
	return len ? snapshot_str(s, text) : NULL;
}

/* Our number of a thread; 0 if it is unknown. */
static int64_t tid_of(const struct fill *f, uint32_t tid)
{
	uint32_t ours;

	if (!tid || tid > INT32_MAX)
		return 0;
	if (!f->facts->tids)
		return tid;
	ours = key_map_get(f->facts->tids, tid);
	return ours == WQ_SEG_NONE ? 0 : ours;
}

static void set_pid(const struct fill *f, uint64_t *has, unsigned int field, int64_t *pid,
		    uint32_t tid)
{
	*pid = tid_of(f, tid);
	if (*pid)
		know(has, field);
}

/* Since @then, to the time of the picture, which may be a lower bound. */
static void set_age(const struct fill *f, uint64_t *has, const unsigned int fields[2],
		    uint64_t *const ages[2], uint64_t then)
{
	int bound = f->facts->ages_are_bounds;

	*ages[bound] = since_ns(f, then);
	if (!bound || *ages[bound])
		know(has, fields[bound]);
}

static void set_str(uint64_t *has, unsigned int field, const char **str, const char *value)
{
	*str = value;
	if (value)
		know(has, field);
}

/* --- functions --- */

/* Where nobody knows a name, the address has to do. */
static const char *look_up(struct fill *f, uint64_t func)
{
	uint32_t row = key_map_get(&f->functions, func);
	const char *symbol;

	if (func == f->img->head.barrier_func)
		return "wq_barrier_func";
	if (row != WQ_SEG_NONE) {
		const struct wq_seg_function *r = seg_row(f->img, WQ_SEG_FUNCTIONS, row);

		return snapshot_str(f->s, r->name);
	}
	symbol = f->facts->names ? proc_symbol(f->facts->names, func) : NULL;
	return symbol ? snapshot_str(f->s, symbol) : snapshot_fmt(f->s, "0x%" PRIx64, func);
}

static const char *function_name(struct fill *f, uint64_t func)
{
	uint32_t at = key_map_get(&f->names, func);

	if (!func)
		return NULL;
	if (at != WQ_SEG_NONE)
		return f->name[at];
	f->name = xgrow(f->name, f->nr_names, &f->names_room, sizeof(*f->name));
	f->name[f->nr_names] = look_up(f, func);
	key_map_put(&f->names, func, (uint32_t)f->nr_names);
	return f->name[f->nr_names++];
}

static void index_functions(struct fill *f)
{
	for (uint32_t i = 0; i < f->img->table[WQ_SEG_FUNCTIONS].nr; i++) {
		const struct wq_seg_function *r = seg_row(f->img, WQ_SEG_FUNCTIONS, i);

		if (r->name[0])
			key_map_put(&f->functions, r->address, i);
	}
}

/* --- rows by rows of the segment --- */

static void *row_at(const struct fill *f, enum row_kind kind, const int *rows, uint32_t nr,
		    uint32_t index)
{
	return index < nr && rows[index] ? snapshot_row(f->s, kind, (size_t)rows[index] - 1) : NULL;
}

static struct workqueue *wq_at(const struct fill *f, uint32_t index)
{
	return row_at(f, ROW_WORKQUEUE, f->wq_rows, f->img->table[WQ_SEG_WORKQUEUES].nr, index);
}

static struct pwq *pwq_at(const struct fill *f, uint32_t index)
{
	return row_at(f, ROW_PWQ, f->pwq_rows, f->img->table[WQ_SEG_PWQS].nr, index);
}

static struct pool *pool_at(const struct fill *f, uint32_t index)
{
	return row_at(f, ROW_POOL, f->pool_rows, f->img->table[WQ_SEG_POOLS].nr, index);
}

/* --- workqueues --- */

static const char *scope_text(struct fill *f, const struct wq_seg_workqueue *r)
{
	static const char *const scopes[WQ_SEG_NR_SCOPES] = {
		"default", "cpu", "smt", "cache", "cache_shard", "numa", "system",
	};

	if (r->affn_scope >= WQ_SEG_NR_SCOPES)
		return NULL;
	return snapshot_fmt(f->s, r->affn_strict ? "%s, strict" : "%s", scopes[r->affn_scope]);
}

static void fill_unbound(struct fill *f, struct workqueue *w, const struct wq_seg_workqueue *r)
{
	set_str(&w->has, WORKQUEUE_AFFINITY_SCOPE, &w->affinity_scope, scope_text(f, r));
	set_str(&w->has, WORKQUEUE_CPUMASK, &w->cpumask, cpu_list(f->s, r->cpus));
	w->min_active = r->min_active;
	know(&w->has, WORKQUEUE_MIN_ACTIVE);
}

static void fill_workqueue(struct fill *f, uint32_t index)
{
	const struct wq_seg_workqueue *r = seg_workqueue(f->img, index);
	const struct wq_seg_worker *rescuer;
	struct workqueue *w;

	if (!r)
		return;
	w = snapshot_add(f->s, ROW_WORKQUEUE);
	f->wq_rows[index] = (int)nr_rows(f->s, ROW_WORKQUEUE);
	w->id = snapshot_fmt(f->s, "%" PRIu64, r->serial);
	w->name = snapshot_str(f->s, r->name);
	w->flags = wq_flags(r->flags);
	w->flags_raw = r->flags;
	w->max_active = r->max_active;
	w->nice = r->nice;
	w->ordered = w->flags & FLAG_MASK(WQ_ORDERED_BIT);
	know(&w->has, WORKQUEUE_ID);
	know(&w->has, WORKQUEUE_NAME);
	know(&w->has, WORKQUEUE_FLAGS);
	know(&w->has, WORKQUEUE_FLAGS_RAW);
	know(&w->has, WORKQUEUE_MAX_ACTIVE);
	know(&w->has, WORKQUEUE_NICE);
	know(&w->has, WORKQUEUE_ORDERED);
	if (w->flags & FLAG_MASK(WQ_UNBOUND_BIT))
		fill_unbound(f, w, r);
	rescuer = seg_worker(f->img, r->rescuer);
	if (rescuer)
		set_pid(f, &w->has, WORKQUEUE_RESCUER_PID, &w->rescuer_pid, rescuer->tid);
	for (unsigned int i = 0; i < NR_WQ_STATS; i++) {
		w->stat[i] = r->dead_stat[i];	/* its pwqs will add theirs */
		know(&w->has, WORKQUEUE_STARTED + i);
	}
}

/* --- pools --- */

static void fill_pool(struct fill *f, uint32_t index)
{
	const struct wq_seg_pool *r = seg_pool(f->img, index);
	struct pool *p;

	if (!r)
		return;
	p = snapshot_add(f->s, ROW_POOL);
	f->pool_rows[index] = (int)nr_rows(f->s, ROW_POOL);
	for (unsigned int field = 0; field < NR_POOL_FIELDS; field++)
		know(&p->has, field);
	p->id = index;
	p->node = r->node;
	p->nice = r->nice;
	p->flags = pool_flags(r->flags);
	p->flags_raw = r->flags;
	p->workers = r->nr_workers;
	p->idle = r->nr_idle;
	p->busy = r->nr_workers > r->nr_idle ? r->nr_workers - r->nr_idle : 0;
	p->cpu = r->cpu;
	p->nr_running = r->nr_running;
	p->hung_ns = since_ns(f, r->last_progress);	/* unless nothing waits, see count_pool() */
	p->consistency = f->img->pool_torn[index] ? INCOMPLETE : CONSISTENT;
	p->refcnt = r->refcnt;
	if (r->cpu < 0) {
		forget(&p->has, POOL_CPU);
		forget(&p->has, POOL_NR_RUNNING);
	}
	if (r->node < 0)
		forget(&p->has, POOL_NODE);
	p->cpus = cpu_list(f->s, r->cpus);
	if (!p->cpus)
		forget(&p->has, POOL_CPUS);
	forget(&p->has, POOL_MANAGER_PID);
	if (r->flags & WQ_SEG_POOL_MANAGER_ACTIVE)
		set_pid(f, &p->has, POOL_MANAGER_PID, &p->manager_pid, f->img->head.service_tid);
}

/* --- pwqs --- */

static void fill_pwq(struct fill *f, uint32_t index)
{
	const struct wq_seg_pwq *r = seg_pwq(f->img, index);
	struct workqueue *w = r ? wq_at(f, r->workqueue) : NULL;
	const struct pool *pool = r ? pool_at(f, r->pool) : NULL;
	struct pwq *p;

	if (!r)
		return;
	p = snapshot_add(f->s, ROW_PWQ);
	f->pwq_rows[index] = (int)nr_rows(f->s, ROW_PWQ);
	for (unsigned int field = 0; field < NR_PWQ_FIELDS; field++)
		know(&p->has, field);
	p->id = snapshot_fmt(f->s, "%" PRIu64, r->serial);
	p->nr_active = r->nr_active;
	p->scheduled = r->nr_scheduled;
	p->inactive = r->nr_inactive;
	p->refcnt = (int64_t)(r->has_base != 0) + r->nr_active + r->nr_inactive + r->nr_barriers +
		    (r->on_mayday != 0);
	p->on_mayday = r->on_mayday != 0;
	for (int i = 0; i < NR_WQ_STATS; i++)
		p->stat[i] = r->stat[i];
	if (w) {
		p->workqueue = w->name;
		p->workqueue_id = w->id;
		p->max_active = w->max_active;
		for (int i = 0; i < NR_WQ_STATS; i++)
			w->stat[i] += r->stat[i];
	} else {
		forget(&p->has, PWQ_WORKQUEUE);
		forget(&p->has, PWQ_WORKQUEUE_ID);
		forget(&p->has, PWQ_MAX_ACTIVE);
	}
	if (pool)
		p->pool = pool->id;
	else
		forget(&p->has, PWQ_POOL);
	if (pool && known(pool->has, POOL_CPU))
		p->cpu = pool->cpu;
	else
		forget(&p->has, PWQ_CPU);
}

/* --- works and workers --- */

static struct work *add_work(struct fill *f, uint64_t addr, uint64_t func, uint32_t pwq,
			     enum work_state state)
{
	struct pwq *q = pwq_at(f, pwq);
	struct work *w = snapshot_add(f->s, ROW_WORK);

	w->address = addr;
	w->state = state;
	know(&w->has, WORK_ADDRESS);
	know(&w->has, WORK_STATE);
	set_str(&w->has, WORK_FUNCTION, &w->function, function_name(f, func));
	if (!q)
		return w;
	w->pwq_id = q->id;
	know(&w->has, WORK_PWQ_ID);
	if (known(q->has, PWQ_POOL)) {
		w->pool = q->pool;
		know(&w->has, WORK_POOL);
	}
	if (known(q->has, PWQ_WORKQUEUE)) {
		w->workqueue = q->workqueue;
		w->workqueue_id = q->workqueue_id;
		know(&w->has, WORK_WORKQUEUE);
		know(&w->has, WORK_WORKQUEUE_ID);
	}
	return w;
}

static void fill_running(struct fill *f, const struct worker *w, const struct wq_seg_worker *r)
{
	struct work *work = add_work(f, r->work, r->func, r->pwq, WORK_RUNNING);
	struct pwq *q = pwq_at(f, r->pwq);

	if (known(w->has, WORKER_PID)) {
		work->worker_pid = w->pid;
		know(&work->has, WORK_WORKER_PID);
	}
	set_age(f, &work->has, (unsigned int[]){ WORK_AGE, WORK_AGE_MIN },
		(uint64_t *[]){ &work->age_ns, &work->age_min_ns }, r->start_ns);
	if (q)
		q->running++;
}

/* What its thread is called: the rule is the kernel's. */
static const char *comm_of(struct fill *f, const struct wq_seg_worker *r)
{
	const struct wq_seg_workqueue *rescues = seg_workqueue(f->img, r->rescue_wq);
	const struct wq_seg_pool *pool = seg_pool(f->img, r->pool);
	char text[64];

	if (rescues)
		snprintf(text, sizeof(text), "kworker/R-%s", rescues->name);
	else if (!pool)
		return NULL;
	else if (pool->cpu >= 0)
		snprintf(text, sizeof(text), "kworker/%d:%u%s", pool->cpu, r->id,
			 pool->nice < 0 ? "H" : "");
	else
		snprintf(text, sizeof(text), "kworker/u%u:%u%s", r->pool, r->id,
			 pool->nice < 0 ? "H" : "");
	text[15] = '\0';	/* as much as a thread's name holds */
	return snapshot_str(f->s, text);
}

/* It was being written each time we looked. */
static void fill_torn_worker(struct fill *f, const struct wq_seg_worker *r)
{
	struct worker *w = snapshot_add(f->s, ROW_WORKER);

	set_pid(f, &w->has, WORKER_PID, &w->pid, r->tid);
	if (f->s->consistency < INCOMPLETE)
		f->s->consistency = INCOMPLETE;
}

static void fill_worker(struct fill *f, uint32_t index)
{
	const struct wq_seg_worker *r = seg_worker(f->img, index);
	const struct pool *pool = r ? pool_at(f, r->pool) : NULL;
	struct worker *w;

	if (!r || !r->tid)	/* not there yet */
		return;
	if (r->reserved0 & SEG_TORN) {
		fill_torn_worker(f, r);
		return;
	}
	w = snapshot_add(f->s, ROW_WORKER);
	set_pid(f, &w->has, WORKER_PID, &w->pid, r->tid);
	set_str(&w->has, WORKER_COMM, &w->comm, comm_of(f, r));
	if (r->desc[0])
		set_str(&w->has, WORKER_DESC, &w->desc, snapshot_str(f->s, r->desc));
	if (pool) {
		w->pool = pool->id;
		w->cpu = pool->cpu;
		know(&w->has, WORKER_POOL);
		if (known(pool->has, POOL_CPU))
			know(&w->has, WORKER_CPU);
	}
	w->state = r->rescue_wq != WQ_SEG_NONE ? WORKER_RESCUER :
		   r->flags & WQ_SEG_WORKER_IDLE && !r->work ? WORKER_IDLE : WORKER_BUSY;
	know(&w->has, WORKER_STATE);
	snapshot_worker_queue(w, r->work ? pwq_at(f, r->pwq) : NULL, wq_at(f, r->rescue_wq));
	if (!r->work)
		return;
	w->work = r->work;
	w->run_mark = (uint64_t)r->seq << 1 | 1;
	set_str(&w->has, WORKER_FUNCTION, &w->function, function_name(f, r->func));
	set_age(f, &w->has, (unsigned int[]){ WORKER_AGE, WORKER_AGE_MIN },
		(uint64_t *[]){ &w->age_ns, &w->age_min_ns }, r->start_ns);
	if (r->func != f->img->head.barrier_func)
		fill_running(f, w, r);
}

static void fill_item(struct fill *f, const struct seg_item *item)
{
	struct work *w = add_work(f, item->address, item->func, item->pwq, item->state);
	const struct wq_seg_worker *worker = seg_worker(f->img, item->worker);
	const struct workqueue *q = wq_at(f, item->workqueue);

	if (worker)
		set_pid(f, &w->has, WORK_WORKER_PID, &w->worker_pid, worker->tid);
	if (item->state != WORK_DELAYED)
		return;
	w->due_in_ns = item->due_ns > f->img->mono_ns && item->due_ns < INT64_MAX ?
		       (int64_t)(item->due_ns - f->img->mono_ns) : 0;
	if (!f->facts->ages_are_bounds)
		know(&w->has, WORK_DUE_IN);
	if (!q)
		return;
	w->workqueue = q->name;
	w->workqueue_id = q->id;
	know(&w->has, WORK_WORKQUEUE);
	know(&w->has, WORK_WORKQUEUE_ID);
}

/* --- waiters --- */

static void set_waiter_comm(struct fill *f, struct waiter *w)
{
	char path[64], *text;

	if (!f->facts->pid || !known(w->has, WAITER_PID))
		return;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", (int)f->facts->pid, (int)w->pid);
	text = read_file(path);
	if (text)
		set_str(&w->has, WAITER_COMM, &w->comm, snapshot_str(f->s, text));
	free(text);
}

/* Where the item that it waits for is now: it may have moved on since the wait began. */
static void set_waited_for(struct fill *f, struct waiter *w, const struct wq_seg_waiter *r,
			   const struct key_map *works)
{
	uint32_t row = key_map_get(works, r->work);
	const struct work *work = row == WQ_SEG_NONE ? NULL : snapshot_row(f->s, ROW_WORK, row);
	const struct pwq *q = pwq_at(f, r->pwq);

	w->work = r->work;
	know(&w->has, WAITER_WORK);
	set_str(&w->has, WAITER_FUNCTION, &w->function, function_name(f, r->func));
	if (q && known(q->has, PWQ_POOL)) {
		w->pool = q->pool;
		know(&w->has, WAITER_POOL);
	}
	if (!work)
		return;
	w->work_nr = row + 1;
	w->work_state = work->state;
	know(&w->has, WAITER_WORK_STATE);
	if (known(work->has, WORK_WORKER_PID)) {
		w->worker_pid = work->worker_pid;
		know(&w->has, WAITER_WORKER_PID);
	}
}

static void fill_waiter(struct fill *f, const struct wq_seg_waiter *r, const struct key_map *works)
{
	const struct workqueue *q = wq_at(f, r->workqueue);
	struct waiter *w = snapshot_add(f->s, ROW_WAITER);

	set_pid(f, &w->has, WAITER_PID, &w->pid, r->tid);
	set_waiter_comm(f, w);
	if (r->kind == WQ_SEG_FLUSH_WORK || r->kind == WQ_SEG_CANCEL_WORK) {
		w->waits_in = WAITS_FLUSH_WORK;
		know(&w->has, WAITER_WAITS_IN);
	} else if (r->kind == WQ_SEG_FLUSH_WORKQUEUE || r->kind == WQ_SEG_DRAIN_WORKQUEUE) {
		w->waits_in = WAITS_FLUSH_WORKQUEUE;
		know(&w->has, WAITER_WAITS_IN);
	}
	set_age(f, &w->has, (unsigned int[]){ WAITER_AGE, WAITER_AGE_MIN },
		(uint64_t *[]){ &w->age_ns, &w->age_min_ns }, r->since_ns);
	if (q) {
		set_str(&w->has, WAITER_WORKQUEUE, &w->workqueue, q->name);
		set_str(&w->has, WAITER_WORKQUEUE_ID, &w->workqueue_id, q->id);
	}
	if (r->work)
		set_waited_for(f, w, r, works);
}

static void fill_waiters(struct fill *f)
{
	struct key_map works = { .nr = 0 };
	uint32_t row = 0;

	if (f->img->table[WQ_SEG_WAITERS].nr)
		for_each_row(f->s, ROW_WORK, struct work, w)
			key_map_put(&works, w->address, row++);
	for (uint32_t i = 0; i < f->img->table[WQ_SEG_WAITERS].nr; i++) {
		const struct wq_seg_waiter *r = seg_row(f->img, WQ_SEG_WAITERS, i);

		if (r->serial)
			fill_waiter(f, r, &works);
	}
	key_map_free(&works);
}

/* --- depths --- */

/* What is on the worklist follows from the rest; numbers that cannot be say that things moved. */
static void count_pwq(struct fill *f, uint32_t index)
{
	struct pwq *p = pwq_at(f, index);
	struct pool *pool;

	if (!p)
		return;
	pool = pool_at(f, seg_pwq(f->img, index)->pool);
	p->pending = 0;
	if (p->nr_active >= p->running + p->scheduled)
		p->pending = p->nr_active - p->running - p->scheduled;
	else if (pool && pool->consistency < RETRIED)
		pool->consistency = RETRIED;
	if (pool)
		pool->worklist += p->pending;
}

static uint64_t missing(uint64_t counted, uint64_t listed)
{
	return counted > listed ? counted - listed : 0;
}

static void count_left_out(struct fill *f)
{
	const struct wq_seg_table *t = f->img->head.table;
	uint64_t counted = 0;

	for_each_row(f->s, ROW_PWQ, struct pwq, p)
		counted += p->running + p->scheduled + p->pending + p->inactive;
	for (uint32_t i = 0; i < f->img->table[WQ_SEG_WORKQUEUES].nr; i++)
		if (seg_workqueue(f->img, i))
			counted += seg_workqueue(f->img, i)->nr_armed;
	f->s->left_out[ROW_WORK] = missing(counted, nr_rows(f->s, ROW_WORK));
	f->s->left_out[ROW_WORKQUEUE] = t[WQ_SEG_WORKQUEUES].left_out +
					f->img->table[WQ_SEG_WORKQUEUES].nr_torn;
	f->s->left_out[ROW_PWQ] = t[WQ_SEG_PWQS].left_out + f->img->table[WQ_SEG_PWQS].nr_torn;
	f->s->left_out[ROW_POOL] = t[WQ_SEG_POOLS].left_out + f->img->table[WQ_SEG_POOLS].nr_torn;
	f->s->left_out[ROW_WORKER] = t[WQ_SEG_WORKERS].left_out;
	f->s->left_out[ROW_WAITER] = t[WQ_SEG_WAITERS].left_out +
				     f->img->table[WQ_SEG_WAITERS].nr_torn;
}

static void count_all(struct fill *f)
{
	for (uint32_t i = 0; i < f->img->table[WQ_SEG_PWQS].nr; i++)
		count_pwq(f, i);
	for_each_row(f->s, ROW_POOL, struct pool, p) {
		if (!p->worklist)
			p->hung_ns = 0;
		else if (f->facts->ages_are_bounds)
			forget(&p->has, POOL_HUNG);
	}
	count_left_out(f);
}

/* --- all of it --- */

static const char *mechanism(const struct wq_seg_header *h)
{
	static const char *const names[] = { "none", "sentinel", "tick", "sentinel+tick", "perf",
					     "sentinel+perf", "tick+perf", "sentinel+tick+perf" };

	return names[h->mechanism & (WQ_SEG_BY_SENTINEL | WQ_SEG_BY_TICK | WQ_SEG_BY_PERF)];
}

static void fill_source(struct fill *f)
{
	const struct wq_seg_header *h = &f->img->head;
	struct snapshot *s = f->s;

	s->source.kind = SOURCE_PROCESS;
	s->source.pid = f->facts->pid ? f->facts->pid : (int64_t)h->pid;
	s->source.program = snapshot_str(s, f->facts->program ? f->facts->program : h->program);
	s->source.library = snapshot_str(s, h->library);
	s->source.mechanism = mechanism(h);
	s->source.nr_cpus = h->nr_cpus;
	s->mono_ns = f->facts->ages_are_bounds ? 0 : f->img->mono_ns;
	s->hint = f->img->why_no_items;
	s->consistency = f->img->consistency;
	for (int kind = 0; kind < NR_SHOW_KINDS; kind++)
		s->table[kind].present = true;
}

static int *no_rows(const struct fill *f, enum wq_seg_table_id id)
{
	return xcalloc(f->img->table[id].nr + 1, sizeof(int));
}

#define FOR_EACH(f, id, fill_one) \
	for (uint32_t i_ = 0; i_ < (f)->img->table[id].nr; i_++) \
		fill_one(f, i_)

void seg_fill(struct snapshot *s, const struct seg_image *img, const struct proc_facts *facts)
{
	struct fill f = { .s = s, .img = img, .facts = facts };

	f.wq_rows = no_rows(&f, WQ_SEG_WORKQUEUES);
	f.pwq_rows = no_rows(&f, WQ_SEG_PWQS);
	f.pool_rows = no_rows(&f, WQ_SEG_POOLS);
	fill_source(&f);
	index_functions(&f);
	FOR_EACH(&f, WQ_SEG_WORKQUEUES, fill_workqueue);
	FOR_EACH(&f, WQ_SEG_POOLS, fill_pool);
	FOR_EACH(&f, WQ_SEG_PWQS, fill_pwq);
	FOR_EACH(&f, WQ_SEG_WORKERS, fill_worker);
	for (size_t i = 0; i < img->nr_items; i++)
		fill_item(&f, &img->items[i]);
	count_all(&f);
	fill_waiters(&f);
	snapshot_link(s);
	key_map_free(&f.functions);
	key_map_free(&f.names);
	free(f.name);
	free(f.wq_rows);
	free(f.pwq_rows);
	free(f.pool_rows);
}
