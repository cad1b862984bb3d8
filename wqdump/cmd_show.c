/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show: what runs or waits longest, who waits for it, then all workqueues. */
#include "wqdump.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORKS 20	/* told one by one; the command `works` tells all */

static void print_head(const struct options *o, const struct snapshot *s)
{
	uint64_t workers = nr_rows(s, ROW_WORKER), idle = 0;

	for_each_row(s, ROW_WORKER, struct worker, w)
		idle += known(w->has, WORKER_STATE) && w->state == WORKER_IDLE;
	if (s->source.kind == SOURCE_LOG && !tells_time(o)) {
		print_dump(&s->source);
		putchar('\n');
	}
	if (s->source.kind == SOURCE_LOG && !s->source.release && s->source.generation)
		printf("(by its grammar, of Linux %s)\n", s->source.generation);
	if (s->source.program)
		printf("%s (PID %" PRId64 ", libwq %s)", s->source.program, s->source.pid,
		       s->source.library ? s->source.library : "-");
	else if (s->source.release)
		printf("Linux %s", s->source.release);
	if (s->source.host)
		printf(" on %s", s->source.host);
	if (s->source.program || s->source.release)
		printf(": ");
	if (s->source.nr_cpus)
		printf("%" PRId64 " CPUs, ", s->source.nr_cpus);
	printf("%zu workqueues, %zu pools, %" PRIu64 " workers, %" PRIu64 " idle; picture %s\n",
	       nr_rows(s, ROW_WORKQUEUE), nr_rows(s, ROW_POOL), workers, idle,
	       unit_names(UNIT_CONSISTENCY)[s->consistency]);
	if (s->hint)
		printf("(%s)\n", s->hint);
}

/* The longest known age, exact or at least; 0 if unknown. */
static uint64_t age_of(const struct work *w)
{
	return known(w->has, WORK_AGE) ? w->age_ns : known(w->has, WORK_AGE_MIN) ? w->age_min_ns : 0;
}

static int compare_works(const struct work *x, const struct work *y)
{
	uint64_t age_x = age_of(x), age_y = age_of(y);

	if (age_x != age_y)
		return age_x > age_y ? -1 : 1;
	if (x->state != y->state)
		return x->state < y->state ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

static bool in_flight(const struct work *w)
{
	return known(w->has, WORK_STATE) && w->state != WORK_DELAYED;
}

/* Of the works in flight of @s the longest ones, in order; returns how many there are. */
static size_t longest_works(const struct snapshot *s, const struct filters *f,
			    struct work works[MAX_WORKS])
{
	struct view v = { .kind = ROW_WORK, .sort = -1 };
	const struct work *longest[MAX_WORKS];
	size_t nr, found = 0, told = 0;
	const void **rows = view_rows(&v, f, s, &nr);

	for (size_t i = 0; i < nr; i++) {
		size_t at = told;

		if (!in_flight(rows[i]))
			continue;
		found++;
		while (at && compare_works(rows[i], longest[at - 1]) < 0)
			at--;
		if (at == MAX_WORKS)
			continue;
		told += told < MAX_WORKS;
		memmove(&longest[at + 1], &longest[at], (told - at - 1) * sizeof(*longest));
		longest[at] = rows[i];
	}
	for (size_t i = 0; i < told; i++)
		works[i] = *longest[i];
	free(rows);
	return found;
}

static void print_works(const struct options *o, const struct snapshot *s)
{
	struct work works[MAX_WORKS];
	size_t nr = longest_works(s, &o->filters, works);
	size_t told = nr < MAX_WORKS ? nr : MAX_WORKS;
	struct snapshot part = { .table[ROW_WORK] = { .rows = works, .nr = told, .present = true } };
	struct view v;
	struct error err;

	view_init(&v, ROW_WORK);
	view_columns(&v, "state,age_ns,pool,worker_pid,workqueue,function", &err);
	if (nr) {
		putchar('\n');
		out_text(stdout, &v, NULL, &part, !o->no_header);
	}
	if (nr > told || s->left_out[ROW_WORK])
		printf("(%" PRIu64 " more works)\n", nr - told + s->left_out[ROW_WORK]);
}

static void print_waiters(const struct options *o, const struct snapshot *s)
{
	struct view v;
	size_t nr;

	view_init(&v, ROW_WAITER);
	free(view_rows(&v, &o->filters, s, &nr));
	if (!nr)
		return;
	putchar('\n');
	out_text(stdout, &v, &o->filters, s, !o->no_header);
}

/* A log may have nothing else. */
static void print_hogs(const struct options *o, const struct snapshot *s)
{
	struct view v;

	if (!nr_rows(s, ROW_HOG))
		return;
	view_init(&v, ROW_HOG);
	if (s->table[ROW_WORKER].present)
		putchar('\n');
	out_text(stdout, &v, &o->filters, s, !o->no_header);
}

static int print_show(const struct options *o, const struct snapshot *s, void *arg)
{
	const struct view *v = arg;

	if (o->json) {
		out_json(stdout, s, KINDS_SHOW | (nr_rows(s, ROW_HOG) ? KIND(ROW_HOG) : 0),
			 &o->filters, v, false);
		return 0;
	}
	if (s->table[ROW_WORKER].present)
		print_head(o, s);
	print_works(o, s);
	print_waiters(o, s);
	if (nr_rows(s, ROW_WORKQUEUE)) {
		putchar('\n');
		out_text(stdout, v, &o->filters, s, !o->no_header);
	}
	print_hogs(o, s);
	return 0;
}

int cmd_show(const struct options *o, const struct command *c)
{
	struct view v;

	if (no_arguments(o, c) || command_view(o, ROW_WORKQUEUE, &v))
		return EXIT_USAGE;
	return each_snapshot(o, KINDS_SHOW | KIND(ROW_HOG), print_show, &v);
}
