/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * views.h - the views: tables over the kinds of rows of fields.def
 *
 * A view is a line of views.def. What the user did to it (columns, order) is
 * its struct table; drawing needs nothing else but a spot, rows and a grid.
 */
#ifndef WQKIT_VIEWS_H
#define WQKIT_VIEWS_H

#include "grid.h"
#include "../tools/rows.h"

enum view_id {
#define VIEW(id, ...) VIEW_##id,
#include "views.def"
#undef VIEW
	NR_VIEWS
};

struct column {
	int field;
	int rank;	/* of those that do not fit, the highest goes first; 0 never goes */
	bool if_any;	/* not shown where no row knows it */
};

struct view_type {
	const char *name;
	enum row_kind kind;
	const struct column *columns;
	int nr_columns;
	int (*compare)(const void *a, const void *b);	/* two rows, in the usual order */
	const char *order;		/* that order in words */
	const char *none;		/* what it means that there is no row */
	const char *help;
};

extern const struct view_type view_types[NR_VIEWS];

/* The view called @name (or as its number), or -1. */
int view_find(const char *name);

struct table {
	const struct view_type *type;
	struct column columns[MAX_COLUMNS];
	int nr_columns;
	int sort;			/* index of a column, or -1: the usual order */
	bool reverse;
};

/* Where in the rows of a picture the user is. */
struct spot {
	size_t cursor, top;		/* rows */
	int widths[MAX_COLUMNS];	/* of columns: they grow, and never dance */
};

void table_init(struct table *t, enum view_id view);

/* -o and -s; -1 with @err. A column to sort by is added if it is not there. */
int table_columns(struct table *t, const char *keys, struct error *err);
int table_sort(struct table *t, const char *key, struct error *err);

/* What a table draws: rows of one picture, and which of them are in sight. */
struct list {
	const struct table *table;
	struct spot *spot;
	const void **rows;
	size_t nr;
	bool sorted;			/* all of them; else drawing sorts what it shows */
	bool unknown[MAX_COLUMNS];	/* columns that are not shown, as no row knows them */
};

/* The rows that pass @f. */
void list_init(struct list *list, const struct table *t, struct spot *spot,
	       const struct filters *f, const struct snapshot *s);
void list_free(struct list *list);
void list_sort(struct list *list);

/*
 * Draws headings (if @heading) and rows on the lines @y to @end - 1, the row
 * of the cursor among them, which is marked if @mark.
 */
struct place {
	int y, end;
	bool heading, mark;
};
void list_draw(const struct list *list, struct grid *g, struct place p);

/* How many columns all of it would take. */
int list_width(const struct list *list);

#endif
