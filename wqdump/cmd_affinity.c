/* SPDX-License-Identifier: GPL-2.0-or-later */
/* affinity: scopes and pods, pools, which pool serves which CPU, rescuers, nodes. */
#include "wqdump.h"
#include "../tools/out_affinity.h"

static int print_once(const struct options *o, struct source *src, const struct view *v,
		      uint64_t done)
{
	const struct snapshot now = { .time_ns = real_ns() };
	struct affinity a;
	struct error err;
	int rc = source_affinity(src, &a, &err);

	if (!rc)
		print_time(o, &now, done);
	if (!rc && o->json)
		out_json_affinity(stdout, v, &o->filters, &a);
	else if (!rc)
		out_affinity(stdout, v, &o->filters, &a, !o->no_header);
	affinity_free(&a);
	return rc ? failed(&err) : flushed();
}

int cmd_affinity(const struct options *o, const struct command *c)
{
	uint64_t count = o->count ? o->count : o->interval_ns ? UINT64_MAX : 1, done = 0;
	struct source *src;
	struct error err;
	struct view v;
	int status;

	if (no_arguments(o, c))
		return EXIT_USAGE;
	if (o->columns) {
		error_set(&err, "affinity is no table with columns to choose: it takes no -o");
		return usage_error(&err);
	}
	if (command_view(o, ROW_WORKQUEUE, &v))
		return EXIT_USAGE;
	catch_signals();
	src = source_open(&o->source, &err);
	if (!src)
		return failed(&err);
	do {
		status = print_once(o, src, &v, done++);
		if (!status && --count)
			wait_for(o->interval_ns ? o->interval_ns : NSEC_PER_SEC);
	} while (!status && count && !was_stopped());
	source_close(src);
	return status;
}
