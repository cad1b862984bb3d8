/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state.h - what is shown, and what keys do to it; knows neither grid nor terminal */
#ifndef WQKIT_STATE_H
#define WQKIT_STATE_H

#include "keys.h"
#include "views.h"
#include "wqtop.h"

enum prompt { PROMPT_NONE, PROMPT_FILTER, PROMPT_DELAY };

struct state {
	const struct options *o;
	struct source *src;
	struct snapshot pictures[2];
	int at;			/* index of the present picture */
	uint64_t nr_pictures;
	bool at_end;		/* the file has no more */

	enum view_id view;
	struct table tables[NR_VIEWS];
	struct filters filters;
	char *filter_text;	/* what the filters were made of, or NULL */
	uint64_t delay_ns;
	bool frozen, help, quit;
	size_t help_top;

	unsigned int events;	/* which are being counted: enum events */
	bool events_always;	/* not only in the view of functions */
	char no_events[1024];	/* why they cannot be counted; or empty */

	enum prompt prompt;
	char input[256];
	char message[1024];	/* what went wrong, until the next key */

	size_t page;		/* rows of the last drawing */
	bool redraw;		/* the terminal's contents are not to be trusted */
	double own_cpu;		/* percent of a CPU; < 0: unknown */
	double events_cpu;	/* likewise: what the kernel takes to count events */
};

/* 0, or -1 with @err. The options and the source stay the caller's. */
int state_init(struct state *st, const struct options *o, struct source *src, struct error *err);
void state_free(struct state *st);

/* The present picture. */
static inline struct snapshot *picture(struct state *st)
{
	return &st->pictures[st->at];
}

static inline struct table *table_of(struct state *st)
{
	return &st->tables[st->view];
}

/*
 * Takes the next picture; the present one stays if that fails. 0, 1 at the
 * end of a file, -1 with @err.
 */
int state_refresh(struct state *st, struct error *err);

/* The same unless the picture is held, errors becoming the message. */
void state_tick(struct state *st);

void state_key(struct state *st, uint32_t code);

#endif
