/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows.h"

#include <fnmatch.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

/* --- filters --- */

static const struct {
	const char *prefix;
	int what;
	bool is_number;
} filter_kinds[] = {
	{ "wq=", FILTER_WORKQUEUE, false }, { "fn=", FILTER_FUNCTION, false },
	{ "pool=", FILTER_POOL, true },	    { "cpu=", FILTER_CPU, true },
	{ "pid=", FILTER_PID, true },
};

static int compile_regex(struct filter *f, const char *text, struct error *err)
{
	size_t n = strlen(text);
	char *re = xstrdup(text + 1);
	char why[256];
	int rc;

	re[n - 2] = '\0';
	f->regex = xcalloc(1, sizeof(regex_t));
	rc = regcomp(f->regex, re, REG_EXTENDED | REG_NOSUB);
	free(re);
	if (!rc) {
		f->is_regex = true;
		return 0;
	}
	regerror(rc, f->regex, why, sizeof(why));
	free(f->regex);
	f->regex = NULL;
	return error_set(err, "filter \"%s\": %s", text, why);
}

int filter_add(struct filters *fs, const char *expr, struct error *err)
{
	struct filter f = { .what = FILTER_WORKQUEUE };
	bool is_number = false;
	const char *text = expr;
	uint64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(filter_kinds); i++) {
		size_t n = strlen(filter_kinds[i].prefix);

		if (strncmp(expr, filter_kinds[i].prefix, n))
			continue;
		f.what = filter_kinds[i].what;
		is_number = filter_kinds[i].is_number;
		text = expr + n;
	}
	if (!*text)
		return error_set(err, "filter \"%s\" is empty: give a glob, /regex/, fn=GLOB, "
				 "pool=N, cpu=N or pid=N", expr);
	if (is_number && !parse_count(text, 0, INT32_MAX, &number))
		return error_set(err, "filter \"%s\" needs a number, not \"%s\"", expr, text);
	if (is_number)
		f.number = (int64_t)number;
	else if (text[0] == '/' && strlen(text) > 2 && text[strlen(text) - 1] == '/' &&
		 compile_regex(&f, text, err))
		return -1;
	f.pattern = xstrdup(text);
	fs->list = xgrow(fs->list, fs->nr, &fs->room, sizeof(f));
	fs->list[fs->nr++] = f;
	return 0;
}

void filters_free(struct filters *fs)
{
	for (size_t i = 0; i < fs->nr; i++) {
		free(fs->list[i].pattern);
		if (fs->list[i].regex)
			regfree(fs->list[i].regex);
		free(fs->list[i].regex);
	}
	free(fs->list);
	memset(fs, 0, sizeof(*fs));
}

/* Which field of a kind of row a filter looks at; NULL: it has none. */
static const char *filter_key(enum row_kind kind, int what)
{
	switch (what) {
	case FILTER_WORKQUEUE:
		return kind == ROW_WORKQUEUE ? "name" : "workqueue";
	case FILTER_FUNCTION:
		return "function";
	case FILTER_POOL:
		return kind == ROW_POOL ? "id" : "pool";
	case FILTER_CPU:
		return "cpu";
	default:
		return kind == ROW_WORK ? "worker_pid" : "pid";
	}
}

static bool matches(const struct filter *f, const struct value *v)
{
	if (!v->known)
		return false;
	if (v->unit != UNIT_STR)
		return v->i == f->number;
	if (f->is_regex)
		return !regexec(f->regex, v->s, 0, NULL, 0);
	return !fnmatch(f->pattern, v->s, 0);
}

/* A work has no CPU of its own: its pool's counts. */
static struct value cpu_of_work(const struct snapshot *s, const struct work *w)
{
	if (w->pool_row < 0)
		return (struct value){ .known = false };
	return field_value(ROW_POOL, POOL_CPU, snapshot_row(s, ROW_POOL, (size_t)w->pool_row));
}

/* A row without the field that is asked for stays only if no row of its kind has it. */
static bool passes(const struct filters *fs, const struct snapshot *s, enum row_kind kind,
		   const void *row)
{
	for (size_t i = 0; i < fs->nr; i++) {
		const char *key = filter_key(kind, fs->list[i].what);
		int field = field_find(kind, key, strlen(key));
		struct value v;

		if (kind == ROW_WORK && fs->list[i].what == FILTER_CPU)
			v = cpu_of_work(s, row);
		else if (field < 0)
			continue;
		else
			v = field_value(kind, field, row);
		if (!matches(&fs->list[i], &v))
			return false;
	}
	return true;
}

void filter_snapshot(const struct filters *fs, struct snapshot *s)
{
	static const enum row_kind order[] = { ROW_PWQ, ROW_WORKER, ROW_WORK, ROW_WAITER,
					       ROW_FUNCTION, ROW_EVENT, ROW_HOG, ROW_WORKQUEUE,
					       ROW_POOL };

	if (!fs->nr)
		return;
	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		struct row_table *t = &s->table[order[k]];
		size_t size = row_types[order[k]].size, kept = 0;

		for (size_t i = 0; i < t->nr; i++) {
			char *row = (char *)t->rows + i * size;

			if (passes(fs, s, order[k], row))
				memmove((char *)t->rows + kept++ * size, row, size);
		}
		t->nr = kept;
	}
	snapshot_link(s);
}

/* --- columns and order --- */

static int unknown_key(enum row_kind kind, const char *key, size_t n, struct error *err)
{
	const struct row_type *t = &row_types[kind];
	size_t len;

	error_set(err, "%s has no column \"%.*s\"; it has:", t->array, (int)n, key);
	len = strlen(err->text);
	for (int i = 0; i < t->nr_fields && len + 40 < sizeof(err->text); i++)
		len += (size_t)sprintf(err->text + len, " %s", t->fields[i].key);
	return -1;
}

int view_columns(struct view *v, const char *keys, struct error *err)
{
	v->nr_columns = 0;
	for (const char *key = keys; key; ) {
		size_t n = strcspn(key, ",");
		int field = field_find(v->kind, key, n);

		if (field < 0)
			return unknown_key(v->kind, key, n, err);
		if (v->nr_columns == MAX_COLUMNS)
			return error_set(err, "more than %d columns", MAX_COLUMNS);
		v->columns[v->nr_columns++] = field;
		key = key[n] ? key + n + 1 : NULL;
	}
	return 0;
}

int view_sort(struct view *v, const char *key, struct error *err)
{
	v->reverse = *key == '-';
	if (v->reverse)
		key++;
	v->sort = field_find(v->kind, key, strlen(key));
	return v->sort < 0 ? unknown_key(v->kind, key, strlen(key), err) : 0;
}

void view_init(struct view *v, enum row_kind kind)
{
	struct error err;

	*v = (struct view){ .kind = kind, .sort = -1 };
	view_columns(v, row_types[kind].columns, &err);
}

static int compare_rows(const void *a, const void *b, void *arg)
{
	const void *row_a = *(const void *const *)a, *row_b = *(const void *const *)b;
	const struct view *v = arg;
	struct value x = field_value(v->kind, v->sort, row_a);
	struct value y = field_value(v->kind, v->sort, row_b);
	int order = value_compare(&x, &y);

	if (x.known && y.known && unit_is_number(x.unit) != v->reverse)
		order = -order;
	if (!order)	/* rows of one table: their addresses are their order */
		order = row_a < row_b ? -1 : 1;
	return order;
}

const void **view_rows(const struct view *v, const struct filters *f, const struct snapshot *s,
		       size_t *nr)
{
	const void **rows = xcalloc(nr_rows(s, v->kind), sizeof(*rows));
	struct view order = *v;
	size_t n = 0;

	for (size_t i = 0; i < nr_rows(s, v->kind); i++) {
		const void *row = snapshot_row(s, v->kind, i);

		if (!f || passes(f, s, v->kind, row))
			rows[n++] = row;
	}
	if (v->sort >= 0)
		qsort_r(rows, n, sizeof(*rows), compare_rows, &order);
	*nr = v->limit && n > v->limit ? v->limit : n;
	return rows;
}
