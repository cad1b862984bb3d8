/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "util.h"

const char *const wq_flag_names[NR_WQ_FLAGS + 1] = {
#define WQ_FLAG(name) #name,
#include "flags.def"
};

const char *const pool_flag_names[NR_POOL_FLAGS + 1] = {
#define POOL_FLAG(name) #name,
#include "flags.def"
};

/* Strings live in blocks that never move. */
struct arena_block {
	struct arena_block *next;
	size_t used, size;
	char bytes[];
};

void snapshot_init(struct snapshot *s)
{
	memset(s, 0, sizeof(*s));
}

void snapshot_free(struct snapshot *s)
{
	struct arena_block *next;

	for (int kind = 0; kind < NR_ROW_KINDS; kind++)
		free(s->table[kind].rows);
	free(s->warnings);
	for (struct arena_block *b = s->arena; b; b = next) {
		next = b->next;
		free(b);
	}
	snapshot_init(s);
}

void *snapshot_add(struct snapshot *s, enum row_kind kind)
{
	struct row_table *t = &s->table[kind];
	size_t size = row_types[kind].size;

	if (t->nr == t->room) {		/* not xgrow(): pages of rows that never come stay untouched */
		t->room = t->room ? 2 * t->room : 16;
		t->rows = xrealloc(t->rows, t->room * size);
	}
	t->present = true;
	return memset((char *)t->rows + t->nr++ * size, 0, size);
}

void *snapshot_row(const struct snapshot *s, enum row_kind kind, size_t index)
{
	return (char *)s->table[kind].rows + index * row_types[kind].size;
}

static char *arena_alloc(struct snapshot *s, size_t n)
{
	struct arena_block *b = s->arena;

	if (!b || b->size - b->used < n) {
		size_t size = n > 16384 ? n : 16384;

		b = xcalloc(1, sizeof(*b) + size);
		b->size = size;
		b->next = s->arena;
		s->arena = b;
	}
	b->used += n;
	return b->bytes + b->used - n;
}

const char *snapshot_strn(struct snapshot *s, const char *str, size_t n)
{
	char *out = arena_alloc(s, 4 * n + 1);
	size_t len = printable(out, str, n);

	s->arena->used -= 4 * n - len;
	return out;
}

const char *snapshot_str(struct snapshot *s, const char *str)
{
	return snapshot_strn(s, str, strlen(str));
}

const char *snapshot_lines(struct snapshot *s, const char *lines)
{
	size_t n = strlen(lines) + 1;

	return memcpy(arena_alloc(s, n), lines, n);
}

const char *snapshot_fmt(struct snapshot *s, const char *fmt, ...)
{
	char buf[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return snapshot_str(s, buf);
}

#define MAX_WARNINGS 50

void snapshot_warn(struct snapshot *s, const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	if (s->nr_warnings > MAX_WARNINGS)
		return;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	s->warnings = xgrow(s->warnings, s->nr_warnings, &s->room_warnings, sizeof(*s->warnings));
	s->warnings[s->nr_warnings] = snapshot_str(s, s->nr_warnings == MAX_WARNINGS
						   ? "and more of the kind" : buf);
	s->nr_warnings++;
}

/* --- indices: ids and pool numbers, looked up by binary search --- */

struct ref {
	const char *id;
	int64_t number;
	int row;
};

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct ref *)a)->id, ((const struct ref *)b)->id);
}

static int compare_numbers(const void *a, const void *b)
{
	int64_t x = ((const struct ref *)a)->number, y = ((const struct ref *)b)->number;

	return x < y ? -1 : x > y;
}

static size_t index_workqueues(const struct snapshot *s, struct ref *refs)
{
	size_t n = 0;
	int row = 0;

	for_each_row(s, ROW_WORKQUEUE, struct workqueue, w) {
		if (known(w->has, WORKQUEUE_ID))
			refs[n++] = (struct ref){ .id = w->id, .row = row };
		row++;
	}
	qsort(refs, n, sizeof(*refs), compare_ids);
	return n;
}

static size_t index_pools(const struct snapshot *s, struct ref *refs)
{
	size_t n = 0;
	int row = 0;

	for_each_row(s, ROW_POOL, struct pool, p) {
		if (known(p->has, POOL_ID))
			refs[n++] = (struct ref){ .number = p->id, .row = row };
		row++;
	}
	qsort(refs, n, sizeof(*refs), compare_numbers);
	return n;
}

static int find_wq(const struct ref *refs, size_t n, bool is_known, const char *id)
{
	struct ref key = { .id = id }, *r;

	if (!is_known || !n)
		return -1;
	r = bsearch(&key, refs, n, sizeof(*refs), compare_ids);
	return r ? r->row : -1;
}

static int find_pool(const struct ref *refs, size_t n, bool is_known, int64_t number)
{
	struct ref key = { .number = number }, *r;

	if (!is_known || !n)
		return -1;
	r = bsearch(&key, refs, n, sizeof(*refs), compare_numbers);
	return r ? r->row : -1;
}

/* There may be many: neighbours mostly are of one workqueue, and share the text of its id. */
static void link_works(struct snapshot *s, const struct ref *refs, size_t n)
{
	const struct work *last = NULL;

	for_each_row(s, ROW_WORK, struct work, r) {
		bool is_known = known(r->has, WORK_WORKQUEUE_ID);

		if (is_known && last && last->workqueue_id == r->workqueue_id)
			r->wq = last->wq;
		else
			r->wq = find_wq(refs, n, is_known, r->workqueue_id);
		last = is_known ? r : NULL;
	}
}

static void link_workqueues(struct snapshot *s)
{
	struct ref *refs = xcalloc(nr_rows(s, ROW_WORKQUEUE), sizeof(*refs));
	size_t n = index_workqueues(s, refs);

	for_each_row(s, ROW_PWQ, struct pwq, r)
		r->wq = find_wq(refs, n, known(r->has, PWQ_WORKQUEUE_ID), r->workqueue_id);
	for_each_row(s, ROW_WORKER, struct worker, r)
		r->wq = find_wq(refs, n, known(r->has, WORKER_WORKQUEUE_ID), r->workqueue_id);
	link_works(s, refs, n);
	for_each_row(s, ROW_WAITER, struct waiter, r)
		r->wq = find_wq(refs, n, known(r->has, WAITER_WORKQUEUE_ID), r->workqueue_id);
	for_each_row(s, ROW_FUNCTION, struct function, r)
		r->wq = find_wq(refs, n, known(r->has, FUNCTION_WORKQUEUE_ID), r->workqueue_id);
	free(refs);
}

static void link_pools(struct snapshot *s)
{
	struct ref *refs = xcalloc(nr_rows(s, ROW_POOL), sizeof(*refs));
	size_t n = index_pools(s, refs);

	for_each_row(s, ROW_PWQ, struct pwq, r)
		r->pool_row = find_pool(refs, n, known(r->has, PWQ_POOL), r->pool);
	for_each_row(s, ROW_WORKER, struct worker, r)
		r->pool_row = find_pool(refs, n, known(r->has, WORKER_POOL), r->pool);
	for_each_row(s, ROW_WORK, struct work, r)
		r->pool_row = find_pool(refs, n, known(r->has, WORK_POOL), r->pool);
	free(refs);
}

void snapshot_link(struct snapshot *s)
{
	link_workqueues(s);
	link_pools(s);
	for_each_row(s, ROW_POOL, struct pool, p)
		if (known(p->has, POOL_CONSISTENCY) && p->consistency > s->consistency)
			s->consistency = (enum consistency)p->consistency;
}

void snapshot_worker_queue(struct worker *w, const struct pwq *q, const struct workqueue *rescues)
{
	if (q && known(q->has, PWQ_WORKQUEUE)) {
		w->workqueue = q->workqueue;
		w->workqueue_id = q->workqueue_id;
	} else if (rescues) {
		w->workqueue = rescues->name;
		w->workqueue_id = rescues->id;
	} else {
		return;
	}
	know(&w->has, WORKER_WORKQUEUE);
	know(&w->has, WORKER_WORKQUEUE_ID);
}
