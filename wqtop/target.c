/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../tools/delta.h"

int target_open(struct target *t, const struct source_options *o)
{
	*t = (struct target){ .events_cpu = -1 };
	if (o->process)
		t->pid = (pid_t)atoi(o->process);
	t->src = source_open(o, &t->trouble);
	if (!t->src)
		return -1;
	t->trouble.text[0] = '\0';
	return 0;
}

void target_free(struct target *t)
{
	snapshot_free(&t->pictures[0]);
	snapshot_free(&t->pictures[1]);
	source_close(t->src);
	t->src = NULL;
}

void target_name(struct target *t, char *text, size_t size)
{
	const struct source_info *i = &picture(t)->source;

	if (i->program)
		snprintf(text, size, "%s (PID %" PRId64 ")", i->program, i->pid);
	else
		snprintf(text, size, "PID %d", (int)t->pid);
}

/* Messages begin with the name of the program: "wqdemo (PID 4711) has ended". */
const char *target_state(const struct target *t)
{
	const char *text = t->trouble.text, *rest;
	char pid[32];

	snprintf(pid, sizeof(pid), "(PID %d)", (int)t->pid);
	rest = strstr(text, pid);
	if (!rest)
		return *text ? text : NULL;
	rest += strlen(pid);
	return rest + strspn(rest, ": ");
}

/* --- pictures --- */

static unsigned int kinds_to_read(const struct target *t)
{
	return KINDS_SHOW | (t->events ? KIND(ROW_FUNCTION) : 0);
}

/* What counting events took of the CPUs since the picture before, in percent of one. */
static double events_cpu(const struct snapshot *before, const struct snapshot *now)
{
	const struct interval *i = &before->interval, *j = &now->interval;
	uint64_t from = i->known && i->from_mono_ns == j->from_mono_ns ? i->to_mono_ns
								      : j->from_mono_ns;
	uint64_t events = from == j->from_mono_ns ? 0 : i->events;

	if (!j->known || !(j->event_ns > 0) || j->to_mono_ns <= from || j->events < events)
		return -1;
	return 100 * (double)(j->events - events) * j->event_ns / (double)(j->to_mono_ns - from);
}

int target_refresh(struct target *t)
{
	struct snapshot *next = &t->pictures[!t->at];
	int rc;

	snapshot_free(next);
	rc = source_read(t->src, kinds_to_read(t), next, &t->trouble);
	if (rc) {
		snapshot_free(next);
		t->at_end = rc > 0;
		return rc;
	}
	t->trouble.text[0] = '\0';
	delta(t->nr_pictures ? picture(t) : NULL, next);
	t->events_cpu = t->nr_pictures ? events_cpu(picture(t), next) : -1;
	t->at = !t->at;
	t->nr_pictures++;
	return 0;
}

bool target_has_old(const struct target *t)
{
	const struct snapshot *s = &t->pictures[t->at];

	for_each_row(s, ROW_POOL, struct pool, p)
		if (known(p->has, POOL_HUNG) && p->hung_ns > NSEC_PER_SEC)
			return true;
	for_each_row(s, ROW_WORK, struct work, w)
		if (known(w->has, WORK_AGE) && w->age_ns > NSEC_PER_SEC &&
		    !(known(w->has, WORK_STATE) && w->state == WORK_DELAYED))
			return true;
	for_each_row(s, ROW_WORKER, struct worker, w)
		if (known(w->has, WORKER_AGE) && w->age_ns > NSEC_PER_SEC)
			return true;
	return false;
}

/* --- events --- */

void target_events(struct target *t, unsigned int what)
{
	struct error err;

	if (what == t->events)
		return;
	t->no_events[0] = '\0';
	t->events = EVENTS_NONE;
	if (!t->src)
		snprintf(t->no_events, sizeof(t->no_events), "%s", t->trouble.text);
	else if (!source_events(t->src, what, &err))
		t->events = what;
	else
		snprintf(t->no_events, sizeof(t->no_events), "%s", err.text);
}

/* --- on the screen --- */

void target_forget_widths(struct target *t)
{
	for (int i = 0; i < NR_VIEWS; i++)
		memset(t->spots[i].widths, 0, sizeof(t->spots[i].widths));
}
