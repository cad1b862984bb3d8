/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of a walk > rows of a snapshot.
 *
 * Works move downstream while they are read, so one may have been met twice:
 * the place furthest down the stream is kept. Depths are counted from the
 * works that were met; where a list was cut or kept changing they come from
 * the kernel's own counters.
 */
#include "source_kern.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "key_map.h"

#define WORKER_IDLE_FLAG 4	/* WORKER_IDLE, the same on all kernels */

/* What is known of a pwq or a pool besides its row. */
struct extra {
	bool cut, gave_up;
	int pool_row;		/* of a pwq; -1: unknown */
	int nr_in_flight;
	uint64_t barriers;
};

struct fill {
	struct snapshot *s;
	const struct records *r;
	const struct kern_btf *kb;
	const struct walk_state *st;
	const struct names *names;
	unsigned int hz;
	struct key_map wqs, pwqs, pools;	/* > rows */
	struct key_map queued;			/* queued works met so far */
	struct key_map running;		/* works being executed > 1: queued again */
	struct key_map workers;		/* workers met so far */
	struct extra *pwq_extra, *pool_extra;	/* by row */
};

/* The value of a key, or -1. */
static int value_at(const struct key_map *m, uint64_t addr)
{
	uint32_t row = key_map_get(m, addr);

	return row == KEY_MAP_NONE ? -1 : (int)row;
}

/* for_each_record(f, REC_PWQ, struct rec_pwq, r) */
#define for_each_record(f, rec_type, type_, row) \
	for (size_t i_ = 0; i_ < (f)->r->nr; i_++) \
		for (const type_ *row = record((f)->r, i_)->type == (rec_type) \
					? (const type_ *)record((f)->r, i_) : NULL; row; row = NULL)

/* --- small conversions --- */

static uint64_t jiffies_to_ns(const struct fill *f, uint64_t jiffies)
{
	return jiffies * (NSEC_PER_SEC / f->hz);
}

/* The time since @then; 0 if it is still to come. */
static uint64_t since_ns(const struct fill *f, uint64_t then)
{
	return then < f->st->jiffies ? jiffies_to_ns(f, f->st->jiffies - then) : 0;
}

static uint64_t decode_flags(const uint32_t *bits, size_t n, uint32_t raw)
{
	uint64_t set = 0;

	for (size_t i = 0; i < n; i++)
		if (raw & bits[i])
			set |= FLAG_MASK(i);
	return set;
}

/* "0-3,8" */
static const char *cpu_list(struct snapshot *s, const unsigned long long *words, size_t nr_words)
{
	char text[4096];
	size_t len = 0;
	int first = -1, nr = (int)nr_words * 64;

	text[0] = '\0';
	for (int cpu = 0; cpu <= nr && len < sizeof(text) - 32; cpu++) {
		bool set = cpu < nr && words[cpu / 64] >> cpu % 64 & 1;

		if (set && first < 0)
			first = cpu;
		if (set || first < 0)
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d", len ? "," : "", first);
		if (cpu - 1 > first)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "-%d", cpu - 1);
		first = -1;
	}
	return snapshot_str(s, text);
}

static const char *id_text(struct snapshot *s, uint64_t addr)
{
	return snapshot_fmt(s, "0x%" PRIx64, addr);
}

static struct workqueue *wq_at(const struct fill *f, uint64_t addr)
{
	return wq_of(f->s, value_at(&f->wqs, addr));
}

static struct pwq *pwq_at(const struct fill *f, uint64_t addr)
{
	int row = value_at(&f->pwqs, addr);

	return row < 0 ? NULL : snapshot_row(f->s, ROW_PWQ, (size_t)row);
}

static struct pool *pool_at(const struct fill *f, uint64_t addr)
{
	int row = value_at(&f->pools, addr);

	return row < 0 ? NULL : snapshot_row(f->s, ROW_POOL, (size_t)row);
}

/* --- workqueues --- */

static const char *scope_text(const struct fill *f, const struct rec_workqueue *r)
{
	const char *scope = r->affn_scope >= 0 && r->affn_scope < MAX_SCOPES
			  ? f->kb->scope[r->affn_scope] : "";

	if (!*scope)
		return snapshot_fmt(f->s, "%d", r->affn_scope);
	return snapshot_fmt(f->s, r->affn_strict ? "%s, strict" : "%s", scope);
}

static void fill_attrs(const struct fill *f, struct workqueue *w, const struct rec_workqueue *r)
{
	bool unbound = r->wq_flags & f->kb->consts.wq_unbound;

	if (r->rec.flags & WQ_HAS_ATTRS) {
		w->nice = r->nice;
		know(&w->has, WORKQUEUE_NICE);
	} else if (!unbound) {
		w->nice = w->flags & FLAG_MASK(WQ_HIGHPRI_BIT) ? -20 : 0;
		know(&w->has, WORKQUEUE_NICE);
	}
	if (r->rec.flags & WQ_HAS_SCOPE) {
		w->affinity_scope = scope_text(f, r);
		know(&w->has, WORKQUEUE_AFFINITY_SCOPE);
	}
}

static void fill_workqueue(struct fill *f, const struct rec_workqueue *r)
{
	struct workqueue *w = snapshot_add(f->s, ROW_WORKQUEUE);

	key_map_set(&f->wqs, r->wq, (uint32_t)nr_rows(f->s, ROW_WORKQUEUE) - 1);
	w->id = id_text(f->s, r->wq);
	w->name = snapshot_strn(f->s, r->name, strnlen(r->name, sizeof(r->name)));
	w->flags = decode_flags(f->kb->wq_flag, NR_WQ_FLAGS, r->wq_flags);
	w->flags_raw = r->wq_flags;
	w->max_active = r->max_active;
	w->ordered = w->flags & FLAG_MASK(WQ_ORDERED_BIT);
	know(&w->has, WORKQUEUE_ID);
	know(&w->has, WORKQUEUE_NAME);
	know(&w->has, WORKQUEUE_FLAGS);
	know(&w->has, WORKQUEUE_FLAGS_RAW);
	know(&w->has, WORKQUEUE_MAX_ACTIVE);
	know(&w->has, WORKQUEUE_ORDERED);
	if ((r->rec.flags & WQ_HAS_MIN_ACTIVE) && (r->wq_flags & f->kb->consts.wq_unbound)) {
		w->min_active = r->min_active;
		know(&w->has, WORKQUEUE_MIN_ACTIVE);
	}
	if (r->rescuer_pid) {
		w->rescuer_pid = r->rescuer_pid;
		know(&w->has, WORKQUEUE_RESCUER_PID);
	}
	fill_attrs(f, w, r);
}

/* --- pools --- */

static void fill_pool(struct fill *f, const struct rec_pool *r)
{
	struct pool *p = snapshot_add(f->s, ROW_POOL);

	key_map_set(&f->pools, r->pool, (uint32_t)nr_rows(f->s, ROW_POOL) - 1);
	p->id = r->id;
	p->node = r->node;
	p->nice = r->nice;
	p->flags = decode_flags(f->kb->pool_flag, NR_POOL_FLAGS, r->pool_flags);
	p->flags_raw = r->pool_flags;
	p->workers = (uint64_t)r->nr_workers;
	p->idle = (uint64_t)r->nr_idle;
	p->busy = r->nr_workers > r->nr_idle ? (uint64_t)(r->nr_workers - r->nr_idle) : 0;
	p->hung_ns = r->worklist_empty ? 0 : since_ns(f, r->progress);
	p->consistency = r->rec.flags & POOL_IS_EXACT ? EXACT : CONSISTENT;
	p->refcnt = r->refcnt;
	for (unsigned int field = 0; field < NR_POOL_FIELDS; field++)
		know(&p->has, field);
	if (r->cpu >= 0) {
		p->cpu = r->cpu;
		p->cpus = snapshot_fmt(f->s, "%d", r->cpu);
		p->nr_running = r->nr_running;
	} else {
		forget(&p->has, POOL_CPU);
		forget(&p->has, POOL_CPUS);	/* its cpumask follows */
		forget(&p->has, POOL_NR_RUNNING);
	}
	if (r->node < 0)
		forget(&p->has, POOL_NODE);
	p->manager_pid = r->manager_pid;
	if (!r->manager_pid)
		forget(&p->has, POOL_MANAGER_PID);
}

static void fill_cpumask(struct fill *f, const struct rec_cpumask *r)
{
	size_t nr = (r->rec.size - offsetof(struct rec_cpumask, words)) / 8;
	struct workqueue *w = wq_at(f, r->owner);
	struct pool *p = pool_at(f, r->owner);

	if (r->rec.flags != MASK_CPUS)
		return;
	if (w) {
		w->cpumask = cpu_list(f->s, r->words, nr);
		know(&w->has, WORKQUEUE_CPUMASK);
	} else if (p) {
		p->cpus = cpu_list(f->s, r->words, nr);
		know(&p->has, POOL_CPUS);
	}
}

/* --- pwqs --- */

static void fill_pwq(struct fill *f, const struct rec_pwq *r)
{
	struct pwq *p = snapshot_add(f->s, ROW_PWQ);
	const struct workqueue *w = wq_at(f, r->wq);

	key_map_set(&f->pwqs, r->pwq, (uint32_t)nr_rows(f->s, ROW_PWQ) - 1);
	p->id = id_text(f->s, r->pwq);
	p->workqueue_id = id_text(f->s, r->wq);
	p->workqueue = w ? w->name : NULL;
	p->pool = r->pool_id;
	p->cpu = r->cpu;
	p->nr_active = r->nr_active > 0 ? (uint64_t)r->nr_active : 0;
	p->refcnt = r->refcnt;
	p->on_mayday = r->on_mayday;
	p->max_active = r->rec.flags & PWQ_HAS_MAX_ACTIVE ? r->max_active : w ? w->max_active : 0;
	for (int i = 0; i < NR_WQ_STATS; i++)
		p->stat[i] = r->stats[i];
	for (unsigned int field = 0; field < NR_PWQ_FIELDS; field++)
		if (field < PWQ_STARTED || (r->rec.flags & PWQ_HAS_STATS))
			know(&p->has, field);
	if (!w) {
		forget(&p->has, PWQ_WORKQUEUE);
		forget(&p->has, PWQ_MAX_ACTIVE);
	}
	if (r->cpu < 0)
		forget(&p->has, PWQ_CPU);
}

static void fill_pwqs(struct fill *f)
{
	int row = 0;

	for_each_record(f, REC_PWQ, struct rec_pwq, r)
		fill_pwq(f, r);
	f->pwq_extra = xcalloc(nr_rows(f->s, ROW_PWQ), sizeof(*f->pwq_extra));
	f->pool_extra = xcalloc(nr_rows(f->s, ROW_POOL), sizeof(*f->pool_extra));
	for_each_record(f, REC_PWQ, struct rec_pwq, r)
		f->pwq_extra[row++] = (struct extra){
			.pool_row = value_at(&f->pools, r->pool),
			.nr_in_flight = r->nr_in_flight,
		};
}

/* --- how lists were read --- */

static void see_list(struct fill *f, const struct rec_list *r)
{
	bool gave_up = r->rec.flags & LIST_GAVE_UP;
	enum consistency c = gave_up ? INCOMPLETE : r->rec.flags & LIST_RETRIED ? RETRIED : CONSISTENT;
	struct pool *p = pool_at(f, r->pool);
	int row;

	if (p && c > p->consistency)
		p->consistency = c;
	if (!p && c > f->s->consistency)
		f->s->consistency = c;
	row = value_at(&f->pwqs, r->owner);
	if (r->list == LIST_INACTIVE && row >= 0) {
		f->pwq_extra[row].cut |= (r->rec.flags & LIST_CUT) != 0;
		f->pwq_extra[row].gave_up |= gave_up;
	}
	row = value_at(&f->pools, r->pool);
	if (r->list == LIST_WORKLIST && row >= 0) {
		f->pool_extra[row].cut |= (r->rec.flags & LIST_CUT) != 0;
		f->pool_extra[row].gave_up |= gave_up;
	}
	if (r->list == LIST_TIMERS)
		f->s->left_out[ROW_WORK] += r->rec.flags & LIST_CUT ? r->left_out : 0;
}

/* --- works and workers --- */

static void set_function(const struct fill *f, uint64_t *has, unsigned int field,
			 const char **function, uint64_t addr)
{
	const char *name = names_find(f->names, addr);

	if (!name)
		return;
	*function = snapshot_str(f->s, name);
	know(has, field);
}

static struct work *add_work(struct fill *f, uint64_t addr, uint64_t func, uint64_t pwq,
			     enum work_state state)
{
	const struct pwq *q = pwq_at(f, pwq);
	struct work *w = snapshot_add(f->s, ROW_WORK);

	w->address = addr;
	w->state = state;
	know(&w->has, WORK_ADDRESS);
	know(&w->has, WORK_STATE);
	set_function(f, &w->has, WORK_FUNCTION, &w->function, func);
	if (!q)
		return w;
	w->pool = q->pool;
	know(&w->has, WORK_POOL);
	w->workqueue_id = q->workqueue_id;
	w->pwq_id = q->id;
	know(&w->has, WORK_WORKQUEUE_ID);
	know(&w->has, WORK_PWQ_ID);
	if (known(q->has, PWQ_WORKQUEUE)) {
		w->workqueue = q->workqueue;
		know(&w->has, WORK_WORKQUEUE);
	}
	return w;
}

static void set_worker_state(const struct fill *f, struct worker *w, const struct rec_worker *r)
{
	const struct pool *p = pool_at(f, r->pool);

	if (r->rec.flags & WORKER_IS_RESCUER)
		w->state = WORKER_RESCUER;
	else if (!r->work && p && known(p->has, POOL_MANAGER_PID) && p->manager_pid == r->pid)
		w->state = WORKER_MANAGER;
	else
		w->state = r->worker_flags & WORKER_IDLE_FLAG && !r->work ? WORKER_IDLE : WORKER_BUSY;
	know(&w->has, WORKER_STATE);
	if (!p)
		return;
	w->pool = p->id;
	know(&w->has, WORKER_POOL);
	if (known(p->has, POOL_CPU)) {
		w->cpu = p->cpu;
		know(&w->has, WORKER_CPU);
	}
}

static void fill_running(struct fill *f, const struct rec_worker *r)
{
	struct pwq *q = pwq_at(f, r->pwq);
	struct work *w = add_work(f, r->work, r->func, r->pwq, WORK_RUNNING);

	if (r->pid) {
		w->worker_pid = r->pid;
		know(&w->has, WORK_WORKER_PID);
	}
	if (r->rec.flags & WORKER_HAS_START) {
		w->age_ns = since_ns(f, r->start);
		know(&w->has, WORK_AGE);
	}
	if (q)
		q->running++;
	key_map_set(&f->running, r->work, (r->rec.flags & WORKER_WORK_QUEUED) != 0);
}

static bool is_barrier_function(const struct fill *f, uint64_t func)
{
	const char *name = names_find(f->names, func);

	return name && !strcmp(name, "wq_barrier_func");
}

static void fill_worker(struct fill *f, const struct rec_worker *rec)
{
	struct rec_worker seen = *rec, *r = &seen;
	struct worker *w;

	if (!r->func || !r->pwq)	/* it ended while it was read */
		r->work = 0;
	if (value_at(&f->workers, r->worker) >= 0)
		return;		/* a rescuer: met in its pool already */
	key_map_set(&f->workers, r->worker, 1);
	w = snapshot_add(f->s, ROW_WORKER);
	if (r->pid) {		/* the worker of a BH pool is no task */
		w->pid = r->pid;
		w->comm = snapshot_strn(f->s, r->comm, strnlen(r->comm, sizeof(r->comm)));
		know(&w->has, WORKER_PID);
		know(&w->has, WORKER_COMM);
	}
	if (r->desc[0]) {
		w->desc = snapshot_strn(f->s, r->desc, strnlen(r->desc, sizeof(r->desc)));
		know(&w->has, WORKER_DESC);
	}
	set_worker_state(f, w, r);
	snapshot_worker_queue(w, r->work ? pwq_at(f, r->pwq) : NULL, wq_at(f, r->rescue_wq));
	if (!r->work || !r->pool)
		return;
	w->work = r->work;
	w->run_mark = r->run_mark;
	set_function(f, &w->has, WORKER_FUNCTION, &w->function, r->func);
	if (r->rec.flags & WORKER_HAS_START) {
		w->age_ns = since_ns(f, r->start);
		know(&w->has, WORKER_AGE);
	}
	if (!is_barrier_function(f, r->func))
		fill_running(f, r);
}

static void fill_workers(struct fill *f)
{
	/* first those met in their pool, then rescuers that belong to none now */
	for_each_record(f, REC_WORKER, struct rec_worker, r)
		if (r->pool)
			fill_worker(f, r);
	for_each_record(f, REC_WORKER, struct rec_worker, r)
		if (!r->pool)
			fill_worker(f, r);
}

static void fill_waiter(struct fill *f, const struct rec_work *r, enum work_state state)
{
	struct waiter *w = snapshot_add(f->s, ROW_WAITER);
	const struct pwq *q = pwq_at(f, r->pwq);

	w->pid = r->pid;
	w->comm = snapshot_strn(f->s, r->comm, strnlen(r->comm, sizeof(r->comm)));
	w->waits_in = WAITS_FLUSH_WORK;
	if (r->pid) {
		know(&w->has, WAITER_PID);
		know(&w->has, WAITER_COMM);
	}
	know(&w->has, WAITER_WAITS_IN);
	set_function(f, &w->has, WAITER_FUNCTION, &w->function, r->target);
	if (state == WORK_PENDING || state == WORK_INACTIVE) {
		w->work_state = state;	/* a scheduled barrier's may run, or be scheduled too */
		know(&w->has, WAITER_WORK_STATE);
	}
	if (q) {
		w->pool = q->pool;
		know(&w->has, WAITER_POOL);
	}
	if (!q || !known(q->has, PWQ_WORKQUEUE))
		return;
	w->workqueue = q->workqueue;
	w->workqueue_id = q->workqueue_id;
	know(&w->has, WAITER_WORKQUEUE);
	know(&w->has, WAITER_WORKQUEUE_ID);
}

static bool is_barrier(const struct fill *f, const struct rec_work *r)
{
	if (names_find(f->names, r->func))
		return is_barrier_function(f, r->func);
	return r->rec.flags & WORK_IS_BARRIER;
}

static bool is_exact(const struct fill *f, uint64_t pool)
{
	const struct pool *p = pool_at(f, pool);

	return p && p->consistency == EXACT;
}

/* May it have been met in another place too? Not in the exact picture of a pool. */
static bool is_met_already(const struct fill *f, const struct rec_work *r)
{
	if (is_exact(f, r->pool))
		return false;
	if (value_at(&f->queued, r->work) >= 0)
		return true;	/* further down the stream, or in a better picture */
	return value_at(&f->running, r->work) == 0;	/* it has begun, and is not queued again */
}

static void fill_queued(struct fill *f, const struct rec_work *r, enum work_state state)
{
	struct pwq *q = pwq_at(f, r->pwq);
	int row = value_at(&f->pwqs, r->pwq);
	struct work *w;

	if (is_met_already(f, r))
		return;
	key_map_set(&f->queued, r->work, 1);
	if (is_barrier(f, r)) {
		fill_waiter(f, r, state);
		if (row >= 0)
			f->pwq_extra[row].barriers++;
		return;
	}
	w = add_work(f, r->work, r->func, r->pwq, state);
	if (state == WORK_SCHEDULED && r->pid) {
		w->worker_pid = r->pid;
		know(&w->has, WORK_WORKER_PID);
	}
	if (!q)
		return;
	if (state == WORK_SCHEDULED)
		q->scheduled++;
	else if (state == WORK_PENDING)
		q->pending++;
	else
		q->inactive++;
}

static void fill_works(struct fill *f)
{
	static const struct {
		unsigned int list;
		enum work_state state;
	} downstream_first[] = {
		{ LIST_SCHEDULED, WORK_SCHEDULED },
		{ LIST_WORKLIST, WORK_PENDING },
		{ LIST_INACTIVE, WORK_INACTIVE },
	};

	for (int exact = 1; exact >= 0; exact--)
		for (size_t k = 0; k < ARRAY_SIZE(downstream_first); k++)
			for_each_record(f, REC_WORK, struct rec_work, r)
				if (r->list == downstream_first[k].list &&
				    is_exact(f, r->pool) == exact)
					fill_queued(f, r, downstream_first[k].state);
}

static void fill_flusher(struct fill *f, const struct rec_flusher *r)
{
	struct waiter *w = snapshot_add(f->s, ROW_WAITER);
	const struct workqueue *q = wq_at(f, r->wq);

	w->pid = r->pid;
	w->comm = snapshot_strn(f->s, r->comm, strnlen(r->comm, sizeof(r->comm)));
	w->waits_in = WAITS_FLUSH_WORKQUEUE;
	know(&w->has, WAITER_PID);
	know(&w->has, WAITER_COMM);
	know(&w->has, WAITER_WAITS_IN);
	if (!q)
		return;
	w->workqueue = q->name;
	w->workqueue_id = q->id;
	know(&w->has, WAITER_WORKQUEUE);
	know(&w->has, WAITER_WORKQUEUE_ID);
}

static void fill_delayed(struct fill *f, const struct rec_delayed *r)
{
	const struct workqueue *q = wq_at(f, r->wq);
	struct work *w = add_work(f, r->work, r->func, 0, WORK_DELAYED);
	int64_t left = (int64_t)(r->expires - f->st->jiffies);

	w->due_in_ns = left > 0 ? (int64_t)jiffies_to_ns(f, (uint64_t)left) : 0;
	know(&w->has, WORK_DUE_IN);
	if (!q)
		return;
	w->workqueue = q->name;
	w->workqueue_id = q->id;
	know(&w->has, WORK_WORKQUEUE);
	know(&w->has, WORK_WORKQUEUE_ID);
}

/* --- depths where lists were not read to their end --- */

static uint64_t at_least_0(int64_t n)
{
	return n > 0 ? (uint64_t)n : 0;
}

static void count_the_rest(struct fill *f, struct pwq *q, const struct extra *e)
{
	const struct extra *pool = e->pool_row < 0 ? NULL : &f->pool_extra[e->pool_row];
	uint64_t told = q->pending + q->inactive;

	if (pool && (pool->cut || pool->gave_up))
		q->pending = at_least_0((int64_t)q->nr_active - (int64_t)q->running -
					(int64_t)q->scheduled);
	if (e->cut || e->gave_up)
		q->inactive = at_least_0(e->nr_in_flight - (int64_t)q->nr_active -
					 (int64_t)e->barriers);
	if (q->pending + q->inactive > told)
		f->s->left_out[ROW_WORK] += q->pending + q->inactive - told;
}

static void count_works(struct fill *f)
{
	size_t row = 0;
	bool any = false;

	for (size_t i = 0; i < nr_rows(f->s, ROW_POOL); i++)
		any |= f->pool_extra[i].cut || f->pool_extra[i].gave_up;
	for (size_t i = 0; i < nr_rows(f->s, ROW_PWQ); i++)
		any |= f->pwq_extra[i].cut || f->pwq_extra[i].gave_up;
	if (any)
		for_each_row(f->s, ROW_PWQ, struct pwq, q)
			count_the_rest(f, q, &f->pwq_extra[row++]);
	snapshot_link(f->s);
	for_each_row(f->s, ROW_PWQ, struct pwq, q)
		if (q->pool_row >= 0)
			((struct pool *)snapshot_row(f->s, ROW_POOL, (size_t)q->pool_row))->worklist +=
				q->pending;
}

static void fill_source(struct fill *f, const struct walker *w)
{
	struct snapshot *s = f->s;

	s->source.kind = SOURCE_KERNEL;
	s->source.walker = w->name;
	s->source.says_inactive = f->kb->has_inactive;
	s->source.walk_ns = f->st->ended_ns - f->st->root_ns;
	s->source.root_ns = f->st->root_ns - f->st->began_ns;
	s->source.calls = w->calls;
	s->source.longest_call_ns = w->longest_ns;
	s->source.retries = f->st->retries;
	s->mono_ns = f->st->began_ns;
	s->left_out[ROW_POOL] = f->st->pools_lost;
	s->hint = f->names->why_not;
	s->consistency = CONSISTENT;
	for (int kind = 0; kind < NR_SHOW_KINDS; kind++)
		s->table[kind].present = true;
}

void kern_fill(struct snapshot *s, const struct records *r, const struct kern_btf *kb,
	       const struct walker *w, const struct names *n, unsigned int hz)
{
	struct fill f = { .s = s, .r = r, .kb = kb, .st = w->st, .names = n, .hz = hz };

	fill_source(&f, w);
	for_each_record(&f, REC_WORKQUEUE, struct rec_workqueue, rec)
		fill_workqueue(&f, rec);
	for_each_record(&f, REC_POOL, struct rec_pool, rec)
		fill_pool(&f, rec);
	for_each_record(&f, REC_CPUMASK, struct rec_cpumask, rec)
		fill_cpumask(&f, rec);
	fill_pwqs(&f);
	for_each_record(&f, REC_LIST, struct rec_list, rec)
		see_list(&f, rec);
	fill_workers(&f);
	fill_works(&f);
	for_each_record(&f, REC_FLUSHER, struct rec_flusher, rec)
		fill_flusher(&f, rec);
	for_each_record(&f, REC_DELAYED, struct rec_delayed, rec)
		fill_delayed(&f, rec);
	count_works(&f);
	key_map_free(&f.wqs);
	key_map_free(&f.pwqs);
	key_map_free(&f.pools);
	key_map_free(&f.queued);
	key_map_free(&f.running);
	key_map_free(&f.workers);
	free(f.pwq_extra);
	free(f.pool_extra);
}
