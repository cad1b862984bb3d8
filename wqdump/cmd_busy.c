/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is busy, as the kernel's own dump. */
#include "wqdump.h"

static int print_busy(const struct options *o, const struct snapshot *s, void *arg)
{
	struct error *err = arg;

	print_name(o, s);
	if (!out_busy(stdout, s, &o->filters, o->as_kernel, err))
		return 0;
	failed(err);
	return -1;
}

int cmd_busy(const struct options *o, const struct command *c)
{
	struct options all = *o;	/* the kernel's dump is never cut */
	struct error err;

	if (no_arguments(o, c))
		return EXIT_USAGE;
	if (o->json) {
		error_set(&err, "busy is text for people and for -f; show -j has it as JSON");
		return usage_error(&err);
	}
	all.source.all_works = true;
	return each_snapshot(&all, KINDS_SHOW, print_busy, &err);
}
