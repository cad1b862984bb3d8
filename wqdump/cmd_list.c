/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file holds: list. And what a log says about functions: hogs. */
#include "../tools/dumps.h"
#include "wqdump.h"

static int print_dumps(const struct options *o, const struct snapshot *s, struct view *v)
{
	print_warnings(o, s);
	if (o->json)
		out_json(stdout, s, KIND(ROW_DUMP), &o->filters, v, false);
	else
		out_text(stdout, v, &o->filters, s, !o->no_header);
	return flushed();
}

/* A log tells by itself; of snapshots, each is looked at. */
static int read_dumps(struct source *src, struct snapshot *list, struct error *err)
{
	uint64_t nr = 0;
	int rc;

	if (src->kind == SOURCE_LOG)
		return source_read(src, KIND(ROW_DUMP), list, err);
	do {
		struct snapshot one;

		rc = source_read(src, KINDS_SHOW, &one, err);
		if (!rc)
			dumps_add(list, &one, ++nr);
		snapshot_free(&one);
	} while (!rc);
	return rc < 0 ? -1 : 0;
}

int cmd_list(const struct options *o, const struct command *c)
{
	struct snapshot list;
	struct source *src;
	struct error err;
	struct view v;
	int rc;

	if (no_arguments(o, c) || command_view(o, ROW_DUMP, &v))
		return EXIT_USAGE;
	if (!o->source.file) {
		error_set(&err, "list shows what a file holds: give it with -f");
		return usage_error(&err);
	}
	src = source_open(&o->source, &err);
	if (!src)
		return failed(&err);
	snapshot_init(&list);
	rc = read_dumps(src, &list, &err) ? failed(&err) : print_dumps(o, &list, &v);
	snapshot_free(&list);
	source_close(src);
	return rc;
}

int cmd_hogs(const struct options *o, const struct command *c)
{
	struct error err;

	if (o->source.file)
		return cmd_table(o, c);
	error_set(&err, "the kernel only logs its hogs: dmesg | wqdump hogs -f -");
	return failed(&err);
}
