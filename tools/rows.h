/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows.h - which rows, in which order, with which columns */
#ifndef WQKIT_ROWS_H
#define WQKIT_ROWS_H

#include "fields.h"
#include "util.h"

/* One condition of -F; all of them must hold. */
struct filter {
	enum { FILTER_WORKQUEUE, FILTER_FUNCTION, FILTER_POOL, FILTER_CPU, FILTER_PID } what;
	bool is_regex;
	char *pattern;
	void *regex;		/* compiled, if is_regex */
	int64_t number;		/* pool, cpu, pid */
};

struct filters {
	struct filter *list;
	size_t nr, room;
};

#define MAX_COLUMNS 64

/* How one table is to be shown. */
struct view {
	enum row_kind kind;
	int columns[MAX_COLUMNS];
	int nr_columns;
	int sort;		/* field, or -1: as the source has them */
	bool reverse;
	size_t limit;		/* rows at most; 0: all */
	bool stacks;		/* in text, each row's call trace below it */
};

/* Adds one -F expression; -1 with @err. */
int filter_add(struct filters *f, const char *expr, struct error *err);
void filters_free(struct filters *f);

/* A fresh view of @kind with its default columns. */
void view_init(struct view *v, enum row_kind kind);

/* -o KEY[,KEY...] and -s [-]KEY. -1 with @err, which lists the keys there are. */
int view_columns(struct view *v, const char *keys, struct error *err);
int view_sort(struct view *v, const char *key, struct error *err);

/*
 * The rows of @v that pass @f, sorted: a fresh array of *@nr pointers into the
 * snapshot. Sorting keeps the source's order among equals; numbers come
 * largest first, names first to last, unknown ones at the end.
 */
const void **view_rows(const struct view *v, const struct filters *f, const struct snapshot *s,
		       size_t *nr);

/*
 * A copy of the picture @s in which each table has only the rows that pass.
 * Cheap: rows are moved inside @s, nothing is allocated.
 */
void filter_snapshot(const struct filters *f, struct snapshot *s);

#endif
