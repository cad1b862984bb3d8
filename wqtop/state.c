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

static void take_picture(struct state *st)
{
	struct error err;

	if (!st->target.at_end && target_refresh(&st->target, &err) < 0)
		say(st, &err);
}

void state_tick(struct state *st)
{
	if (!st->frozen)
		take_picture(st);
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
	target_events(&st->target, wanted_events(st));
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
	if (!st->events_always || st->target.events)
		return;
	st->events_always = false;
	error_set(&err, "%s", st->target.no_events);
	say(st, &err);
}

/* --- filters --- */

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
	target_forget_widths(&st->target);
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

static void redraw(struct state *st)
{
	st->redraw = true;
	target_forget_widths(&st->target);
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
	case ACTION_SORT_LEFT: move_sort(st, -1); return;
	case ACTION_SORT_RIGHT: move_sort(st, 1); return;
	case ACTION_REVERSE: table_of(st)->reverse = !table_of(st)->reverse; return;
	case ACTION_FILTER: ask(st, PROMPT_FILTER); return;
	case ACTION_FREEZE: st->frozen = !st->frozen; return;
	case ACTION_REFRESH: take_picture(st); return;
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

static int set_view_options(struct state *st, const struct options *o, struct error *err)
{
	int view = o->view ? view_find(o->view) : -1;
	struct table *t;

	if (view < 0 && (o->columns || o->sort))
		view = VIEW_WORKQUEUES;
	if (view < 0)
		view = target_has_old(&st->target) ? VIEW_WORKS : VIEW_WORKQUEUES;
	t = &st->tables[view];
	if ((o->columns && table_columns(t, o->columns, err)) ||
	    (o->sort && table_sort(t, o->sort, err)))
		return -1;
	set_view(st, (enum view_id)view);
	return 0;
}

int state_init(struct state *st, const struct options *o, struct error *err)
{
	struct source *src = source_open(&o->source, err);
	int rc;

	if (!src)
		return -1;
	*st = (struct state){ .o = o, .delay_ns = o->delay_ns, .own_cpu = -1 };
	target_init(&st->target, src);
	for (int i = 0; i < NR_VIEWS; i++)
		table_init(&st->tables[i], (enum view_id)i);
	rc = target_refresh(&st->target, err);
	if (rc > 0)
		rc = error_set(err, "%s holds no snapshot", o->source.file);
	if (rc || set_view_options(st, o, err) || (o->filter && set_filter(st, o->filter, err))) {
		state_free(st);
		return -1;
	}
	return 0;
}

void state_free(struct state *st)
{
	target_free(&st->target);
	filters_free(&st->filters);
	free(st->filter_text);
}
