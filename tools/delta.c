/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "delta.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "summary.h"
#include "util.h"

#define BIT(field) (UINT64_C(1) << (field))

/* --- rows by their identity --- */

/* Rows of one kind in both pictures, sorted by their identity. */
struct sorted {
	const void **rows;
	size_t nr;
};

#define COMPARE(x, y) \
	do { \
		if ((x) != (y)) \
			return (x) < (y) ? -1 : 1; \
	} while (0)

#define COMPARE_TEXT(x, y) \
	do { \
		int order = strcmp(x, y); \
		if (order) \
			return order; \
	} while (0)

static const char *text(uint64_t has, unsigned int field, const char *value)
{
	return known(has, field) ? value : "";
}

static int64_t number(uint64_t has, unsigned int field, int64_t value)
{
	return known(has, field) ? value : -1;
}

static struct sorted sort_rows(const struct snapshot *s, enum row_kind kind, uint64_t identity,
			       int (*compare)(const void *, const void *))
{
	struct sorted list = { .rows = xcalloc(nr_rows(s, kind), sizeof(*list.rows)) };

	for (size_t i = 0; i < nr_rows(s, kind); i++) {
		const uint64_t *row = snapshot_row(s, kind, i);	/* begins with `has` */

		if ((*row & identity) == identity)
			list.rows[list.nr++] = row;
	}
	qsort(list.rows, list.nr, sizeof(*list.rows), compare);
	return list;
}

static const void *find(const struct sorted *list, const void *key,
			int (*compare)(const void *, const void *))
{
	const void **at = bsearch(&key, list->rows, list->nr, sizeof(*list->rows), compare);

	return at ? *at : NULL;
}

/* --- rates --- */

static int compare_wqs(const void *a, const void *b)
{
	const struct workqueue *x = *(const struct workqueue *const *)a;
	const struct workqueue *y = *(const struct workqueue *const *)b;

	return strcmp(x->id, y->id);
}

static bool same_object(const struct workqueue *a, const struct workqueue *b)
{
	if (!known(a->has, WORKQUEUE_NAME) || !known(b->has, WORKQUEUE_NAME))
		return false;
	return !strcmp(a->name, b->name);
}

static void set_rate(const struct workqueue *before, struct workqueue *now, enum wq_stat stat,
		     enum workqueue_field from, enum workqueue_field to, double *rate, double sec)
{
	if (!known(before->has, from) || !known(now->has, from) ||
	    now->stat[stat] < before->stat[stat])
		return;
	*rate = (double)(now->stat[stat] - before->stat[stat]) / sec;
	know(&now->has, to);
}

static void set_rates(const struct workqueue *before, struct workqueue *now, double sec)
{
	if (!same_object(before, now))
		return;
	set_rate(before, now, STAT_STARTED, WORKQUEUE_STARTED, WORKQUEUE_STARTED_RATE,
		 &now->started_rate, sec);
	set_rate(before, now, STAT_COMPLETED, WORKQUEUE_COMPLETED, WORKQUEUE_COMPLETED_RATE,
		 &now->completed_rate, sec);
	set_rate(before, now, STAT_CPU_TIME, WORKQUEUE_CPU_TIME, WORKQUEUE_CPU_RATE,
		 &now->cpu_rate, sec * 1e4);	/* microseconds a second > percent */
}

static void delta_workqueues(const struct snapshot *before, struct snapshot *now, double sec)
{
	struct sorted old = sort_rows(before, ROW_WORKQUEUE, BIT(WORKQUEUE_ID), compare_wqs);

	for_each_row(now, ROW_WORKQUEUE, struct workqueue, w) {
		const struct workqueue *was = NULL;

		if (known(w->has, WORKQUEUE_ID))
			was = find(&old, w, compare_wqs);
		if (was)
			set_rates(was, w, sec);
	}
	free(old.rows);
}

/* --- functions --- */

static int compare_functions(const void *a, const void *b)
{
	const struct function *x = *(const struct function *const *)a;
	const struct function *y = *(const struct function *const *)b;

	COMPARE_TEXT(x->function, y->function);
	COMPARE_TEXT(text(x->has, FUNCTION_WORKQUEUE_ID, x->workqueue_id),
		     text(y->has, FUNCTION_WORKQUEUE_ID, y->workqueue_id));
	return 0;
}

/* Counts since one moment are compared; others are of their own interval. */
static void delta_functions(const struct snapshot *before, struct snapshot *now)
{
	const struct interval *i = &now->interval, *j = before ? &before->interval : NULL;
	bool goes_on = i->known && j && j->known && i->from_mono_ns == j->from_mono_ns;
	uint64_t from = goes_on ? j->to_mono_ns : i->from_mono_ns;
	struct sorted old = { .nr = 0 };

	if (!i->known || i->to_mono_ns <= from)
		return;
	if (goes_on)
		old = sort_rows(before, ROW_FUNCTION, BIT(FUNCTION_FUNCTION), compare_functions);
	for_each_row(now, ROW_FUNCTION, struct function, f) {
		const struct function *of = NULL;

		if (!known(f->has, FUNCTION_STARTED) || !known(f->has, FUNCTION_FUNCTION))
			continue;
		if (old.nr)
			of = find(&old, f, compare_functions);
		if (of && (!known(of->has, FUNCTION_STARTED) || of->started > f->started))
			continue;
		f->started_rate = (double)(f->started - (of ? of->started : 0)) /
				  ((double)(i->to_mono_ns - from) / 1e9);
		know(&f->has, FUNCTION_STARTED_RATE);
	}
	free(old.rows);
}

/* --- ages: since when a row has been seen as it is --- */

struct both {
	const struct snapshot *before;
	struct snapshot *now;
	struct sorted pwqs[2], wqs[2], workers[2];	/* of before and now */
};

static int compare_pwqs(const void *a, const void *b)
{
	const struct pwq *x = *(const struct pwq *const *)a, *y = *(const struct pwq *const *)b;

	COMPARE_TEXT(text(x->has, PWQ_WORKQUEUE_ID, x->workqueue_id),
		     text(y->has, PWQ_WORKQUEUE_ID, y->workqueue_id));
	COMPARE(number(x->has, PWQ_POOL, x->pool), number(y->has, PWQ_POOL, y->pool));
	return 0;
}

static int compare_pids(const void *a, const void *b)
{
	const struct worker *x = *(const struct worker *const *)a;
	const struct worker *y = *(const struct worker *const *)b;

	COMPARE(number(x->has, WORKER_PID, x->pid), number(y->has, WORKER_PID, y->pid));
	return 0;
}

static int compare_workers(const void *a, const void *b)
{
	const struct worker *x = *(const struct worker *const *)a;
	const struct worker *y = *(const struct worker *const *)b;

	COMPARE(x->pid, y->pid);
	COMPARE_TEXT(x->function, y->function);
	COMPARE_TEXT(text(x->has, WORKER_WORKQUEUE_ID, x->workqueue_id),
		     text(y->has, WORKER_WORKQUEUE_ID, y->workqueue_id));
	COMPARE(x->work, y->work);
	return 0;
}

/* To wait on another list is still to wait. */
static int phase_of(const struct work *w)
{
	return w->state == WORK_RUNNING ? 0 : w->state == WORK_DELAYED ? 2 : 1;
}

static int64_t runner_of(const struct work *w)
{
	return phase_of(w) ? -1 : number(w->has, WORK_WORKER_PID, w->worker_pid);
}

static int compare_works(const void *a, const void *b)
{
	const struct work *x = *(const struct work *const *)a, *y = *(const struct work *const *)b;

	COMPARE(x->address, y->address);
	COMPARE(phase_of(x), phase_of(y));
	COMPARE(runner_of(x), runner_of(y));
	COMPARE_TEXT(text(x->has, WORK_FUNCTION, x->function),
		     text(y->has, WORK_FUNCTION, y->function));
	COMPARE_TEXT(text(x->has, WORK_WORKQUEUE_ID, x->workqueue_id),
		     text(y->has, WORK_WORKQUEUE_ID, y->workqueue_id));
	return 0;
}

static int compare_waiters(const void *a, const void *b)
{
	const struct waiter *x = *(const struct waiter *const *)a;
	const struct waiter *y = *(const struct waiter *const *)b;

	COMPARE(x->pid, y->pid);
	COMPARE(number(x->has, WAITER_WAITS_IN, (int64_t)x->waits_in),
		number(y->has, WAITER_WAITS_IN, (int64_t)y->waits_in));
	COMPARE_TEXT(text(x->has, WAITER_FUNCTION, x->function),
		     text(y->has, WAITER_FUNCTION, y->function));
	COMPARE_TEXT(text(x->has, WAITER_WORKQUEUE_ID, x->workqueue_id),
		     text(y->has, WAITER_WORKQUEUE_ID, y->workqueue_id));
	return 0;
}

enum motion { STILL, MOVED, NOT_COUNTED };

static enum motion pwq_motion(const struct both *b, const char *wq_id, int64_t pool)
{
	struct pwq key = { .workqueue_id = wq_id, .pool = pool };
	const struct pwq *x, *y;

	know(&key.has, PWQ_WORKQUEUE_ID);
	know(&key.has, PWQ_POOL);
	x = find(&b->pwqs[0], &key, compare_pwqs);
	y = find(&b->pwqs[1], &key, compare_pwqs);
	if (!x || !y || !known(x->has, PWQ_STARTED) || !known(y->has, PWQ_STARTED))
		return NOT_COUNTED;
	return x->stat[STAT_STARTED] == y->stat[STAT_STARTED] ? STILL : MOVED;
}

/* Did any work of that queue begin or end? */
static enum motion wq_motion(const struct both *b, const char *wq_id)
{
	struct workqueue key = { .id = wq_id };
	const struct workqueue *x = find(&b->wqs[0], &key, compare_wqs);
	const struct workqueue *y = find(&b->wqs[1], &key, compare_wqs);

	if (!x || !y || !known(x->has & y->has, WORKQUEUE_STARTED) ||
	    !known(x->has & y->has, WORKQUEUE_COMPLETED))
		return NOT_COUNTED;
	return x->stat[STAT_STARTED] == y->stat[STAT_STARTED] &&
	       x->stat[STAT_COMPLETED] == y->stat[STAT_COMPLETED] ? STILL : MOVED;
}

/* Did that worker begin another work? */
static enum motion worker_motion(const struct both *b, int64_t pid)
{
	struct worker key = { .pid = pid };
	const struct worker *x, *y;

	know(&key.has, WORKER_PID);
	x = find(&b->workers[0], &key, compare_pids);
	y = find(&b->workers[1], &key, compare_pids);
	if (!x || !y || !x->run_mark || !y->run_mark)
		return NOT_COUNTED;
	return x->run_mark == y->run_mark ? STILL : MOVED;
}

static bool stayed(const struct both *b, bool runs, int64_t pid, const char *wq_id, int64_t pool)
{
	enum motion m = pwq_motion(b, wq_id, pool);

	if (m == NOT_COUNTED)
		m = wq_motion(b, wq_id);
	return m != MOVED || (runs && worker_motion(b, pid) == STILL);
}

/* A timer that was armed anew is due at another time. */
static bool timer_stayed(const struct both *b, const struct work *old, const struct work *now)
{
	uint64_t was = b->before->mono_ns + (uint64_t)old->due_in_ns;
	uint64_t is = b->now->mono_ns + (uint64_t)now->due_in_ns;
	uint64_t moved = is > was ? is - was : was - is;

	/* the slack of jiffies, and of the reading */
	return known(old->has & now->has, WORK_DUE_IN) && moved < NSEC_PER_SEC / 50;
}

static bool work_stayed(const struct both *b, const void *old, const void *row)
{
	const struct work *w = row;

	if (phase_of(w) == 2)
		return timer_stayed(b, old, w);
	return stayed(b, phase_of(w) == 0, runner_of(w),
		      text(w->has, WORK_WORKQUEUE_ID, w->workqueue_id),
		      number(w->has, WORK_POOL, w->pool));
}

static bool worker_stayed(const struct both *b, const void *old, const void *row)
{
	const struct worker *w = row;

	(void)old;
	return stayed(b, true, w->pid, text(w->has, WORKER_WORKQUEUE_ID, w->workqueue_id),
		      number(w->has, WORKER_POOL, w->pool));
}

static bool waiter_stayed(const struct both *b, const void *old, const void *row)
{
	const struct waiter *w = row;

	(void)old;
	return wq_motion(b, text(w->has, WAITER_WORKQUEUE_ID, w->workqueue_id)) != MOVED;
}

static const struct aged {
	enum row_kind kind;
	uint64_t identity;		/* fields without which it is nobody */
	int (*compare)(const void *a, const void *b);
	bool (*stayed)(const struct both *b, const void *old, const void *row);
	size_t first_seen, age_min;
	unsigned int age_min_field;
} aged_kinds[] = {
	{ ROW_WORK, BIT(WORK_ADDRESS) | BIT(WORK_STATE), compare_works, work_stayed,
	  offsetof(struct work, first_seen_ns), offsetof(struct work, age_min_ns), WORK_AGE_MIN },
	{ ROW_WORKER, BIT(WORKER_PID) | BIT(WORKER_FUNCTION), compare_workers, worker_stayed,
	  offsetof(struct worker, first_seen_ns), offsetof(struct worker, age_min_ns),
	  WORKER_AGE_MIN },
	{ ROW_WAITER, BIT(WAITER_PID), compare_waiters, waiter_stayed,
	  offsetof(struct waiter, first_seen_ns), offsetof(struct waiter, age_min_ns),
	  WAITER_AGE_MIN },
};

static uint64_t *member(const void *row, size_t offset)
{
	return (uint64_t *)((uintptr_t)row + offset);
}

/* @old: the same row in the picture before, or NULL. */
static void set_age(const struct both *b, const struct aged *k, const void *row, const void *old)
{
	uint64_t mono = b->now->mono_ns, *since = member(row, k->first_seen);
	uint64_t *age_min = member(row, k->age_min), *has = member(row, 0);

	*since = mono;
	if (known(*has, k->age_min_field) && *age_min < mono)	/* a saved one */
		*since = mono - *age_min;
	if (old && *member(old, k->first_seen) < *since && k->stayed(b, old, row))
		*since = *member(old, k->first_seen);
	*age_min = mono - *since;
	forget(has, k->age_min_field);
	if (*age_min)
		know(has, k->age_min_field);
}

/* In the first picture nothing has an age yet; to sort it takes longer than to read it. */
static void begin_ages(const struct both *b, const struct aged *k)
{
	for (size_t i = 0; i < nr_rows(b->now, k->kind); i++) {
		const uint64_t *row = snapshot_row(b->now, k->kind, i);

		if ((*row & k->identity) == k->identity)
			set_age(b, k, row, NULL);
	}
}

static void delta_ages(const struct both *b, const struct aged *k)
{
	struct sorted now, old;
	size_t at = 0;

	if (!b->before) {
		begin_ages(b, k);
		return;
	}
	now = sort_rows(b->now, k->kind, k->identity, k->compare);
	old = sort_rows(b->before, k->kind, k->identity, k->compare);
	for (size_t i = 0; i < now.nr; i++) {
		int order = -1;

		while (at < old.nr && (order = k->compare(&old.rows[at], &now.rows[i])) < 0)
			at++;
		set_age(b, k, now.rows[i], order ? NULL : old.rows[at]);
	}
	free(now.rows);
	free(old.rows);
}

static void delta_all_ages(const struct snapshot *before, struct snapshot *now)
{
	const struct snapshot *pictures[] = { before, now };
	struct both b = { .before = before, .now = now };

	for (int i = 0; i < 2 && before; i++) {
		b.pwqs[i] = sort_rows(pictures[i], ROW_PWQ, BIT(PWQ_WORKQUEUE_ID) | BIT(PWQ_POOL),
				      compare_pwqs);
		b.wqs[i] = sort_rows(pictures[i], ROW_WORKQUEUE, BIT(WORKQUEUE_ID), compare_wqs);
		b.workers[i] = sort_rows(pictures[i], ROW_WORKER, BIT(WORKER_PID), compare_pids);
	}
	for (size_t i = 0; i < ARRAY_SIZE(aged_kinds); i++)
		delta_ages(&b, &aged_kinds[i]);
	for (int i = 0; i < 2; i++) {
		free(b.pwqs[i].rows);
		free(b.wqs[i].rows);
		free(b.workers[i].rows);
	}
}

void delta(const struct snapshot *before, struct snapshot *now)
{
	if (before && (!before->mono_ns || now->mono_ns <= before->mono_ns))
		before = NULL;
	if (before) {
		double sec = (double)(now->mono_ns - before->mono_ns) / 1e9;

		delta_workqueues(before, now, sec);
	}
	delta_functions(before, now);
	if (now->mono_ns)
		delta_all_ages(before, now);
	summarize_oldest(now);
}
