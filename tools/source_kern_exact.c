/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --exact: each CPU's pools once more, on that CPU with interrupts off.
 *
 * A call reads one pool twice (bpf/walk_exact.h). Where both passes are the
 * same, byte for byte, they replace what the walk has told of the pool;
 * otherwise the call is repeated, and at last the pool keeps what it has.
 */
#include "source_kern.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define TRIES 5
#define SLOW_TRIES 2		/* of calls that took too long: the next will too */
#define MAX_CPUS 8192
#define MAX_NS 50000

/* A record and the pool that it belongs to. */
struct part {
	uint64_t pool;
	size_t nr;		/* of the record */
};

struct exact {
	struct walker *w;
	const struct kern_btf *kb;
	struct records *r;
	const struct part *part;	/* all of one pool */
	size_t nr_parts;
	const struct rec_pool *pool;
	unsigned int slow;		/* its calls that took too long */
	size_t dirty;			/* bytes of w->out that may not be 0 */
};

static struct walk_rec *part_at(const struct exact *x, size_t i)
{
	return (struct walk_rec *)(x->r->bytes + x->r->at[x->part[i].nr]);
}

static uint64_t pool_of(const struct walk_rec *rec)
{
	switch (rec->type) {
	case REC_POOL: return ((const struct rec_pool *)rec)->pool;
	case REC_PWQ: return ((const struct rec_pwq *)rec)->pool;
	case REC_WORKER: return ((const struct rec_worker *)rec)->pool;
	case REC_WORK: return ((const struct rec_work *)rec)->pool;
	case REC_LIST: return ((const struct rec_list *)rec)->pool;
	default: return 0;
	}
}

static int compare_parts(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->pool != y->pool)
		return x->pool < y->pool ? -1 : 1;
	return x->nr < y->nr ? -1 : 1;
}

static struct part *find_parts(const struct records *r, size_t *nr)
{
	struct part *part = xcalloc(r->nr, sizeof(*part));

	*nr = 0;
	for (size_t i = 0; i < r->nr; i++) {
		uint64_t pool = pool_of(record(r, i));

		if (pool)
			part[(*nr)++] = (struct part){ pool, i };
	}
	qsort(part, *nr, sizeof(*part), compare_parts);
	return part;
}

/* --- one call --- */

static bool hand_over(struct exact *x)
{
	struct walk_state *st = x->w->st;

	st->nr_exact = 0;
	for (size_t i = 0; i < x->nr_parts; i++) {
		const struct rec_pwq *q = (const struct rec_pwq *)part_at(x, i);

		if (q->rec.type != REC_PWQ)
			continue;
		if (st->nr_exact == WALK_EXACT_PWQS)
			return false;
		x->w->exact_pwqs[st->nr_exact++] = (struct walk_pwq){ q->pwq, q->wq };
	}
	st->pool = x->pool->pool;
	st->pool_id = x->pool->id;
	return true;
}

/* The passes are compared as bytes, so what records leave out must be 0 in both. */
static bool call(struct exact *x)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	const struct walk_state *st = x->w->st;
	uint64_t ns;

	if (!x->w->consts->exact_racing) {
		opts.flags = BPF_F_TEST_RUN_ON_CPU;
		opts.cpu = (unsigned int)x->pool->cpu;
	}
	memset(x->w->out_bytes, 0, x->dirty);
	x->dirty = WALK_OUT_BYTES;
	if (bpf_prog_test_run_opts(x->w->walk_fd, &opts) || st->out_len > WALK_OUT_BYTES)
		return false;	/* the CPU is offline */
	x->dirty = st->out_len;
	ns = st->ended_ns - st->call_began;
	x->w->exact_calls++;
	x->slow += ns > x->w->consts->exact_ns;
	if (ns > x->w->exact_longest_ns)
		x->w->exact_longest_ns = ns;
	return st->phase == PH_DONE && !st->torn && ns <= MAX_NS &&
	       st->out_len == 2 * st->first_pass_len &&
	       !memcmp(x->w->out_bytes, x->w->out_bytes + st->first_pass_len, st->first_pass_len);
}

/* --- is it all of the pool? --- */

static bool is_handed(const struct exact *x, uint64_t pwq)
{
	for (size_t i = 0; i < x->w->st->nr_exact; i++)
		if (x->w->exact_pwqs[i].pwq == pwq)
			return true;
	return false;
}

/* Else they may run on any CPU: theirs has been offline. BH pools never say that they are bound. */
static bool is_bound(const struct exact *x, const struct rec_pool *r)
{
	return r->pool_flags & x->kb->pool_flag[POOL_BH_BIT] ||
	       !(r->pool_flags & x->kb->pool_flag[POOL_DISASSOCIATED_BIT]);
}

/* Not so: a work of a workqueue that the walk has not met, or a list that was cut. */
static bool is_fit(const struct exact *x, const struct walk_rec *rec)
{
	const struct rec_worker *worker = (const struct rec_worker *)rec;

	switch (rec->type) {
	case REC_POOL: return is_bound(x, (const struct rec_pool *)rec);
	case REC_WORKER: return !worker->work || is_handed(x, worker->pwq);
	case REC_WORK: return is_handed(x, ((const struct rec_work *)rec)->pwq);
	default: return rec->type == REC_PWQ;
	}
}

static const struct walk_rec *next_record(const struct exact *x, size_t *at)
{
	const struct walk_rec *rec = (const struct walk_rec *)(x->w->out_bytes + *at);
	size_t left = x->w->st->first_pass_len - *at;

	if (left < sizeof(*rec) || rec->size < sizeof(*rec) || rec->size % 8 || rec->size > left)
		return NULL;
	*at += rec->size;
	return rec;
}

static bool all_fit(const struct exact *x)
{
	const struct walk_rec *rec;
	size_t at = 0;

	while ((rec = next_record(x, &at)))
		if (!is_fit(x, rec))
			return false;
	return at == x->w->st->first_pass_len;
}

/* --- taking it over --- */

/* Rows of pwqs and pools keep their places; the rest is taken away and added anew. */
static void put(const struct exact *x, const struct walk_rec *rec)
{
	for (size_t i = 0; i < x->nr_parts; i++) {
		struct walk_rec *old = part_at(x, i);

		if (old->type != rec->type || old->size != rec->size)
			continue;
		if (rec->type == REC_PWQ && ((const struct rec_pwq *)rec)->pwq !=
					    ((const struct rec_pwq *)old)->pwq)
			continue;
		memcpy(old, rec, rec->size);
		if (rec->type == REC_POOL)
			old->flags |= POOL_IS_EXACT;
		return;
	}
}

static void take_over(const struct exact *x)
{
	const struct walk_rec *rec;
	size_t at = 0;

	for (size_t i = 0; i < x->nr_parts; i++)
		if (part_at(x, i)->type != REC_POOL && part_at(x, i)->type != REC_PWQ)
			part_at(x, i)->type = REC_NONE;
	while ((rec = next_record(x, &at))) {
		if (rec->type == REC_POOL || rec->type == REC_PWQ)
			put(x, rec);
		else
			records_append(x->r, rec);
	}
}

static const struct rec_pool *pool_record(const struct exact *x)
{
	for (size_t i = 0; i < x->nr_parts; i++)
		if (part_at(x, i)->type == REC_POOL)
			return (const struct rec_pool *)part_at(x, i);
	return NULL;
}

/* @on: only pools of CPUs that are (or are not) @cpu. */
static void read_pools(struct exact *x, const struct part *part, size_t nr, int cpu, bool on)
{
	for (size_t first = 0, next; first < nr; first = next) {
		for (next = first; next < nr && part[next].pool == part[first].pool; next++)
			;
		x->part = part + first;
		x->nr_parts = next - first;
		x->pool = pool_record(x);
		if (!x->pool || x->pool->cpu < 0 || (x->pool->cpu == cpu) != on || !hand_over(x))
			continue;
		x->slow = 0;
		for (int i = 0; i < TRIES && x->slow < SLOW_TRIES; i++) {
			if (!call(x) || !all_fit(x))
				continue;
			take_over(x);
			break;
		}
	}
}

/* --- where we are --- */

/*
 * A call for the CPU that we are on would run with interrupts on, so we read
 * the pools of all others from one CPU, and that CPU's own from another.
 */
static void read_from_elsewhere(struct exact *x, const struct part *part, size_t nr)
{
	size_t size = CPU_ALLOC_SIZE(MAX_CPUS);
	cpu_set_t *before = CPU_ALLOC(MAX_CPUS), *set = CPU_ALLOC(MAX_CPUS);
	int cpu = sched_getcpu();

	if (cpu >= 0 && before && set && !sched_getaffinity(0, size, before)) {
		CPU_ZERO_S(size, set);
		CPU_SET_S((size_t)cpu, size, set);
		if (!sched_setaffinity(0, size, set))
			read_pools(x, part, nr, cpu, false);
		memset(set, 0xff, size);	/* cut to what is there and allowed */
		CPU_CLR_S((size_t)cpu, size, set);
		if (!sched_setaffinity(0, size, set))
			read_pools(x, part, nr, cpu, true);
		sched_setaffinity(0, size, before);
	}
	if (before)
		CPU_FREE(before);
	if (set)
		CPU_FREE(set);
}

void walker_exact(struct walker *w, const struct kern_btf *kb, struct records *r)
{
	struct exact x = { .w = w, .kb = kb, .r = r, .dirty = WALK_OUT_BYTES };
	struct walk_state saved = *w->st;
	struct part *part;
	size_t nr;

	w->exact_calls = w->exact_longest_ns = 0;
	if (!w->exact_pwqs) {
		void *pwqs = mmap(NULL, sizeof(*w->exact_pwqs) * WALK_EXACT_PWQS,
				  PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(w->exact), 0);

		if (pwqs == MAP_FAILED)
			return;
		w->exact_pwqs = pwqs;
	}
	part = find_parts(r, &nr);
	w->st->exact = 1;
	read_from_elsewhere(&x, part, nr);
	*w->st = saved;
	free(part);
}
