/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source.h"

#include <ctype.h>
#include <string.h>

#include "affinity.h"
#include "input.h"
#include "summary.h"

/* A saved snapshot begins with a brace; all other text may be a log. */
static bool looks_like_json(const struct input *in)
{
	size_t i = 0;

	while (i < in->head_len && isspace((unsigned char)in->head[i]))
		i++;
	return i < in->head_len && in->head[i] == '{';
}

static struct source *open_file(const struct source_options *o, struct error *err)
{
	struct input in;

	if (input_open(&in, o->file, err))
		return NULL;
	if (!input_unpack(&in, err)) {
		if (source_proc_file_is(&in))
			return source_proc_file_open(&in, o, err);
		if (looks_like_json(&in))
			return source_json_open(&in, err);
		if (in.head_len)
			return source_dmesg_open(&in, o->dump);
		error_set(err, "%s is empty", in.name);
	}
	input_close(&in);
	return NULL;
}

struct source *source_open(const struct source_options *o, struct error *err)
{
	if (o->file)
		return open_file(o, err);
	return o->process ? source_proc_open(o, err) : source_kern_open(o, err);
}

int source_read(struct source *src, unsigned int kinds, struct snapshot *s, struct error *err)
{
	int rc;

	snapshot_init(s);
	rc = src->ops->read(src, kinds, s, err);
	if (!rc)
		summarize(s);
	return rc;
}

int source_events(struct source *src, unsigned int what, struct error *err)
{
	if (src->ops->events)
		return src->ops->events(src, what, err);
	if (src->kind == SOURCE_FILE)
		return error_set(err, "a file counts no events: it shows the functions that were "
				 "saved in it (wqdump latency -j)");
	if (src->kind == SOURCE_PROCESS)
		return error_set(err, "libwq does not tell of events: latency and trace are about the "
				 "running kernel (-k)");
	return error_set(err, "this source cannot count events");
}

int source_affinity(struct source *src, struct affinity *a, struct error *err)
{
	memset(a, 0, sizeof(*a));
	if (!src->ops->affinity && src->kind == SOURCE_PROCESS)
		return error_set(err, "affinity is about the running kernel (-k); of a program, pools and "
				 "pwqs tell which CPUs are whose");
	if (!src->ops->affinity)
		return error_set(err, "affinity is read from the running kernel only: saved snapshots "
				 "do not hold it");
	return src->ops->affinity(src, a, err);
}
