/* SPDX-License-Identifier: GPL-2.0-or-later */
/* latency: count the events of some seconds, then tell times by function. */
#include "wqdump.h"

#include <inttypes.h>

#include "../tools/delta.h"

#define DEFAULT_SECONDS 5

static void print_interval(const struct snapshot *s)
{
	const struct interval *i = &s->interval;

	printf("%.3f s, lost %" PRIu64 ", unmatched %" PRIu64 "\n",
	       (double)(i->to_mono_ns - i->from_mono_ns) / 1e9, i->lost, i->unmatched);
}

static int print_latency(const struct options *o, const struct snapshot *s, void *arg)
{
	const struct view *v = arg;

	if (o->json) {
		out_json(stdout, s, KIND(ROW_FUNCTION), &o->filters, v, false);
		return 0;
	}
	out_text(stdout, v, &o->filters, s, !o->no_header);
	if (s->interval.known)
		print_interval(s);
	return 0;
}

/* Is a column shown that needs the program on every switch? */
static bool wants_cpu(const struct view *v)
{
	for (int i = 0; i < v->nr_columns; i++)
		if (v->columns[i] == FUNCTION_CPU)
			return true;
	return v->sort == FUNCTION_CPU;
}

static int measure(const struct options *o, struct source *src, struct view *v, struct error *err)
{
	uint64_t ns = o->seconds_ns ? o->seconds_ns : DEFAULT_SECONDS * NSEC_PER_SEC;
	struct snapshot s = { 0 };
	int rc;

	if (source_events(src, EVENTS_COUNT | (wants_cpu(v) ? EVENTS_CPU : 0), err))
		return -1;
	wait_for(ns);
	source_events_end(src);
	rc = source_read(src, KIND(ROW_FUNCTION), &s, err);
	source_events(src, EVENTS_NONE, err);
	if (!rc)
		rc = print_latency(o, &s, v);
	snapshot_free(&s);
	return rc;
}

int cmd_latency(const struct options *o, const struct command *c)
{
	struct view v;
	struct source *src;
	struct error err;
	int rc;

	if (no_arguments(o, c) || command_view(o, ROW_FUNCTION, &v))
		return EXIT_USAGE;
	if (v.sort < 0)
		v.sort = FUNCTION_STARTED;
	if (o->source.file)
		return each_snapshot(o, KIND(ROW_FUNCTION), print_latency, &v);
	catch_signals();
	src = source_open(&o->source, &err);
	if (!src)
		return failed(&err);
	rc = measure(o, src, &v, &err);
	source_close(src);
	return rc ? failed(&err) : flushed();
}
