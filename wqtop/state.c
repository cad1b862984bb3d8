/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(struct state *st, const struct error *err)
{
	snprintf(st->message, sizeof(st->message), "%s", err->text);
}

/* --- pictures --- */

/* Of those that could be opened; the others go on when one ends. */
static void take_pictures(struct state *st)
{
	for (size_t i = 0; i < st->nr_targets; i++) {
		struct target *t = &st->targets[i];

		if (t->src && !t->at_end && target_refresh(t) < 0 && st->nr_targets == 1)
			say(st, &t->trouble);
	}
}

void state_tick(struct state *st)
{
	if (!st->frozen)
		take_pictures(st);
}

/* --- events --- */

/* CPU time costs a look at every switch: only if -o or -s asks for it. */
static unsigned int wanted_events(const struct state *st)
{
	const struct table *t = &st->tables[VIEW_FUNCTIONS];
	unsigned int what = EVENTS_COUNT;

	if (st->view != VIEW_FUNCTIONS)
		return st->events_always ? what : EVENTS_NONE;
	for (int i = 0; i < t->nr_columns; i++)
		if (t->columns[i].field == FUNCTION_CPU && !t->columns[i].if_any)
			what |= EVENTS_CPU;
	return what;
}

static void update_events(struct state *st)
{
	unsigned int what = wanted_events(st);

	for (size_t i = 0; i < st->nr_targets; i++)
		target_events(&st->targets[i], what);
}

static void set_view(struct state *st, enum view_id view)
{
	st->view = view;
	update_events(st);
}

static void toggle_events(struct state *st)
{
	struct error err;

	st->events_always = !st->events_always;
	update_events(st);
	if (!st->events_always || focused(st)->events)
		return;
	st->events_always = false;
	error_set(&err, "%s", focused(st)->no_events);
	say(st, &err);
}

/* --- filters --- */

static void forget_widths(struct state *st)
{
	for (size_t i = 0; i < st->nr_targets; i++)
		target_forget_widths(&st->targets[i]);
}

/* Expressions between blanks; the old filters stay if one is wrong. */
static int set_filter(struct state *st, const char *text, struct error *err)
{
	struct filters f = { .nr = 0 };
	char *copy = xstrdup(text), *rest = NULL;
	int rc = 0;

	for (char *e = strtok_r(copy, " ", &rest); e && !rc; e = strtok_r(NULL, " ", &rest))
		rc = filter_add(&f, e, err);
	free(copy);
	if (rc) {
		filters_free(&f);
		return -1;
	}
	filters_free(&st->filters);
	st->filters = f;
	free(st->filter_text);
	st->filter_text = f.nr ? xstrdup(text) : NULL;
	forget_widths(st);
	return 0;
}

/* --- the line that is asked for --- */

static void ask(struct state *st, enum prompt prompt)
{
	st->prompt = prompt;
	st->input[0] = '\0';
	if (prompt == PROMPT_FILTER && st->filter_text)
		snprintf(st->input, sizeof(st->input), "%s", st->filter_text);
}

static void answer(struct state *st)
{
	struct error err;

	if (st->prompt == PROMPT_FILTER) {
		if (set_filter(st, st->input, &err))
			say(st, &err);
	} else if (st->input[0] && !parse_seconds(st->input, 0.01, 86400, &st->delay_ns)) {
		error_set(&err, "delay \"%s\": give seconds from 0.01 to 86400", st->input);
		say(st, &err);
	}
	st->prompt = PROMPT_NONE;
}

static void erase_last(char *text)
{
	size_t n = strlen(text);

	while (n && ((unsigned char)text[--n] >> 6) == 2)
		;
	text[n] = '\0';
}

static void append(struct state *st, uint32_t code)
{
	size_t n = strlen(st->input);
	char *p = st->input + n;

	if (n + 5 > sizeof(st->input))
		return;
	if (code < 0x80) {
		*p++ = (char)code;
	} else if (code < 0x800) {
		*p++ = (char)(0xc0 | code >> 6);
		*p++ = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		*p++ = (char)(0xe0 | code >> 12);
		*p++ = (char)(0x80 | (code >> 6 & 0x3f));
		*p++ = (char)(0x80 | (code & 0x3f));
	} else {
		*p++ = (char)(0xf0 | code >> 18);
		*p++ = (char)(0x80 | (code >> 12 & 0x3f));
		*p++ = (char)(0x80 | (code >> 6 & 0x3f));
		*p++ = (char)(0x80 | (code & 0x3f));
	}
	*p = '\0';
}

static void prompt_key(struct state *st, uint32_t code)
{
	if (code == CODE_ENTER || code == '\n')
		answer(st);
	else if (code == CODE_ESC)
		st->prompt = PROMPT_NONE;
	else if (code == CODE_BACKSPACE || code == '\b')
		erase_last(st->input);
	else if (code == ('U' & 0x1f))
		st->input[0] = '\0';
	else if (code >= ' ' && code < CODE_SPECIAL)
		append(st, code);
}

/* --- keys --- */

static void move_cursor(struct state *st, bool down, size_t by)
{
	size_t *at = st->help ? &st->help_top : &spot_of(st)->cursor;

	if (down)
		*at += *at + by < *at ? 0 : by;	/* drawing knows the end */
	else
		*at -= *at < by ? *at : by;
}

static void move_sort(struct state *st, int step)
{
	struct table *t = table_of(st);
	int nr = t->nr_columns + 1;	/* and the usual order */

	t->sort = (t->sort + 1 + step + nr) % nr - 1;
	t->reverse = false;
}

static void move_focus(struct state *st, size_t step)
{
	st->focus = (st->focus + step) % st->nr_targets;
}

static void redraw(struct state *st)
{
	st->redraw = true;
	forget_widths(st);
}

static void act(struct state *st, enum action action, uint32_t code)
{
	size_t page = st->page > 1 ? st->page - 1 : 1;

	switch (action) {
	case ACTION_VIEW: set_view(st, (enum view_id)(code - '1')); return;
	case ACTION_NEXT_VIEW: set_view(st, (st->view + 1) % NR_VIEWS); return;
	case ACTION_PREV_VIEW: set_view(st, (st->view + NR_VIEWS - 1) % NR_VIEWS); return;
	case ACTION_DOWN: move_cursor(st, true, 1); return;
	case ACTION_UP: move_cursor(st, false, 1); return;
	case ACTION_PAGE_DOWN: move_cursor(st, true, page); return;
	case ACTION_PAGE_UP: move_cursor(st, false, page); return;
	case ACTION_FIRST: move_cursor(st, false, SIZE_MAX); return;
	case ACTION_LAST: move_cursor(st, true, SIZE_MAX / 2); return;
	case ACTION_NEXT_PROGRAM: move_focus(st, 1); return;
	case ACTION_PREV_PROGRAM: move_focus(st, st->nr_targets - 1); return;
	case ACTION_ONLY: st->only = !st->only; return;
	case ACTION_SORT_LEFT: move_sort(st, -1); return;
	case ACTION_SORT_RIGHT: move_sort(st, 1); return;
	case ACTION_REVERSE: table_of(st)->reverse = !table_of(st)->reverse; return;
	case ACTION_FILTER: ask(st, PROMPT_FILTER); return;
	case ACTION_FREEZE: st->frozen = !st->frozen; return;
	case ACTION_REFRESH: take_pictures(st); return;
	case ACTION_DELAY: ask(st, PROMPT_DELAY); return;
	case ACTION_EVENTS: toggle_events(st); return;
	case ACTION_REDRAW: redraw(st); return;
	case ACTION_HELP: st->help = !st->help; st->help_top = 0; return;
	case ACTION_QUIT: st->quit = true; return;
	default: return;
	}
}

static bool scrolls(enum action a)
{
	return a >= ACTION_DOWN && a <= ACTION_LAST;
}

void state_key(struct state *st, uint32_t code)
{
	enum action action = key_action(code);

	st->message[0] = '\0';
	if (st->prompt)
		prompt_key(st, code);
	else if (st->help && !scrolls(action))
		st->help = false;
	else
		act(st, action, code);
}

/* --- life --- */

static bool anything_old(const struct state *st)
{
	bool any = false;

	for (size_t i = 0; i < st->nr_targets; i++)
		any |= target_has_old(&st->targets[i]);
	return any;
}

static int set_view_options(struct state *st, const struct options *o, struct error *err)
{
	int view = o->view ? view_find(o->view) : -1;
	struct table *t;

	if (view < 0 && (o->columns || o->sort))
		view = VIEW_WORKQUEUES;
	if (view < 0)
		view = anything_old(st) ? VIEW_WORKS : VIEW_WORKQUEUES;
	t = &st->tables[view];
	if ((o->columns && table_columns(t, o->columns, err)) ||
	    (o->sort && table_sort(t, o->sort, err)))
		return -1;
	set_view(st, (enum view_id)view);
	return 0;
}

/* 0, or -1: it has no picture. */
static int begin_target(struct target *t, const struct source_options *o)
{
	int rc = target_open(t, o) ? -1 : target_refresh(t);

	if (rc > 0)
		rc = error_set(&t->trouble, "%s holds no snapshot", o->file);
	return rc;
}

/* -1 with @err if none of them has a picture: what the first says. */
static int begin_targets(struct state *st, struct error *err)
{
	const struct proc_list *list = &st->o->processes;
	struct source_options so = st->o->source;
	bool any = false;
	char pid[16];

	st->nr_targets = list->nr ? list->nr : 1;
	st->targets = xcalloc(st->nr_targets, sizeof(*st->targets));
	for (size_t i = 0; i < st->nr_targets; i++) {
		if (list->nr) {
			snprintf(pid, sizeof(pid), "%d", (int)list->pids[i]);
			so.process = pid;
		}
		any |= !begin_target(&st->targets[i], &so);
	}
	if (any)
		return 0;
	*err = st->targets[0].trouble;
	return -1;
}

int state_init(struct state *st, const struct options *o, struct error *err)
{
	*st = (struct state){ .o = o, .delay_ns = o->delay_ns, .own_cpu = -1 };
	for (int i = 0; i < NR_VIEWS; i++)
		table_init(&st->tables[i], (enum view_id)i);
	if (!begin_targets(st, err) && !set_view_options(st, o, err) &&
	    !(o->filter && set_filter(st, o->filter, err)))
		return 0;
	state_free(st);
	return -1;
}

void state_free(struct state *st)
{
	for (size_t i = 0; i < st->nr_targets; i++)
		target_free(&st->targets[i]);
	free(st->targets);
	filters_free(&st->filters);
	free(st->filter_text);
}
