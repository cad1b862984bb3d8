/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "header.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "words.h"

struct totals {
	uint64_t workers, idle, busy;
	bool pools_known;
	double rate;
	bool rate_known;
};

static struct totals totals(const struct snapshot *s)
{
	struct totals t = { .pools_known = s->table[ROW_POOL].present };
	bool all_counted = true;

	for_each_row(s, ROW_POOL, struct pool, p) {
		if (!known(p->has, POOL_WORKERS) || !known(p->has, POOL_IDLE) ||
		    !known(p->has, POOL_BUSY))
			t.pools_known = false;
		t.workers += p->workers;
		t.idle += p->idle;
		t.busy += p->busy;
	}
	for_each_row(s, ROW_WORKQUEUE, struct workqueue, w) {
		if (!known(w->has, WORKQUEUE_STARTED))
			all_counted = false;
		if (known(w->has, WORKQUEUE_STARTED_RATE)) {
			t.rate += w->started_rate;
			t.rate_known = true;
		}
	}
	t.rate_known = t.rate_known && all_counted;
	return t;
}

static void add_machine(struct line *l, const struct snapshot *s, const struct totals *t)
{
	if (s->source.program)
		line_add(l, ATTR_BOLD, "%s (PID %" PRId64 ")", s->source.program, s->source.pid);
	else if (s->source.release)
		line_add(l, ATTR_BOLD, "Linux %s", s->source.release);
	else
		line_add(l, ATTR_BOLD, "wqtop");
	if (s->source.nr_cpus)
		line_add(l, ATTR_PLAIN, "%" PRId64 " CPU%s", s->source.nr_cpus,
		    s->source.nr_cpus == 1 ? "" : "s");
	if (s->table[ROW_POOL].present)
		line_add(l, ATTR_PLAIN, "%zu pools", nr_rows(s, ROW_POOL));
	if (t->pools_known)
		line_add(l, ATTR_PLAIN, "%" PRIu64 " workers: %" PRIu64 " busy, %" PRIu64 " idle",
		    t->workers, t->busy, t->idle);
}

static void add_rate(struct line *l, const struct totals *t)
{
	if (t->rate_known)
		line_add(l, ATTR_BOLD, "%.*f works/s", t->rate < 10 ? 1 : 0, t->rate);
	else
		line_add(l, ATTR_DIM, "- works/s");
}

static void add_events(struct line *l, const struct state *st, const struct target *t,
		       const struct snapshot *s)
{
	if (t->events)
		line_add(l, ATTR_PLAIN, "events on");
	else if (!st->o->source.file && !st->o->source.process)
		line_add(l, ATTR_DIM, "events off (e)");
	if (!s->interval.known)
		return;
	line_add(l, s->interval.lost ? ATTR_ALARM : ATTR_PLAIN, "%" PRIu64 " lost", s->interval.lost);
	if (s->interval.unmatched)
		line_add(l, ATTR_NOTICE, "%" PRIu64 " unmatched", s->interval.unmatched);
}

static void add_playback(struct line *l, const struct state *st, const struct target *t)
{
	if (st->o->source.file)
		line_add(l, ATTR_PLAIN, "%s #%" PRIu64 "%s", st->o->source.file, t->nr_pictures,
		    t->at_end ? " (end)" : "");
}

static void add_trust(struct line *l, const struct snapshot *s)
{
	if (s->consistency == INCOMPLETE)
		line_add(l, ATTR_NOTICE, "incomplete");
	for (int kind = 0; kind < NR_ROW_KINDS; kind++)
		if (s->left_out[kind])
			line_add(l, ATTR_NOTICE, "%" PRIu64 " more %s", s->left_out[kind],
			    row_types[kind].array);
}

static void add_time(struct line *l, int64_t ns)
{
	time_t t = (time_t)(ns / (int64_t)NSEC_PER_SEC);
	char text[32];
	struct tm tm;

	if (!ns || !localtime_r(&t, &tm))
		return;
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	line_add_right(l, ATTR_PLAIN, text);
}

/* What looking costs: this program, and in the kernel each event that is counted. */
static void add_cost(struct line *l, const struct state *st, const struct target *t)
{
	if (st->own_cpu < 0)
		return;
	if (!t->events)
		line_add(l, ATTR_PLAIN, "own cost %.1f%% of a CPU", st->own_cpu);
	else if (t->events_cpu < 0)
		line_add(l, ATTR_PLAIN, "own cost %.1f%% + - of a CPU", st->own_cpu);
	else
		line_add(l, ATTR_PLAIN, "own cost %.1f%% + %.1f%% of a CPU", st->own_cpu,
		    t->events_cpu);
}

static void add_choices(struct line *l, const struct state *st)
{
	if (st->frozen)
		line_add(l, ATTR_CHOSEN, "FROZEN");
	if (st->filter_text)
		line_add(l, ATTR_NOTICE, "filter: %s", st->filter_text);
}

void header_draw(struct state *st, struct target *t, struct grid *g, bool second)
{
	struct line l = { .g = g };
	const struct snapshot *s = picture(t);
	struct totals sums = totals(s);

	add_machine(&l, s, &sums);
	if (!second) {
		add_rate(&l, &sums);
		return;
	}
	add_time(&l, s->time_ns);
	l = (struct line){ .g = g, .y = 1 };
	add_rate(&l, &sums);
	add_choices(&l, st);
	add_trust(&l, s);
	add_events(&l, st, t, s);
	add_playback(&l, st, t);
	add_cost(&l, st, t);
}

/* --- several targets --- */

static int64_t newest(const struct state *st)
{
	int64_t time = 0;

	for (size_t i = 0; i < st->nr_targets; i++) {
		const struct target *t = &st->targets[i];

		if (t->pictures[t->at].time_ns > time)
			time = t->pictures[t->at].time_ns;
	}
	return time;
}

void header_draw_shared(struct state *st, struct grid *g)
{
	struct line l = { .g = g };

	line_add(&l, ATTR_BOLD, "%zu programs on libwq", st->nr_targets);
	add_choices(&l, st);
	add_cost(&l, st, focused(st));
	add_time(&l, newest(st));
}

/* What is wrong is needed most: of a line that is too short for both it takes half or more. */
static void add_name(struct line *l, struct target *t, bool chosen)
{
	const char *state = target_state(t);
	char name[128], text[144];
	int width = l->g->width, room = width - (state ? text_width(state) + 2 : 0);
	int least = width < 40 ? width / 3 : width / 2;

	target_name(t, name, sizeof(name));
	snprintf(text, sizeof(text), chosen ? "[%s]" : " %s ", name);
	if (room < least)
		room = least;
	if (text_width(text) < room)
		room = text_width(text);
	grid_field(l->g, 0, l->y, room, false, chosen ? ATTR_CHOSEN : ATTR_BOLD, text);
	l->x = room;
	if (!state)
		return;
	grid_field(l->g, room + 2, l->y, width - room - 2, false, ATTR_ALARM, state);
	l->x += 2 + text_width(state);
}

void header_draw_name(struct target *t, struct grid *g, bool chosen)
{
	struct line l = { .g = g };
	const struct snapshot *s = picture(t);
	struct totals sums = totals(s);

	add_name(&l, t, chosen);
	if (!t->nr_pictures)
		return;
	if (target_state(t))
		add_time(&l, s->time_ns);
	else
		add_rate(&l, &sums);
	if (sums.pools_known)
		line_add(&l, ATTR_PLAIN, "%" PRIu64 " of %" PRIu64 " workers busy", sums.busy,
			 sums.workers);
	add_trust(&l, s);
}
