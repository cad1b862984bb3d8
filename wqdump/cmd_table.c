/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that print one table: workqueues, pwqs, pools, workers, works, waiters. */
#include "wqdump.h"

int command_view(const struct options *o, enum row_kind kind, struct view *v)
{
	struct error err;

	view_init(v, kind);
	if (o->columns && view_columns(v, o->columns, &err))
		return usage_error(&err);
	if (o->sort && view_sort(v, o->sort, &err))
		return usage_error(&err);
	return EXIT_DONE;
}

int no_arguments(const struct options *o, const struct command *c)
{
	struct error err;

	if (!o->nr_args)
		return EXIT_DONE;
	error_set(&err, "%s takes no argument \"%s\"", c->name, o->args[0]);
	return usage_error(&err);
}

static void print_left_out(const struct snapshot *s, enum row_kind kind)
{
	if (s->left_out[kind])
		printf("(%llu more %s)\n", (unsigned long long)s->left_out[kind],
		       row_types[kind].array);
}

static int print_table(const struct options *o, const struct snapshot *s, void *arg)
{
	const struct view *v = arg;

	if (o->json) {
		out_json(stdout, s, KIND(v->kind), &o->filters, v, false);
		return 0;
	}
	print_name(o, s);
	out_text(stdout, v, &o->filters, s, !o->no_header);
	print_left_out(s, v->kind);
	return 0;
}

/* --stack, for rows that have one */
static int with_stacks(const struct options *o, const struct command *c, struct view *v)
{
	struct error err;

	v->stacks = o->stack;
	if (!o->stack || field_find(c->kind, "stack", 5) >= 0)
		return EXIT_DONE;
	error_set(&err, "%s have no call traces: --stack goes with works and workers", c->name);
	return usage_error(&err);
}

int cmd_table(const struct options *o, const struct command *c)
{
	struct view v;

	if (no_arguments(o, c) || command_view(o, c->kind, &v) || with_stacks(o, c, &v))
		return EXIT_USAGE;
	return each_snapshot(o, KIND(c->kind), print_table, &v);
}
