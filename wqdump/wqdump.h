/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wqdump.h - the program: options, a table of commands, one file a command
 *
 * main.c parses the options and finds the command; the command opens the
 * source and prints. Exit status: 0 done, 1 failed, 2 usage.
 */
#ifndef WQKIT_WQDUMP_H
#define WQKIT_WQDUMP_H

#include "../tools/fields.h"
#include "../tools/out.h"
#include "../tools/procs.h"
#include "../tools/rows.h"
#include "../tools/source.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

struct options {
	struct source_options source;
	struct proc_list processes;	/* -p */
	struct filters filters;
	const char *columns, *sort;	/* -o, -s */
	bool json, no_header;
	bool stack, as_kernel;		/* --stack, --as-kernel */
	bool public;			/* --public */
	uint64_t interval_ns;		/* -i, 0: once */
	uint64_t count;			/* -n, 0: not given */
	uint64_t seconds_ns;		/* -t, 0: not given */
	char **args;			/* what stands behind the command */
	int nr_args;
};

struct command {
	const char *name;
	const char *summary;		/* one line for --help */
	const char *help;		/* what it shows, for its own --help */
	int (*run)(const struct options *o, const struct command *c);
	enum row_kind kind;		/* the table that -o, -s and --fields are about */
	bool has_table;
};

extern const struct command commands[];

/* The commands, cmd_*.c */
int cmd_show(const struct options *o, const struct command *c);
int cmd_table(const struct options *o, const struct command *c);
int cmd_trace(const struct options *o, const struct command *c);
int cmd_busy(const struct options *o, const struct command *c);
int cmd_hogs(const struct options *o, const struct command *c);
int cmd_list(const struct options *o, const struct command *c);
int cmd_latency(const struct options *o, const struct command *c);
int cmd_affinity(const struct options *o, const struct command *c);
int cmd_save(const struct options *o, const struct command *c);
int cmd_pin(const struct options *o, const struct command *c);
int cmd_unpin(const struct options *o, const struct command *c);

/* --- for the commands --- */

/* "wqdump: " and the message on standard error; returns EXIT_FAILED or EXIT_USAGE. */
int failed(const struct error *err);
int usage_error(const struct error *err);

/* For a command that takes no arguments: EXIT_DONE, or EXIT_USAGE with a message. */
int no_arguments(const struct options *o, const struct command *c);

/* SIGINT, SIGTERM and SIGHUP end the waiting below instead of the program. */
void catch_signals(void);
bool was_stopped(void);
void wait_for(uint64_t ns);

/* The view of a command's table, with -o and -s; EXIT_DONE or EXIT_USAGE. */
int command_view(const struct options *o, enum row_kind kind, struct view *v);

/*
 * Takes snapshots of at least @kinds as -i, -n and the source say and hands
 * each to @print, until that returns non-zero, a signal comes or none is left.
 */
typedef int (*print_fn)(const struct options *o, const struct snapshot *s, void *arg);
int each_snapshot(const struct options *o, unsigned int kinds, print_fn print, void *arg);

/* Of several pictures as text each begins with its time, or says which dump of a log it is. */
bool tells_time(const struct options *o);
void print_time(const struct options *o, const struct snapshot *s, uint64_t done);
void print_dump(const struct source_info *i);	/* which dump of a log; no newline */

/* With several sources: whose table follows. */
void print_name(const struct options *o, const struct snapshot *s);

/* What was wrong with the source, on standard error. */
void print_warnings(const struct options *o, const struct snapshot *s);

/* Flushes standard output; a failed write is an error with a message, a closed pipe is not. */
int flushed(void);

#endif
