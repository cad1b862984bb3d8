/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "summary.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "util.h"

/* The columns of a workqueue that are the sum of the same ones of its pwqs. */
static const struct {
	enum workqueue_field sum;
	enum pwq_field part;
} sums[] = {
	{ WORKQUEUE_RUNNING, PWQ_RUNNING },
	{ WORKQUEUE_SCHEDULED, PWQ_SCHEDULED },
	{ WORKQUEUE_PENDING, PWQ_PENDING },
	{ WORKQUEUE_INACTIVE, PWQ_INACTIVE },
	{ WORKQUEUE_NR_ACTIVE, PWQ_NR_ACTIVE },
	{ WORKQUEUE_STARTED, PWQ_STARTED },
	{ WORKQUEUE_COMPLETED, PWQ_COMPLETED },
	{ WORKQUEUE_CPU_TIME, PWQ_CPU_TIME },
	{ WORKQUEUE_CPU_INTENSIVE, PWQ_CPU_INTENSIVE },
	{ WORKQUEUE_CM_WAKEUP, PWQ_CM_WAKEUP },
	{ WORKQUEUE_REPATRIATED, PWQ_REPATRIATED },
	{ WORKQUEUE_MAYDAY, PWQ_MAYDAY },
	{ WORKQUEUE_RESCUED, PWQ_RESCUED },
};

#define NR_SUMS ARRAY_SIZE(sums)

/* What the pwqs of one workqueue add up to. */
struct tally {
	size_t nr_pwqs;
	size_t nr_known[NR_SUMS];
	uint64_t sum[NR_SUMS];
	uint64_t total;		/* workers of its pools, each pool once */
	size_t nr_pools_unknown;
};

static uint64_t *field_at(enum row_kind kind, int field, void *row)
{
	return (uint64_t *)((char *)row + row_types[kind].fields[field].offset);
}

static void add_pwq(struct tally *t, struct pwq *p)
{
	t->nr_pwqs++;
	for (size_t i = 0; i < NR_SUMS; i++) {
		if (!known(p->has, sums[i].part))
			continue;
		t->nr_known[i]++;
		t->sum[i] += *field_at(ROW_PWQ, (int)sums[i].part, p);
	}
}

/* pwqs by workqueue and pool, so that equal ones are neighbours */
static int compare_pairs(const void *a, const void *b)
{
	const struct pwq *x = *(const struct pwq *const *)a, *y = *(const struct pwq *const *)b;

	if (x->wq != y->wq)
		return x->wq < y->wq ? -1 : 1;
	return x->pool_row < y->pool_row ? -1 : x->pool_row > y->pool_row;
}

static void add_workers(const struct snapshot *s, struct tally *tallies)
{
	size_t nr = nr_rows(s, ROW_PWQ);
	const struct pwq **pairs = xcalloc(nr, sizeof(*pairs));

	for (size_t i = 0; i < nr; i++)
		pairs[i] = snapshot_row(s, ROW_PWQ, i);
	qsort(pairs, nr, sizeof(*pairs), compare_pairs);
	for (size_t i = 0; i < nr; i++) {
		const struct pwq *p = pairs[i];
		const struct pool *pool;

		if (p->wq < 0 || (i && !compare_pairs(&pairs[i - 1], &pairs[i])))
			continue;
		pool = p->pool_row < 0 ? NULL : snapshot_row(s, ROW_POOL, (size_t)p->pool_row);
		if (pool && known(pool->has, POOL_WORKERS))
			tallies[p->wq].total += pool->workers;
		else
			tallies[p->wq].nr_pools_unknown++;
	}
	free(pairs);
}

static void set_sum(struct workqueue *w, enum workqueue_field field, uint64_t value)
{
	if (known(w->has, field))
		return;
	*field_at(ROW_WORKQUEUE, (int)field, w) = value;
	know(&w->has, field);
}

/* A log tells only of busy pwqs: sums of works are right, those of pools are not. */
static void set_sums(struct workqueue *w, const struct tally *t, bool all_pwqs)
{
	if (known(w->has, WORKQUEUE_MAX_ACTIVE))
		know(&w->has, WORKQUEUE_MAX);	/* two headings, one number */
	if (!t->nr_pwqs)
		return;
	for (size_t i = 0; i < NR_SUMS; i++)
		if (t->nr_known[i] == t->nr_pwqs)
			set_sum(w, sums[i].sum, t->sum[i]);
	if (all_pwqs && !t->nr_pools_unknown)
		set_sum(w, WORKQUEUE_TOTAL, t->total);
	if (known(w->has, WORKQUEUE_RUNNING))
		set_sum(w, WORKQUEUE_ACTIVE, w->running);
	if (known(w->has, WORKQUEUE_RUNNING) && known(w->has, WORKQUEUE_SCHEDULED) &&
	    known(w->has, WORKQUEUE_PENDING) && known(w->has, WORKQUEUE_INACTIVE))
		set_sum(w, WORKQUEUE_IN_FLIGHT,
			w->running + w->scheduled + w->pending + w->inactive);
}

/* --- the oldest work of a workqueue --- */

/* Running ones first, then what runs next, then all that wait. */
static int rank_of(const struct work *w)
{
	return w->state < WORK_PENDING ? (int)w->state : WORK_PENDING;
}

/* What is known of its age: all of it, or a part. */
static uint64_t age_of(const struct work *w)
{
	if (known(w->has, WORK_AGE))
		return w->age_ns;
	return known(w->has, WORK_AGE_MIN) ? w->age_min_ns : 0;
}

static bool is_older(const struct work *w, const struct work *than)
{
	if (!than || rank_of(w) != rank_of(than))
		return !than || rank_of(w) < rank_of(than);
	return age_of(w) > age_of(than);
}

static void set_oldest(struct workqueue *w, const struct work *oldest, bool all_seen)
{
	forget(&w->has, WORKQUEUE_OLDEST_FUNCTION);
	forget(&w->has, WORKQUEUE_OLDEST_AGE);
	forget(&w->has, WORKQUEUE_OLDEST_AGE_MIN);
	if (!oldest && all_seen) {
		w->oldest_function = "";	/* nothing is in flight */
		know(&w->has, WORKQUEUE_OLDEST_FUNCTION);
	}
	if (!oldest)
		return;
	if (known(oldest->has, WORK_FUNCTION)) {
		w->oldest_function = oldest->function;
		know(&w->has, WORKQUEUE_OLDEST_FUNCTION);
	}
	if (known(oldest->has, WORK_AGE)) {
		w->oldest_age_ns = oldest->age_ns;
		know(&w->has, WORKQUEUE_OLDEST_AGE);
	}
	if (known(oldest->has, WORK_AGE_MIN)) {
		w->oldest_age_min_ns = oldest->age_min_ns;
		know(&w->has, WORKQUEUE_OLDEST_AGE_MIN);
	}
}

void summarize_oldest(struct snapshot *s)
{
	size_t nr = nr_rows(s, ROW_WORKQUEUE), row = 0;
	const struct work **oldest = xcalloc(nr, sizeof(*oldest));
	bool all_seen = s->table[ROW_WORK].present && !s->left_out[ROW_WORK];

	for_each_row(s, ROW_WORK, struct work, w)
		if (w->wq >= 0 && known(w->has, WORK_STATE) && w->state != WORK_DELAYED &&
		    is_older(w, oldest[w->wq]))
			oldest[w->wq] = w;
	for_each_row(s, ROW_WORKQUEUE, struct workqueue, w)
		set_oldest(w, oldest[row++], all_seen);
	free(oldest);
}

void summarize(struct snapshot *s)
{
	size_t nr = nr_rows(s, ROW_WORKQUEUE), row = 0;
	struct tally *tallies = xcalloc(nr, sizeof(*tallies));

	for_each_row(s, ROW_PWQ, struct pwq, p)
		if (p->wq >= 0)
			add_pwq(&tallies[p->wq], p);
	add_workers(s, tallies);
	for_each_row(s, ROW_WORKQUEUE, struct workqueue, w)
		set_sums(w, &tallies[row++], s->source.kind != SOURCE_LOG);
	free(tallies);
	summarize_oldest(s);
}
