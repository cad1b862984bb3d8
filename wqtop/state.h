/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state.h - what is shown, and what keys do to it; knows neither grid nor terminal */
#ifndef WQKIT_STATE_H
#define WQKIT_STATE_H

#include "keys.h"
#include "target.h"
#include "wqtop.h"

enum prompt { PROMPT_NONE, PROMPT_FILTER, PROMPT_DELAY };

struct state {
	const struct options *o;
	struct target *targets;	/* at least one */
	size_t nr_targets;
	size_t focus;		/* which of them the keys of rows are about */
	bool only;		/* the others are not shown */

	enum view_id view;
	struct table tables[NR_VIEWS];
	struct filters filters;
	char *filter_text;	/* what the filters were made of, or NULL */
	uint64_t delay_ns;
	bool frozen, help, quit;
	size_t help_top;

	bool events_always;	/* count them not only in the view of functions */

	enum prompt prompt;
	char input[256];
	char message[1024];	/* what went wrong, until the next key */

	size_t page;		/* rows of the last drawing */
	bool redraw;		/* the terminal's contents are not to be trusted */
	double own_cpu;		/* percent of a CPU; < 0: unknown */
};

/*
 * 0, or -1 with @err: nothing can be shown. Of several programs those that
 * cannot have a trouble. The options stay the caller's.
 */
int state_init(struct state *st, const struct options *o, struct error *err);
void state_free(struct state *st);

static inline struct table *table_of(struct state *st)
{
	return &st->tables[st->view];
}

/* The one that has the focus. */
static inline struct target *focused(struct state *st)
{
	return &st->targets[st->focus];
}

/* Where in its table of that view the user is. */
static inline struct spot *spot_of(struct state *st)
{
	return &focused(st)->spots[st->view];
}

/*
 * Takes the next picture of each, unless these are held. What is wrong with a
 * single target becomes the message.
 */
void state_tick(struct state *st);

void state_key(struct state *st, uint32_t code);

#endif
