/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source.h - where snapshots come from: the kernel, a process, a file, a log */
#ifndef WQKIT_SOURCE_H
#define WQKIT_SOURCE_H

#include "snapshot.h"
#include "util.h"

struct source;
struct input;
struct affinity;

enum events {
	EVENTS_NONE,
	EVENTS_COUNT = 1,	/* queue, activate, start, end */
	EVENTS_CPU = 2,		/* CPU time of executions too: a look at every switch */
	EVENTS_TRACE = 4,	/* each event by itself: see trace */
};

struct source_ops {
	/*
	 * Fills the fresh snapshot @s with at least the kinds of rows in the
	 * mask @kinds. 0, 1 at the end of a file, -1 with @err.
	 */
	int (*read)(struct source *src, unsigned int kinds, struct snapshot *s,
		    struct error *err);
	/*
	 * Begins (or ends) to count events: rows of ROW_FUNCTION, the interval
	 * and its losses, exact ages. @what is a set of enum events; what was
	 * counted before is forgotten. NULL: this source cannot. -1 with @err.
	 */
	int (*events)(struct source *src, unsigned int what, struct error *err);
	/*
	 * Ends the interval: events from now on do not count, those before it
	 * have all been counted. NULL with events.
	 */
	void (*events_end)(struct source *src);
	/*
	 * With EVENTS_TRACE: fills rows of ROW_EVENT with what has happened since
	 * the last call, in order, and the interval's losses. Does not wait.
	 */
	int (*trace)(struct source *src, struct snapshot *s, struct error *err);
	/* Writes what the source is read from to a file for -f. NULL: not one of a process. */
	int (*save)(struct source *src, const char *path, struct error *err);
	/* Fills the zeroed picture @a. NULL: this source cannot. -1 with @err. */
	int (*affinity)(struct source *src, struct affinity *a, struct error *err);
	void (*close)(struct source *src);
};

/* The first member of each source's own struct. */
struct source {
	const struct source_ops *ops;
	enum source_kind kind;
};

/* Of a log's dumps; DUMP_ALL gives one after the other. */
enum which_dump { DUMP_LAST = 0, DUMP_ALL = -1 };

struct source_options {
	const char *file;	/* -f; "-" is standard input */
	const char *process;	/* -p, a pid or a name; both NULL: the kernel */
	bool all_works;		/* do not cut long lists of works */
	bool exact;		/* --exact */
	bool verbose;		/* let libbpf speak */
	int64_t dump;		/* of a log: its number, or one of enum which_dump */
};

/* All bits of the kinds of `show`. */
#define KINDS_SHOW ((1u << NR_SHOW_KINDS) - 1)
#define KIND(k) (1u << (k))

struct source *source_open(const struct source_options *o, struct error *err);

/* Reads one picture, and completes it (summary.h). Returns as ops->read. */
int source_read(struct source *src, unsigned int kinds, struct snapshot *s, struct error *err);

/* The picture of affinity.h, which only the kernel gives; to be freed even after -1 with @err. */
int source_affinity(struct source *src, struct affinity *a, struct error *err);

/*
 * Switches the counting of events, which is off at first and costs the target
 * something while it is on. -1 with @err, also where there is nothing to count.
 */
int source_events(struct source *src, unsigned int what, struct error *err);

static inline int source_trace(struct source *src, struct snapshot *s, struct error *err)
{
	snapshot_init(s);
	return src->ops->trace(src, s, err);
}

static inline void source_events_end(struct source *src)
{
	if (src->ops->events_end)
		src->ops->events_end(src);
}

static inline void source_close(struct source *src)
{
	if (src)
		src->ops->close(src);
}

/* The openers of each file source_*.c */
struct source *source_kern_open(const struct source_options *o, struct error *err);
struct source *source_proc_open(const struct source_options *o, struct error *err);
/* Is it a core file, or a saved segment? */
bool source_proc_file_is(const struct input *in);
struct source *source_proc_file_open(struct input *in, const struct source_options *o,
				     struct error *err);	/* takes @in over */
struct source *source_json_open(struct input *in, struct error *err);	/* takes @in over */
struct source *source_dmesg_open(struct input *in, int64_t dump);	/* takes @in over */

#endif
