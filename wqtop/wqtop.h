/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wqtop.h - the live screen
 *
 *	main.c		options
 *	run.c		the loops: on a terminal, as plain text, headless
 *	target.c	what is looked at: a source and its pictures, of each program one
 *	state.c		how they are shown: view, filters; what each key does
 *	screen.c	the whole screen: header, table or help, last line
 *	header.c	its first lines
 *	panes.c		how several programs share it
 *	words.c		words and sentences on a grid
 *	views.def	every view, once
 *	views.c		their rows, columns and order; draws tables
 *	grid.c		a screen in memory, the only thing that is drawn on
 *	term.c		puts a grid on a terminal and reads keys: all of curses
 *	keys.def	every key, once
 *
 * Pictures flow one way: source > target > state > views > grid > term.
 */
#ifndef WQKIT_WQTOP_H
#define WQKIT_WQTOP_H

#include "../tools/procs.h"
#include "../tools/source.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

struct options {
	struct source_options source;
	const char **programs;		/* all of -p, as given */
	size_t nr_programs, room_programs;
	struct proc_list processes;	/* those that they mean */
	const char *view;		/* --view */
	const char *columns, *sort;	/* -o, -s: of that view, or of workqueues */
	char *filter;			/* all of -F, with blanks between */
	uint64_t delay_ns;		/* -d */
	uint64_t count;			/* -n; 0: no end */
	bool batch;			/* -b */
	bool print;			/* --print: headless, with what follows */
	int width, height;		/* --size */
	const char *keys;		/* --keys */
};

/* "wqtop: " and the message on standard error; returns EXIT_FAILED or EXIT_USAGE. */
int failed(const struct error *err);
int usage_error(const struct error *err);

/* Flushes standard output; a failed write is an error with a message, a closed pipe is not. */
int flushed(void);

/* run.c: until the end. Exit statuses. */
int run_terminal(const struct options *o);
int run_batch(const struct options *o);
int run_headless(const struct options *o);

#endif
