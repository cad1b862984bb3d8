/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of workqueues, pwqs and pools; their lists of works are in log_list.c. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "fields.h"
#include "log_rows.h"

/* A few bytes of a log can stand for a row ("idle: 1 2 3"): there is an end to it. */
#define MAX_ROWS 100000

void *dump_row(struct dump_reader *d, enum row_kind kind)
{
	if (nr_rows(d->p.s, kind) < MAX_ROWS)
		return snapshot_add(d->p.s, kind);
	d->p.s->left_out[kind]++;
	return NULL;
}

struct pool_facts *dump_pool_facts(struct dump_reader *d, size_t row)
{
	d->pool_facts = xgrow(d->pool_facts, row, &d->pool_facts_room, sizeof(*d->pool_facts));
	if (d->nr_pool_facts <= row)
		d->nr_pool_facts = row + 1;
	return &d->pool_facts[row];
}

/* --- the words of a pool --- */

enum {
	HAS_CPUS = 1, HAS_NODE = 2, HAS_FLAGS = 4, HAS_NICE = 8, HAS_ACTIVE = 16, HAS_MAX = 32,
	HAS_REFCNT = 64, HAS_HUNG = 128, HAS_WORKERS = 256, HAS_MANAGER = 512, HAS_STUCK = 1024,
};

struct pool_words {
	unsigned int has;
	const char *cpus;
	size_t cpus_len;
	int64_t node, nice, max, refcnt, manager;
	uint64_t flags, active, hung, workers;
	bool mayday;
	const char *idle, *end;		/* the pids behind "idle:" */
};

static bool whole_number(const char *p, const char *end, uint64_t *value)
{
	return log_number(&p, end, value) && p == end;
}

static bool whole_int(const char *p, const char *end, int64_t *value)
{
	bool minus = p < end && *p == '-';
	uint64_t n;

	if (!whole_number(p + minus, end, &n) || n > INT64_MAX)
		return false;
	*value = minus ? -(int64_t)n : (int64_t)n;
	return true;
}

static bool seconds(const char *p, const char *end, const char *unit, uint64_t *ns)
{
	uint64_t sec;

	return log_number(&p, end, &sec) && (size_t)(end - p) == strlen(unit) &&
	       !memcmp(p, unit, (size_t)(end - p)) &&
	       !__builtin_mul_overflow(sec, NSEC_PER_SEC, ns);
}

/* N, or N/MAX up to 6.8 */
static bool active_words(struct dump_reader *d, struct pool_words *w, const char *p,
			 const char *end)
{
	const char *slash = memchr(p, '/', (size_t)(end - p));

	if (!whole_number(p, slash ? slash : end, &w->active))
		return false;
	w->has |= HAS_ACTIVE;
	if (!slash) {
		dump_since(d, REL_6_9);
		return true;
	}
	dump_until(d, REL_6_3);
	if (!whole_int(slash + 1, end, &w->max))
		return false;
	w->has |= HAS_MAX;
	return true;
}

static bool is_cpu_list(const char *p, const char *end)
{
	while (p < end && (isdigit((unsigned char)*p) || *p == ',' || *p == '-'))
		p++;
	return p == end;
}

/* One word; false if it cannot be read. */
static bool pool_word(struct dump_reader *d, struct pool_words *w, const char *p, const char *end)
{
	const char *eq = memchr(p, '=', (size_t)(end - p)), *v = eq ? eq + 1 : end;
	size_t n = (size_t)(v - p);
	bool ok = false;

	if (n == 5 && !memcmp(p, "cpus=", n)) {
		w->cpus = v;
		w->cpus_len = (size_t)(end - v);
		return is_cpu_list(v, end) && (w->has |= HAS_CPUS);
	}
	if (n == 7 && !memcmp(p, "active=", n))
		return active_words(d, w, v, end);
	if (n == 5 && !memcmp(p, "node=", n))
		ok = whole_int(v, end, &w->node) && (w->has |= HAS_NODE);
	else if (n == 6 && !memcmp(p, "flags=", n))
		ok = whole_number(v, end, &w->flags) && (w->has |= HAS_FLAGS);
	else if (n == 5 && !memcmp(p, "nice=", n))
		ok = whole_int(v, end, &w->nice) && (w->has |= HAS_NICE);
	else if (n == 7 && !memcmp(p, "refcnt=", n))
		ok = whole_int(v, end, &w->refcnt) && (w->has |= HAS_REFCNT);
	else if (n == 5 && !memcmp(p, "hung=", n))
		ok = seconds(v, end, "s", &w->hung) && (w->has |= HAS_HUNG);
	else if (n == 8 && !memcmp(p, "workers=", n))
		ok = whole_number(v, end, &w->workers) && (w->has |= HAS_WORKERS);
	return ok;
}

static bool is_word(const char *p, const char *end, const char *word)
{
	return (size_t)(end - p) == strlen(word) && !memcmp(p, word, (size_t)(end - p));
}

/* bh, bh-hi, MAYDAY, and those of a lockup's line */
static bool plain_word(struct dump_reader *d, struct pool_words *w, const char *p, const char *end)
{
	if (is_word(p, end, "bh") || is_word(p, end, "bh-hi")) {
		w->nice = end - p == 2 ? 0 : -20;
		w->has |= HAS_NICE;
		dump_since(d, REL_6_9);
		return true;
	}
	if (is_word(p, end, "MAYDAY"))
		return w->mayday = true;
	if (seconds(p, end, "s!", &w->hung))
		return w->has |= HAS_STUCK;
	return is_word(p, end, "stuck") || is_word(p, end, "for") || is_word(p, end, "-") ||
	       is_word(p, end, "pool");
}

/* A word of @p, blanks before it skipped; false if there is none. */
static bool next_word(const char **p, const char *end, const char **word_end)
{
	while (*p < end && **p == ' ')
		++*p;
	for (*word_end = *p; *word_end < end && **word_end != ' '; ++*word_end)
		;
	return *p < end;
}

static void pool_words(struct dump_reader *d, const char *p, const char *end, struct pool_words *w)
{
	const char *word_end;

	*w = (struct pool_words){ .end = end };
	for (; next_word(&p, end, &word_end); p = word_end) {
		if (is_word(p, word_end, "idle:")) {
			w->idle = word_end;
			return;
		}
		if (is_word(p, word_end, "manager:")) {
			p = word_end;
			if (next_word(&p, end, &word_end) && whole_int(p, word_end, &w->manager))
				w->has |= HAS_MANAGER;
			else
				dump_warn_text(d, "manager:", 8);
			continue;
		}
		if (!pool_word(d, w, p, word_end) && !plain_word(d, w, p, word_end))
			dump_warn_text(d, p, (size_t)(word_end - p));
	}
}

static void set_pool(struct snapshot *s, struct pool *pool, const struct pool_words *w)
{
	if (w->has & HAS_CPUS) {
		pool->cpus = snapshot_strn(s, w->cpus, w->cpus_len);
		know(&pool->has, POOL_CPUS);
	}
	if (w->has & HAS_NODE) {
		pool->node = w->node;
		know(&pool->has, POOL_NODE);
	}
	if (w->has & HAS_FLAGS) {
		pool->flags_raw = w->flags;
		know(&pool->has, POOL_FLAGS_RAW);
	}
	if (w->has & HAS_NICE) {
		pool->nice = w->nice;
		know(&pool->has, POOL_NICE);
	}
}

/* The row of pool @id, added if there is none yet; -1 if there are too many. */
static int find_pool(struct dump_reader *d, uint64_t id)
{
	size_t row = map_get(&d->pools, id);
	struct pool *pool;

	if (row)
		return (int)row - 1;
	pool = dump_row(d, ROW_POOL);
	if (!pool)
		return -1;
	row = nr_rows(d->p.s, ROW_POOL);
	*map_at(&d->pools, id) = row;
	dump_pool_facts(d, row - 1);
	pool->id = (int64_t)id;
	know(&pool->has, POOL_ID);
	return (int)row - 1;
}

/* "pwq N:", "pool N:"; @p moves behind the colon. */
static bool take_id(struct dump_reader *d, const char **p, const char *end, uint64_t *id)
{
	const char *start = *p;

	*p = memchr(start, ' ', (size_t)(end - start));
	if (*p && (++*p, log_number(p, end, id)) && *id <= INT32_MAX && *p < end && **p == ':') {
		++*p;
		return true;
	}
	dump_warn_text(d, start, (size_t)(end - start));
	return false;
}

/* --- workqueues --- */

static void add_workqueue(struct dump_reader *d, const char *name, size_t n)
{
	struct snapshot *s = d->p.s;
	struct workqueue *w;
	size_t *nr;

	dump_end_pwq(d);
	d->wq = -1;
	d->wq_name = d->wq_id = NULL;
	w = dump_row(d, ROW_WORKQUEUE);
	if (!w)
		return;
	nr = map_at(&d->names, log_hash(name, n));
	d->wq = (int)nr_rows(s, ROW_WORKQUEUE) - 1;
	d->wq_name = w->name = snapshot_strn(s, name, n);
	/* two may have one name; the order of a dump is that of the kernel's list */
	d->wq_id = w->id = snapshot_fmt(s, "%zu:%s", ++*nr, w->name);
	know(&w->has, WORKQUEUE_NAME);
	know(&w->has, WORKQUEUE_ID);
}

/* The same pwq comes again, below its workqueue's own line: forget the first. */
static void forget_destroyed(struct dump_reader *d, const char *name, size_t n)
{
	static const enum row_kind kinds[] = { ROW_WORKQUEUE, ROW_PWQ, ROW_WORKER, ROW_WORK,
					       ROW_WAITER };
	const struct workqueue *w = wq_of(d->p.s, d->destroyed_wq);
	const char *same = snapshot_strn(d->p.s, name, n);

	if (!w || strcmp(w->name, same))
		return;
	dump_end_pwq(d);
	d->destroyed_wq = -1;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct row_table *t = &d->p.s->table[kinds[i]];

		if (t->nr)
			memset(t->rows, 0, t->nr * row_types[kinds[i]].size);
		t->nr = 0;
	}
	map_free(&d->names);
	map_free(&d->pwqs);
	map_free(&d->p.workers);
	map_free(&d->p.running);
}

void dump_destroy(struct dump_reader *d, const char *text, size_t len)
{
	const char *name = text + strlen("destroy_workqueue: ");
	const char *end = log_find(text, len, " has the following busy pwq");

	if (end < name)
		return;
	add_workqueue(d, name, (size_t)(end - name));
	if (nr_rows(d->p.s, ROW_WORKQUEUE) == 1)	/* else rows of another would go */
		d->destroyed_wq = d->wq;
}

void dump_workqueue(struct dump_reader *d, const char *text, size_t len)
{
	static const char mark[] = ": flags=";
	const char *name = text + strlen("workqueue "), *end = text + len, *p, *last = NULL;
	uint64_t flags;
	struct workqueue *w;

	for (p = name; (p = log_find(p, (size_t)(end - p), mark)); p++)
		last = p;	/* a name may hold anything */
	p = last ? last : end - (end[-1] == ':');
	if (d->destroyed_wq >= 0)
		forget_destroyed(d, name, (size_t)(p - name));
	add_workqueue(d, name, (size_t)(p - name));
	p += strlen(mark);
	if (!last || !whole_number(p, end, &flags)) {
		p = last ? last + 2 : name;
		dump_warn_text(d, p, (size_t)(end - p));
		return;
	}
	if (d->wq < 0)
		return;
	w = snapshot_row(d->p.s, ROW_WORKQUEUE, (size_t)d->wq);
	w->flags_raw = flags;
	know(&w->has, WORKQUEUE_FLAGS_RAW);
}

/* --- pwqs --- */

/* A pwq's row, from the words of its line. */
static void set_pwq(struct dump_reader *d, struct pwq *q, uint64_t id, const struct pool_words *w)
{
	static const enum pwq_field counts[] = { PWQ_RUNNING, PWQ_SCHEDULED, PWQ_PENDING,
						 PWQ_INACTIVE };

	q->pool = (int64_t)id;
	know(&q->has, PWQ_POOL);
	if (d->wq >= 0) {
		size_t *nr = map_at(&d->pwqs, (uint64_t)d->wq << 32 | id);

		q->id = ++*nr > 1 ? snapshot_fmt(d->p.s, "%s:%" PRIu64 "+%zu", d->wq_id, id, *nr)
				  : snapshot_fmt(d->p.s, "%s:%" PRIu64, d->wq_id, id);
		q->workqueue = d->wq_name;
		q->workqueue_id = d->wq_id;
		know(&q->has, PWQ_ID);
		know(&q->has, PWQ_WORKQUEUE);
		know(&q->has, PWQ_WORKQUEUE_ID);
	}
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		know(&q->has, counts[i]);
	if (w->has & HAS_ACTIVE) {
		q->nr_active = w->active;
		know(&q->has, PWQ_NR_ACTIVE);
	}
	if (w->has & HAS_MAX) {
		q->max_active = w->max;
		know(&q->has, PWQ_MAX_ACTIVE);
	}
	if (w->has & HAS_REFCNT) {
		q->refcnt = w->refcnt;
		know(&q->has, PWQ_REFCNT);
		q->on_mayday = w->mayday;	/* the last word: known if those before are */
		know(&q->has, PWQ_ON_MAYDAY);
	}
}

void dump_pwq(struct dump_reader *d, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	struct pool_words w;
	struct pwq *q;
	uint64_t id;
	int row;

	dump_end_pwq(d);
	if (!take_id(d, &p, end, &id))
		return;
	pool_words(d, p, end, &w);
	row = find_pool(d, id);
	if (row >= 0)
		set_pool(d->p.s, snapshot_row(d->p.s, ROW_POOL, (size_t)row), &w);
	q = dump_row(d, ROW_PWQ);
	if (!q)
		return;
	set_pwq(d, q, id, &w);
	d->pwq = (int)nr_rows(d->p.s, ROW_PWQ) - 1;
	d->pwq_line = d->p.line;
	d->has_list = false;
}

void dump_end_pwq(struct dump_reader *d)
{
	struct pwq *q;

	if (d->pwq < 0)
		return;
	q = snapshot_row(d->p.s, ROW_PWQ, (size_t)d->pwq);
	d->pwq = -1;
	if (d->has_list || !known(q->has, PWQ_NR_ACTIVE) || !q->nr_active)
		return;
	snapshot_warn(d->p.s, "line %" PRIu64 ": pwq %" PRId64 " has %" PRIu64 " active works, and "
		      "none follows", d->pwq_line, q->pool, q->nr_active);
	d->damaged = d->cut_end = true;
	forget(&q->has, PWQ_RUNNING);
	forget(&q->has, PWQ_SCHEDULED);
	forget(&q->has, PWQ_PENDING);
	forget(&q->has, PWQ_INACTIVE);
}

/* --- pools --- */

static void add_worker(struct dump_reader *d, uint64_t pool, int64_t pid, enum worker_state state)
{
	struct worker *w = dump_row(d, ROW_WORKER);

	if (!w)
		return;
	w->pid = pid;
	w->pool = (int64_t)pool;
	w->state = state;
	know(&w->has, WORKER_PID);
	know(&w->has, WORKER_POOL);
	know(&w->has, WORKER_STATE);
	*map_at(&d->p.workers, (uint64_t)pid) = nr_rows(d->p.s, ROW_WORKER);
}

/* The pids behind "idle:"; a BH pool has no threads, and prints bh. */
static uint64_t idle_workers(struct dump_reader *d, uint64_t pool, const struct pool_words *w)
{
	const char *p = w->idle, *word_end;
	uint64_t idle = 0;
	int64_t pid;

	for (; p && next_word(&p, w->end, &word_end); p = word_end) {
		if (whole_int(p, word_end, &pid)) {
			add_worker(d, pool, pid, WORKER_IDLE);
		} else if (!is_word(p, word_end, "bh") && !is_word(p, word_end, "bh-hi")) {
			dump_warn_text(d, p, (size_t)(word_end - p));
			continue;
		}
		idle++;
	}
	return idle;
}

void dump_pool(struct dump_reader *d, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	struct pool_words w;
	struct pool *pool;
	uint64_t id, idle;
	int row;

	dump_end_pwq(d);
	if (!take_id(d, &p, end, &id))
		return;
	pool_words(d, p, end, &w);
	row = find_pool(d, id);
	if (w.has & HAS_MANAGER)
		add_worker(d, id, w.manager, WORKER_MANAGER);
	idle = idle_workers(d, id, &w);
	if (row < 0)
		return;
	dump_pool_facts(d, (size_t)row)->has_line = true;
	pool = snapshot_row(d->p.s, ROW_POOL, (size_t)row);
	set_pool(d->p.s, pool, &w);
	if (w.has & HAS_HUNG) {
		pool->hung_ns = w.hung;
		know(&pool->has, POOL_HUNG);
	}
	if (w.has & HAS_MANAGER) {
		pool->manager_pid = w.manager;
		know(&pool->has, POOL_MANAGER_PID);
	}
	if (!(w.has & HAS_WORKERS))
		return;
	pool->workers = w.workers;
	pool->idle = idle;
	know(&pool->has, POOL_WORKERS);
	know(&pool->has, POOL_IDLE);
	if (idle <= w.workers) {
		pool->busy = w.workers - idle;
		know(&pool->has, POOL_BUSY);
	}
}

void dump_lockup(struct dump_reader *d, const char *text, size_t len)
{
	const char *p = text + strlen("BUG: workqueue lockup");
	struct pool_words w;
	struct pool *pool;

	dump_end_pwq(d);
	pool_words(d, p, text + len, &w);
	d->lockups = xgrow(d->lockups, d->nr_lockups, &d->lockups_room, sizeof(*d->lockups));
	pool = &d->lockups[d->nr_lockups++];
	set_pool(d->p.s, pool, &w);
	if (w.has & HAS_STUCK) {
		pool->hung_ns = w.hung;
		know(&pool->has, POOL_HUNG);
	}
}
