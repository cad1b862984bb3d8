/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target.h - what is looked at: a source, its pictures, and where in them the user is */
#ifndef WQKIT_TARGET_H
#define WQKIT_TARGET_H

#include <sys/types.h>

#include "views.h"
#include "../tools/source.h"

struct target {
	pid_t pid;		/* of a program; 0: no program */
	struct source *src;	/* NULL: it could not be opened */
	struct snapshot pictures[2];
	int at;			/* index of the present picture */
	uint64_t nr_pictures;
	bool at_end;		/* the file has no more */
	struct error trouble;	/* why there is no newer picture; or empty */

	unsigned int events;	/* which are being counted: enum events */
	char no_events[1024];	/* why they cannot be counted; or empty */
	double events_cpu;	/* percent of a CPU that the kernel takes for that; < 0: unknown */

	struct spot spots[NR_VIEWS];
};

/* Opens it, without a picture yet. -1, and the trouble: to be freed even so. */
int target_open(struct target *t, const struct source_options *o);
void target_free(struct target *t);

/* "wqdemo (PID 4711)"; the name of a program, or what is known instead. */
void target_name(struct target *t, char *text, size_t size);

/* What is wrong with it, to be read after its name; or NULL. */
const char *target_state(const struct target *t);

/* The present picture. */
static inline struct snapshot *picture(struct target *t)
{
	return &t->pictures[t->at];
}

/*
 * Takes the next picture; the present one stays if that fails. 0, 1 at the
 * end of a file, -1 with a new trouble.
 */
int target_refresh(struct target *t);

/* Switches what is counted (enum events) if it is not so already; else sets no_events. */
void target_events(struct target *t, unsigned int what);

/* Does anything take longer than a second, as far as the source tells? */
bool target_has_old(const struct target *t);

void target_forget_widths(struct target *t);

#endif
