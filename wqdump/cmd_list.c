/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live sources, or what a file holds: list. And what a log says about functions: hogs. */
#include <sys/utsname.h>

#include "../tools/dumps.h"
#include "wqdump.h"

static int print_list(const struct options *o, const struct snapshot *s, struct view *v)
{
	print_warnings(o, s);
	if (o->json)
		out_json(stdout, s, KIND(v->kind), &o->filters, v, false);
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

/* The running kernel, and whether we may read it: @src, or why not. */
static void add_kernel(struct snapshot *list, const struct source *src, const struct error *why_not)
{
	struct live *row = snapshot_add(list, ROW_LIVE);
	struct utsname uts;

	row->kind = "kernel";
	know(&row->has, LIVE_KIND);
	if (!uname(&uts)) {
		row->name = snapshot_str(list, uts.release);
		row->host = snapshot_str(list, uts.nodename);
		know(&row->has, LIVE_NAME);
		know(&row->has, LIVE_HOST);
	}
	row->readable = src != NULL;
	know(&row->has, LIVE_READABLE);
	if (!src) {
		row->why_not = snapshot_str(list, why_not->text);
		know(&row->has, LIVE_WHY_NOT);
	}
}

/* Again and again with -i; the kernel is tried once. */
static int list_live(const struct options *o, struct view *v)
{
	uint64_t interval = o->interval_ns ? o->interval_ns : NSEC_PER_SEC;
	uint64_t count = o->count || o->interval_ns ? o->count : 1;
	struct error why_not;
	struct source *src = source_open(&o->source, &why_not);
	int rc = EXIT_DONE;

	catch_signals();
	for (uint64_t done = 0; rc == EXIT_DONE && !was_stopped(); ) {
		struct snapshot list;

		snapshot_init(&list);
		list.time_ns = real_ns();
		list.mono_ns = mono_ns();
		list.consistency = CONSISTENT;
		add_kernel(&list, src, &why_not);
		procs_add(&list);
		print_time(o, &list, done);
		rc = print_list(o, &list, v);
		snapshot_free(&list);
		if (++done == count)
			break;
		wait_for(interval);
	}
	source_close(src);
	return rc;
}

static int list_file(const struct options *o, struct view *v)
{
	struct snapshot list;
	struct error err;
	struct source *src = source_open(&o->source, &err);
	int rc;

	if (!src)
		return failed(&err);
	snapshot_init(&list);
	rc = read_dumps(src, &list, &err) ? failed(&err) : print_list(o, &list, v);
	snapshot_free(&list);
	source_close(src);
	return rc;
}

int cmd_list(const struct options *o, const struct command *c)
{
	struct error err;
	struct view v;

	if (no_arguments(o, c) || command_view(o, o->source.file ? ROW_DUMP : ROW_LIVE, &v))
		return EXIT_USAGE;
	if (o->source.process) {
		error_set(&err, "list names all live sources: -p does not go with it");
		return usage_error(&err);
	}
	return o->source.file ? list_file(o, &v) : list_live(o, &v);
}

int cmd_hogs(const struct options *o, const struct command *c)
{
	struct error err;

	if (o->source.file)
		return cmd_table(o, c);
	if (o->source.process) {
		error_set(&err, "libwq counts hogs by workqueue: wqdump -p %s workqueues -o "
			 "name,cpu_intensive", o->source.process);
		return failed(&err);
	}
	error_set(&err, "the kernel only logs its hogs: dmesg | wqdump hogs -f -");
	return failed(&err);
}
