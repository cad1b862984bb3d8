/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of works: in flight, pending, inactive; and the barriers in them. */
#include <ctype.h>
#include <string.h>

#include "fields.h"
#include "log_rows.h"

struct list {
	struct dump_reader *d;
	enum work_state state;	/* of names: that of the list, or scheduled behind a running one */
	bool in_flight;
	bool bound;		/* what comes is linked to what was before: no comma between */
	bool has_pid, skip;	/* skip: an entry that cannot be read */
	int64_t pid;
	enum worker_state worker_state;
	size_t worker;		/* its row + 1; 0: none */
	bool named;		/* it has its function */
	const char *function;	/* of the last work */
	size_t work;		/* its row + 1 */
};

static uint64_t *counter(struct pwq *q, enum work_state state)
{
	switch (state) {
	case WORK_RUNNING: return &q->running;
	case WORK_SCHEDULED: return &q->scheduled;
	case WORK_PENDING: return &q->pending;
	default: return &q->inactive;
	}
}

static const struct pwq *current_pwq(const struct dump_reader *d)
{
	return d->pwq < 0 ? NULL : snapshot_row(d->p.s, ROW_PWQ, (size_t)d->pwq);
}

static void add_work(struct list *l, const char *function)
{
	const struct pwq *q = current_pwq(l->d);
	struct work *w = dump_row(l->d, ROW_WORK);

	if (!w)
		return;
	w->function = function;
	w->state = l->state;
	know(&w->has, WORK_FUNCTION);
	know(&w->has, WORK_STATE);
	if (q) {
		w->pool = q->pool;
		know(&w->has, WORK_POOL);
	}
	if (q && l->d->wq >= 0) {
		w->workqueue = l->d->wq_name;
		w->workqueue_id = l->d->wq_id;
		w->pwq_id = q->id;
		know(&w->has, WORK_PWQ_ID);
		know(&w->has, WORK_WORKQUEUE);
		know(&w->has, WORK_WORKQUEUE_ID);
	}
	if (l->has_pid && l->state <= WORK_SCHEDULED) {
		w->worker_pid = l->pid;
		know(&w->has, WORK_WORKER_PID);
	}
	l->work = nr_rows(l->d->p.s, ROW_WORK);
}

static void add_works(struct list *l, const char *text, size_t n, uint64_t count)
{
	struct snapshot *s = l->d->p.s;
	uint64_t *total;

	l->function = snapshot_strn(s, text, n);
	l->work = 0;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t before = s->left_out[ROW_WORK];

		add_work(l, l->function);
		if (s->left_out[ROW_WORK] == before)
			continue;
		if (__builtin_add_overflow(before, count - i, &s->left_out[ROW_WORK]))
			s->left_out[ROW_WORK] = UINT64_MAX;
		break;
	}
	if (l->d->pwq < 0)
		return;
	total = counter(snapshot_row(s, ROW_PWQ, (size_t)l->d->pwq), l->state);
	if (__builtin_add_overflow(*total, count, total))
		*total = UINT64_MAX;
}

/* --- in flight --- */

static void add_worker(struct list *l)
{
	struct dump_reader *d = l->d;
	const struct pwq *q = current_pwq(d);
	struct worker *w = dump_row(d, ROW_WORKER);

	l->worker = 0;
	if (!w)
		return;
	l->worker = nr_rows(d->p.s, ROW_WORKER);
	w->state = l->worker_state;
	know(&w->has, WORKER_STATE);
	if (l->has_pid) {
		w->pid = l->pid;
		know(&w->has, WORKER_PID);
		*map_at(&d->p.workers, (uint64_t)l->pid) = l->worker;
	}
	if (!q)
		return;
	w->pool = q->pool;
	know(&w->has, WORKER_POOL);
	if (l->worker_state != WORKER_RESCUER && map_get(&d->pools, (uint64_t)q->pool))
		dump_pool_facts(d, map_get(&d->pools, (uint64_t)q->pool) - 1)->executes = true;
	if (d->wq < 0)
		return;
	w->workqueue = d->wq_name;
	w->workqueue_id = d->wq_id;
	know(&w->has, WORKER_WORKQUEUE);
	know(&w->has, WORKER_WORKQUEUE_ID);
	if (l->worker_state == WORKER_RESCUER && l->has_pid) {
		struct workqueue *wq = snapshot_row(d->p.s, ROW_WORKQUEUE, (size_t)d->wq);

		wq->rescuer_pid = l->pid;	/* a rescuer serves no other workqueue */
		know(&wq->has, WORKQUEUE_RESCUER_PID);
	}
}

/* PID:, PID(RESCUER):, bh:, bh-hi: at the beginning of a word; its length, or 0. */
static size_t take_worker(struct list *l, const char *p, const char *end)
{
	const char *q = p;
	uint64_t pid;

	l->worker_state = WORKER_BUSY;
	l->has_pid = false;
	if (log_starts(p, (size_t)(end - p), "bh:"))
		return 3;
	if (log_starts(p, (size_t)(end - p), "bh-hi:"))
		return 6;
	if (p == end || !isdigit((unsigned char)*p) || !log_number(&q, end, &pid) ||
	    pid > INT32_MAX)
		return 0;
	if (log_starts(q, (size_t)(end - q), "(RESCUER)")) {
		l->worker_state = WORKER_RESCUER;
		q += strlen("(RESCUER)");
	}
	if (q == end || *q != ':')
		return 0;
	l->pid = (int64_t)pid;
	l->has_pid = true;
	return (size_t)(q - p) + 1;
}

static void set_function(struct list *l, const char *text, size_t n)
{
	struct snapshot *s = l->d->p.s;

	l->state = WORK_RUNNING;
	add_works(l, text, n, 1);
	l->state = WORK_SCHEDULED;
	l->named = true;
	if (l->has_pid && l->work)
		*map_at(&l->d->p.running, (uint64_t)l->pid) = l->work;
	if (l->worker) {
		struct worker *w = snapshot_row(s, ROW_WORKER, l->worker - 1);

		w->function = l->function;
		know(&w->has, WORKER_FUNCTION);
	}
}

static void set_age(struct list *l, uint64_t ns)
{
	struct snapshot *s = l->d->p.s;

	if (l->worker) {
		struct worker *w = snapshot_row(s, ROW_WORKER, l->worker - 1);

		w->age_ns = ns;
		know(&w->has, WORKER_AGE);
	}
	if (l->work) {
		struct work *w = snapshot_row(s, ROW_WORK, l->work - 1);

		w->age_ns = ns;
		know(&w->has, WORK_AGE);
	}
}

/* " for 39s" behind the function of a worker; its length, or 0. */
static size_t take_age(struct list *l, const char *p, const char *end)
{
	const char *q = p;
	uint64_t sec, ns;

	if (!l->in_flight || l->state != WORK_SCHEDULED ||
	    !log_starts(p, (size_t)(end - p), "for "))
		return 0;
	q += 4;
	if (!log_number(&q, end, &sec) || q == end || *q != 's' ||
	    (q + 1 < end && !strchr(" ,", q[1])) ||
	    __builtin_mul_overflow(sec, NSEC_PER_SEC, &ns))
		return 0;
	set_age(l, ns);
	dump_since(l->d, REL_7_0);
	return (size_t)(q - p) + 1;
}

/* --- barriers --- */

static void add_waiter(struct list *l, int64_t pid)
{
	struct dump_reader *d = l->d;
	const struct pwq *q = current_pwq(d);
	struct waiter *w = dump_row(d, ROW_WAITER);

	if (!w)
		return;
	w->pid = pid;
	w->waits_in = WAITS_FLUSH_WORK;
	w->work_state = l->in_flight && l->work && l->bound
			? ((struct work *)snapshot_row(d->p.s, ROW_WORK, l->work - 1))->state
			: l->state;
	know(&w->has, WAITER_PID);
	know(&w->has, WAITER_WAITS_IN);
	know(&w->has, WAITER_WORK_STATE);
	if (q) {
		w->pool = q->pool;
		know(&w->has, WAITER_POOL);
	}
	if (q && d->wq >= 0) {
		w->workqueue = d->wq_name;
		w->workqueue_id = d->wq_id;
		know(&w->has, WAITER_WORKQUEUE);
		know(&w->has, WAITER_WORKQUEUE_ID);
	}
	if (l->in_flight && l->has_pid) {
		w->worker_pid = l->pid;
		know(&w->has, WAITER_WORKER_PID);
	}
	/* behind a comma, the work that it was linked to has left the list */
	if (!l->bound || !l->function)
		return;
	w->function = l->function;
	w->work_nr = l->work;
	know(&w->has, WAITER_FUNCTION);
}

static bool take_barrier(struct list *l, const char *p, size_t n)
{
	const char *end = p + n, *q = p + 4;
	uint64_t pid;

	if (!log_starts(p, n, "BAR(") || !log_number(&q, end, &pid) || pid > INT32_MAX ||
	    q + 1 != end || *q != ')')
		return false;
	add_waiter(l, (int64_t)pid);
	return true;
}

/* --- words --- */

/* The end of the word at @p: a blank or a comma. */
static const char *word_end(const char *p, const char *end)
{
	while (p < end && *p != ' ' && *p != ',')
		p++;
	return p;
}

/* A name with the " [module]" behind it, if there is one. */
static const char *name_end(const char *p, const char *end)
{
	const char *q = word_end(p, end), *open = q;
	size_t n;

	while (open < end && *open == ' ')
		open++;
	n = open > q ? log_module(open, (size_t)(end - open)) : 0;
	return n ? open + n : q;
}

/* N*FN or FN; false if it is none. */
static bool take_name(struct list *l, const char *p, const char *end)
{
	const char *q = p;
	uint64_t count = 1;

	if (isdigit((unsigned char)*p) && !log_starts(p, (size_t)(end - p), "0x")) {
		if (!log_number(&q, end, &count) || q == end || *q != '*' || q + 1 == end || !count)
			return false;
		p = q + 1;
		dump_since(l->d, REL_6_3);
	}
	if (strchr("[(:*?!", *p) || memchr(p, ':', (size_t)(end - p)))
		return false;
	if (l->in_flight && !l->named && count == 1)
		set_function(l, p, (size_t)(end - p));
	else if (l->in_flight && !l->worker && !l->named)
		return false;
	else
		add_works(l, p, (size_t)(end - p), count);
	return true;
}

/* What stands at @p, which is no blank and no comma; returns its end. */
static const char *take_word(struct list *l, const char *p, const char *end)
{
	const char *q = word_end(p, end);
	size_t n;

	if (l->in_flight && !l->bound) {
		n = take_worker(l, p, q);
		l->named = false;
		l->skip = !n;
		l->work = 0;
		l->function = NULL;
		l->state = WORK_RUNNING;
		if (n) {
			add_worker(l);
			p += n;
			q = p;
			l->bound = true;
			if (p == end || *p == ' ' || *p == ',')
				return q;
		}
	}
	n = l->skip ? 0 : take_age(l, p, end);
	if (n)
		return p + n;
	q = word_end(p, end);
	if (!l->skip && take_barrier(l, p, (size_t)(q - p)))
		return q;
	q = name_end(p, end);
	if (!l->skip && take_name(l, p, q))
		return q;
	dump_warn_text(l->d, p, (size_t)(q - p));
	return q;
}

/* Since 6.9 a blank stands before the comma between workers; since 7.0 all have an age. */
static void note_generation(struct dump_reader *d, enum log_class cls, const char *text, size_t len)
{
	if (cls == LOG_INACTIVE) {
		d->p.s->source.says_inactive = !log_starts(text, len, "delayed:");
		if (d->p.s->source.says_inactive)
			dump_since(d, REL_5_15);
		else
			dump_until(d, REL_ANY);
	}
	if (cls != LOG_IN_FLIGHT)
		return;
	for (const char *p = text; (p = log_find(p, (size_t)(text + len - p), " ,")); p++)
		if (p + 2 < text + len && p[2] != ' ')
			dump_since(d, REL_6_9);
	if (!log_find(text, len, " for "))
		dump_until(d, REL_6_9);
}

void dump_list(struct dump_reader *d, enum log_class cls, const char *text, size_t len)
{
	struct list l = { .d = d, .in_flight = cls == LOG_IN_FLIGHT,
			  .state = cls == LOG_PENDING ? WORK_PENDING : WORK_INACTIVE };
	const char *p = memchr(text, ':', len), *end = text + len;

	note_generation(d, cls, text, len);
	d->has_list = true;
	for (p++; p < end; ) {
		if (*p == ' ') {
			p++;
		} else if (*p == ',') {
			l.bound = false;
			p++;
		} else {
			p = take_word(&l, p, end);
			l.bound = true;
		}
	}
}
