/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace: each event as it happens. */
#include "wqdump.h"

#include <inttypes.h>

#define POLL_NS (NSEC_PER_SEC / 20)

static void print_events(const struct options *o, const struct snapshot *s, const struct view *v)
{
	if (o->json)
		out_json(stdout, s, KIND(ROW_EVENT), &o->filters, v, false);
	else if (o->columns)
		out_text(stdout, v, &o->filters, s, false);
	else
		out_ftrace(stdout, &o->filters, s);
}

static int follow(const struct options *o, struct source *src, const struct view *v,
		  struct error *err)
{
	uint64_t end, lost = 0;
	bool last = false;

	if (source_events(src, EVENTS_TRACE, err))
		return -1;
	end = o->seconds_ns ? mono_ns() + o->seconds_ns : UINT64_MAX;	/* however long that took */
	while (!last) {
		struct snapshot s;

		last = was_stopped() || mono_ns() >= end;
		if (source_trace(src, &s, err))
			return -1;
		lost = s.interval.lost;
		if (nr_rows(&s, ROW_EVENT) || (last && o->json))
			print_events(o, &s, v);
		snapshot_free(&s);
		if (flushed())
			return 1;
		if (!last)
			wait_for(POLL_NS);
	}
	if (!o->json)
		fprintf(stderr, "wqdump: %" PRIu64 " events lost\n", lost);
	return 0;
}

static int print_saved(const struct options *o, const struct snapshot *s, void *arg)
{
	print_events(o, s, arg);
	return 0;
}

int cmd_trace(const struct options *o, const struct command *c)
{
	struct view v;
	struct source *src;
	struct error err;
	int rc;

	if (no_arguments(o, c) || command_view(o, ROW_EVENT, &v))
		return EXIT_USAGE;
	if (o->source.file)
		return each_snapshot(o, KIND(ROW_EVENT), print_saved, &v);
	catch_signals();
	src = source_open(&o->source, &err);
	if (!src)
		return failed(&err);
	rc = follow(o, src, &v, &err);
	source_close(src);
	return rc < 0 ? failed(&err) : rc ? EXIT_FAILED : EXIT_DONE;
}
