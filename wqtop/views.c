/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "views.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* --- values: a field, and what stands in for it --- */

/* Where an age is not known, the time that a row has been seen is. */
static int bound_of(enum row_kind kind, int field)
{
	if (kind == ROW_WORK && field == WORK_AGE)
		return WORK_AGE_MIN;
	if (kind == ROW_WORKER && field == WORKER_AGE)
		return WORKER_AGE_MIN;
	if (kind == ROW_WAITER && field == WAITER_AGE)
		return WAITER_AGE_MIN;
	if (kind == ROW_WORKQUEUE && field == WORKQUEUE_OLDEST_AGE)
		return WORKQUEUE_OLDEST_AGE_MIN;
	return -1;
}

static struct value cell_value(enum row_kind kind, int field, const void *row)
{
	struct value v = field_value(kind, field, row);
	int bound = bound_of(kind, field);

	return v.known || bound < 0 ? v : field_value(kind, bound, row);
}

/*
 * "wb_workfn 12.3s" in @width columns (0: all of it). The age is kept when the
 * name has to be cut. "waits" says that it does not run.
 */
static void oldest_text(const struct workqueue *w, int width, char *buf, size_t size)
{
	struct value age = cell_value(ROW_WORKQUEUE, WORKQUEUE_OLDEST_AGE, w);
	char age_text[32], tail[48];
	int room, n;

	if (!known(w->has, WORKQUEUE_OLDEST_FUNCTION)) {
		snprintf(buf, size, "-");
		return;
	}
	if (!*w->oldest_function) {
		*buf = '\0';
		return;
	}
	value_text(&age, age_text, sizeof(age_text));
	snprintf(tail, sizeof(tail), "%s %s",
		 known(w->has, WORKQUEUE_RUNNING) && !w->running ? " waits" : "", age_text);
	room = width - (int)strlen(tail);
	n = text_fits(w->oldest_function, width ? room : INT_MAX);
	if (!w->oldest_function[n])
		snprintf(buf, size, "%s%s", w->oldest_function, tail);
	else if (room < 4)
		snprintf(buf, size, "%s", age_text);
	else
		snprintf(buf, size, "%.*s%s%s", text_fits(w->oldest_function, room - 1),
			 w->oldest_function, ellipsis(), tail);
}

static void cell_text(enum row_kind kind, int field, const void *row, int width, char *buf,
		      size_t size)
{
	struct value v = cell_value(kind, field, row);

	if (kind == ROW_WORKQUEUE && field == WORKQUEUE_OLDEST_FUNCTION)
		oldest_text(row, width, buf, size);
	else
		value_text(&v, buf, size);
}

static enum attr age_attr(uint64_t ns)
{
	return ns >= 10 * NSEC_PER_SEC ? ATTR_ALARM : ns >= NSEC_PER_SEC ? ATTR_NOTICE : ATTR_PLAIN;
}

static bool is_age(enum row_kind kind, int field)
{
	return bound_of(kind, field) >= 0 || (kind == ROW_POOL && field == POOL_HUNG);
}

static enum attr cell_attr(enum row_kind kind, int field, const void *row)
{
	struct value v = cell_value(kind, field, row);

	if (!v.known || ((v.unit == UNIT_COUNT || v.unit == UNIT_NSEC) && !v.u) ||
	    (v.unit == UNIT_RATE && v.f == 0))
		return ATTR_DIM;
	if (is_age(kind, field))
		return age_attr(v.u);
	if (kind == ROW_WORKQUEUE && field == WORKQUEUE_INACTIVE)
		return ATTR_NOTICE;
	if (kind == ROW_WORKQUEUE && field == WORKQUEUE_OLDEST_FUNCTION) {
		v = cell_value(kind, WORKQUEUE_OLDEST_AGE, row);
		return v.known ? age_attr(v.u) : ATTR_PLAIN;
	}
	if (v.unit == UNIT_CONSISTENCY && v.u == INCOMPLETE)
		return ATTR_NOTICE;
	return ATTR_PLAIN;
}

/* --- the usual orders: what one looks for comes first --- */

/* Largest first, unknown last. */
static int by_value(enum row_kind kind, int field, const void *a, const void *b)
{
	struct value x = cell_value(kind, field, a), y = cell_value(kind, field, b);
	int order = value_compare(&x, &y);

	return x.known && y.known ? -order : order;
}

static int work_rank(const struct work *w)
{
	if (!known(w->has, WORK_STATE))
		return NR_WORK_STATES;
	return w->state == WORK_INACTIVE ? WORK_PENDING : (int)w->state;
}

static int compare_works(const void *a, const void *b)
{
	int rank = work_rank(a), other = work_rank(b);

	if (rank != other)
		return rank < other ? -1 : 1;
	if (rank == WORK_DELAYED)
		return -by_value(ROW_WORK, WORK_DUE_IN, a, b);
	return by_value(ROW_WORK, WORK_AGE, a, b);
}

static int compare_workqueues(const void *a, const void *b)
{
	int order = by_value(ROW_WORKQUEUE, WORKQUEUE_IN_FLIGHT, a, b);

	return order ? order : by_value(ROW_WORKQUEUE, WORKQUEUE_STARTED_RATE, a, b);
}

static int compare_pools(const void *a, const void *b)
{
	int order = by_value(ROW_POOL, POOL_HUNG, a, b);

	return order ? order : by_value(ROW_POOL, POOL_WORKLIST, a, b);
}

static int compare_workers(const void *a, const void *b)
{
	bool works = known(((const struct worker *)a)->has, WORKER_FUNCTION);
	bool other = known(((const struct worker *)b)->has, WORKER_FUNCTION);

	if (works != other)
		return works ? -1 : 1;
	return works ? by_value(ROW_WORKER, WORKER_AGE, a, b) : 0;
}

static int compare_functions(const void *a, const void *b)
{
	int order = by_value(ROW_FUNCTION, FUNCTION_STARTED_RATE, a, b);

	return order ? order : by_value(ROW_FUNCTION, FUNCTION_STARTED, a, b);
}

static int compare_waiters(const void *a, const void *b)
{
	return by_value(ROW_WAITER, WAITER_AGE, a, b);
}

/* --- the views --- */

#define C(id, leaves) { .field = (id), .rank = (leaves) }
#define C_IF_ANY(id, leaves) { .field = (id), .rank = (leaves), .if_any = true }

static const struct column works_columns[] = {
	C(WORK_AGE, 1),
	C(WORK_STATE, 2),
	C(WORK_FUNCTION, 0),
	C(WORK_WORKQUEUE, 3),
	C(WORK_POOL, 5),
	C(WORK_WORKER_PID, 4),
	C_IF_ANY(WORK_DUE_IN, 6),
};
static const struct column workqueues_columns[] = {
	C(WORKQUEUE_NAME, 0),
	C(WORKQUEUE_RUNNING, 1),
	C(WORKQUEUE_PENDING, 2),
	C(WORKQUEUE_INACTIVE, 5),
	C(WORKQUEUE_MAX, 6),
	C(WORKQUEUE_STARTED_RATE, 3),
	C(WORKQUEUE_OLDEST_FUNCTION, 4),
};
static const struct column pools_columns[] = {
	C(POOL_ID, 0),
	C(POOL_CPUS, 3),
	C(POOL_NODE, 8),
	C(POOL_NICE, 6),
	C(POOL_WORKERS, 4),
	C(POOL_IDLE, 5),
	C(POOL_BUSY, 2),
	C(POOL_NR_RUNNING, 7),
	C(POOL_WORKLIST, 1),
	C(POOL_HUNG, 1),
	C_IF_ANY(POOL_MANAGER_PID, 11),
	C(POOL_CONSISTENCY, 10),
	C(POOL_FLAGS, 9),
};
static const struct column workers_columns[] = {
	C(WORKER_PID, 1),
	C(WORKER_COMM, 6),
	C(WORKER_POOL, 4),
	C(WORKER_CPU, 5),
	C(WORKER_STATE, 3),
	C(WORKER_AGE, 1),
	C(WORKER_WORKQUEUE, 2),
	C(WORKER_FUNCTION, 0),
};
static const struct column functions_columns[] = {
	C(FUNCTION_FUNCTION, 0),
	C(FUNCTION_WORKQUEUE, 3),
	C(FUNCTION_STARTED_RATE, 1),
	C(FUNCTION_QUEUED, 9),
	C(FUNCTION_STARTED, 2),
	C(FUNCTION_THROTTLE_P99, 8),
	C(FUNCTION_WAIT_P50, 7),
	C(FUNCTION_WAIT_P99, 4),
	C(FUNCTION_RUN_P50, 6),
	C(FUNCTION_RUN_P99, 3),
	C(FUNCTION_RUN_MAX, 5),
	C_IF_ANY(FUNCTION_CPU, 6),
};
static const struct column waiters_columns[] = {
	C(WAITER_AGE, 1),
	C(WAITER_PID, 1),
	C(WAITER_COMM, 2),
	C(WAITER_WAITS_IN, 4),
	C(WAITER_WORKQUEUE, 3),
	C(WAITER_FUNCTION, 0),
};

const struct view_type view_types[NR_VIEWS] = {
#define VIEW(id, name, kind, row, order, none, help) \
	{ name, kind, row##_columns, (int)ARRAY_SIZE(row##_columns), compare_##row, order, none, \
	  help },
#include "views.def"
#undef VIEW
};

int view_find(const char *name)
{
	for (int i = 0; i < NR_VIEWS; i++)
		if (!strcmp(view_types[i].name, name) ||
		    (name[0] == '1' + i && name[1] == '\0'))
			return i;
	return -1;
}

/* --- a table: what the user made of a view --- */

void table_init(struct table *t, enum view_id view)
{
	*t = (struct table){ .type = &view_types[view], .sort = -1 };
	t->nr_columns = t->type->nr_columns;
	memcpy(t->columns, t->type->columns, (size_t)t->nr_columns * sizeof(*t->columns));
}

int table_columns(struct table *t, const char *keys, struct error *err)
{
	struct view v = { .kind = t->type->kind };

	if (view_columns(&v, keys, err))
		return -1;
	t->nr_columns = v.nr_columns;
	for (int i = 0; i < v.nr_columns; i++)
		t->columns[i] = (struct column){ .field = v.columns[i], .rank = i };
	return 0;
}

int table_sort(struct table *t, const char *key, struct error *err)
{
	struct view v = { .kind = t->type->kind };

	if (view_sort(&v, key, err))
		return -1;
	t->reverse = v.reverse;
	for (t->sort = 0; t->sort < t->nr_columns; t->sort++)
		if (t->columns[t->sort].field == v.sort)
			return 0;
	if (t->nr_columns == MAX_COLUMNS)
		t->sort = --t->nr_columns;
	t->columns[t->nr_columns++] = (struct column){ .field = v.sort, .rank = 1 };
	return 0;
}

static int compare_rows(const void *a, const void *b, void *arg)
{
	const void *x = *(const void *const *)a, *y = *(const void *const *)b;
	const struct table *t = arg;
	const struct view_type *type = t->type;
	int field = t->sort < 0 ? -1 : t->columns[t->sort].field;
	struct value v, w;
	int order;

	if (field < 0) {
		order = type->compare(x, y);
		order = t->reverse ? -order : order;
	} else {
		v = cell_value(type->kind, field, x);
		w = cell_value(type->kind, field, y);
		order = value_compare(&v, &w);
		if (v.known && w.known && unit_is_number(v.unit) != t->reverse)
			order = -order;
	}
	return order ? order : x < y ? -1 : 1;	/* as the source has them */
}

static bool any_known(const struct list *list, int column)
{
	const struct table *t = list->table;

	for (size_t i = 0; i < list->nr; i++)
		if (cell_value(t->type->kind, t->columns[column].field, list->rows[i]).known)
			return true;
	return false;
}

void list_init(struct list *list, const struct table *t, struct spot *spot,
	       const struct filters *f, const struct snapshot *s)
{
	struct view all = { .kind = t->type->kind, .sort = -1 };

	*list = (struct list){ .table = t, .spot = spot };
	list->rows = view_rows(&all, f, s, &list->nr);
	for (int c = 0; c < t->nr_columns; c++)
		list->unknown[c] = t->columns[c].if_any && !any_known(list, c);
}

void list_free(struct list *list)
{
	free(list->rows);
	list->rows = NULL;
}

static void swap(const void **rows, size_t i, size_t j)
{
	const void *row = rows[i];

	rows[i] = rows[j];
	rows[j] = row;
}

/* Smaller rows before the median of three, larger ones behind it. Returns its place. */
static size_t split(const void **rows, size_t nr, struct table *order)
{
	size_t last = nr - 1, at = 0;

	if (compare_rows(&rows[0], &rows[last], order) > 0)
		swap(rows, 0, last);
	if (compare_rows(&rows[nr / 2], &rows[last], order) < 0)
		swap(rows, nr / 2, last);
	if (compare_rows(&rows[0], &rows[last], order) > 0)
		swap(rows, 0, last);
	for (size_t i = 0; i < last; i++)
		if (compare_rows(&rows[i], &rows[last], order) < 0)
			swap(rows, i, at++);
	swap(rows, at, last);
	return at;
}

/*
 * Puts in their places the rows from @from to before @to: a quicksort that leaves alone what is
 * not to be seen, as a screen shows few of 100,000 works. Where it does not get on, all are
 * sorted the usual way.
 */
static void sort_part(const struct list *list, size_t from, size_t to)
{
	struct table order = *list->table;
	size_t begin = 0, end = list->nr;

	for (int turn = 0; turn < 64 && end - begin > 2 * (to - from) + 32; turn++) {
		size_t at = begin + split(list->rows + begin, end - begin, &order);

		if (at < from)
			begin = at + 1;
		else if (at >= to)
			end = at;
		else
			break;
	}
	qsort_r(list->rows + begin, end - begin, sizeof(*list->rows), compare_rows, &order);
}

void list_sort(struct list *list)
{
	sort_part(list, 0, list->nr);
	list->sorted = true;
}

/* --- how wide: everything if it fits, then narrower names, then fewer columns --- */

struct layout {
	int column[MAX_COLUMNS];	/* indices of those that are shown */
	int width[MAX_COLUMNS];
	int need[MAX_COLUMNS];		/* without which something would be cut */
	int nr;
};

static const struct field *field_of(const struct table *t, int column)
{
	return &row_types[t->type->kind].fields[t->columns[column].field];
}

/* Text can be cut, numbers cannot. */
static bool can_shrink(const struct field *f)
{
	return f->width <= 0;
}

static void grow_widths(const struct list *l, size_t from, size_t to)
{
	const struct table *t = l->table;
	int *widths = l->spot->widths;
	char text[1024];

	for (int c = 0; c < t->nr_columns; c++) {
		const struct field *f = field_of(t, c);

		for (size_t i = from; i < to; i++) {
			int width;

			cell_text(t->type->kind, t->columns[c].field, l->rows[i], 0, text,
				  sizeof(text));
			width = text_width(text);
			if (width > widths[c])
				widths[c] = width;
		}
		if (widths[c] < text_width(f->heading))
			widths[c] = text_width(f->heading);
	}
}

static int total(const struct layout *l)
{
	int sum = l->nr - 1;

	for (int i = 0; i < l->nr; i++)
		sum += l->width[i];
	return sum;
}

/* Names are cut, but not to shreds: then other columns go. */
static int least_width(const struct table *t, const struct layout *l, int i, int screen)
{
	const struct column *c = &t->columns[l->column[i]];
	int least = screen / (c->rank ? 8 : 4);

	if (least < 8)
		least = 8;
	return can_shrink(field_of(t, l->column[i])) && least < l->need[i] ? least : l->need[i];
}

/* The widest column that may lose one more, or -1. */
static int widest(const struct table *t, const struct layout *l, bool cut, int screen)
{
	int best = -1;

	for (int i = 0; i < l->nr; i++) {
		int least = cut ? least_width(t, l, i, screen) : l->need[i];

		if (l->width[i] > least && (best < 0 || l->width[i] > l->width[best]))
			best = i;
	}
	return best;
}

/* Takes out the column that is missed least; false if only one is left. */
static bool drop_column(const struct table *t, struct layout *l)
{
	int worst = -1;

	for (int i = 0; i < l->nr; i++)
		if (worst < 0 || t->columns[l->column[i]].rank >= t->columns[l->column[worst]].rank)
			worst = i;
	if (l->nr <= 1)
		return false;
	l->nr--;
	memmove(&l->column[worst], &l->column[worst + 1],
		(size_t)(l->nr - worst) * sizeof(l->column[0]));
	return true;
}

static void set_widths(const struct list *list, struct layout *l)
{
	for (int i = 0; i < l->nr; i++) {
		int usual = abs(field_of(list->table, l->column[i])->width);

		l->need[i] = list->spot->widths[l->column[i]];
		l->width[i] = l->need[i] > usual ? l->need[i] : usual;
	}
}

static void lay_out(const struct list *list, int width, struct layout *l)
{
	const struct table *t = list->table;

	l->nr = 0;
	for (int c = 0; c < t->nr_columns; c++)
		if (!list->unknown[c])
			l->column[l->nr++] = c;
	for (;;) {
		int i;

		set_widths(list, l);
		while (total(l) > width && (i = widest(t, l, false, width)) >= 0)
			l->width[i]--;
		while (total(l) > width && (i = widest(t, l, true, width)) >= 0)
			l->width[i]--;
		if (total(l) <= width || !drop_column(t, l))
			return;
	}
}

int list_width(const struct list *list)
{
	struct layout l;

	grow_widths(list, 0, list->nr);
	lay_out(list, MAX_GRID, &l);
	return total(&l);
}

/* --- drawing --- */

/* Text in the last column may use the rest of the line. */
static int width_at(const struct table *t, const struct layout *l, int i, int x, int end)
{
	bool last = i + 1 == l->nr && can_shrink(field_of(t, l->column[i]));

	return last || x + l->width[i] > end ? end - x : l->width[i];
}

static void draw_headings(const struct table *t, const struct layout *l, struct grid *g, int y)
{
	grid_field(g, 0, y, g->width, false, ATTR_HEADING, "");
	for (int i = 0, x = 0; i < l->nr && x < g->width; i++) {
		const struct field *f = field_of(t, l->column[i]);
		int width = width_at(t, l, i, x, g->width);

		grid_field(g, x, y, width, f->width > 0,
			   l->column[i] == t->sort ? ATTR_CHOSEN : ATTR_HEADING, f->heading);
		x += width + 1;
	}
}

static void draw_row(const struct table *t, const struct layout *l, struct grid *g, int y,
		     const void *row)
{
	char text[1024];

	for (int i = 0, x = 0; i < l->nr && x < g->width; i++) {
		const struct column *c = &t->columns[l->column[i]];
		int width = width_at(t, l, i, x, g->width);

		cell_text(t->type->kind, c->field, row, width, text, sizeof(text));
		grid_field(g, x, y, width, field_of(t, l->column[i])->width > 0,
			   cell_attr(t->type->kind, c->field, row), text);
		x += width + 1;
	}
}

/* The cursor stays among the rows, and the rows around it on the screen. */
static void keep_in_sight(struct spot *s, size_t nr, size_t lines)
{
	if (s->cursor >= nr)
		s->cursor = nr ? nr - 1 : 0;
	if (!lines)
		return;
	if (s->top + lines > nr)
		s->top = nr > lines ? nr - lines : 0;
	if (s->cursor < s->top)
		s->top = s->cursor;
	if (s->cursor >= s->top + lines)
		s->top = s->cursor - lines + 1;
}

void list_draw(const struct list *list, struct grid *g, struct place p)
{
	struct spot *spot = list->spot;
	int y = p.y + p.heading;
	size_t lines = p.end > y ? (size_t)(p.end - y) : 0;
	struct layout l;
	size_t last;

	keep_in_sight(spot, list->nr, lines);
	last = spot->top + lines < list->nr ? spot->top + lines : list->nr;
	if (!list->sorted)
		sort_part(list, spot->top, last);
	grow_widths(list, spot->top, last);
	lay_out(list, g->width, &l);
	if (p.heading && p.y < p.end)
		draw_headings(list->table, &l, g, p.y);
	for (size_t i = spot->top; i < last; i++, y++) {
		draw_row(list->table, &l, g, y, list->rows[i]);
		if (p.mark && i == spot->cursor)
			grid_cursor(g, y);
	}
}
