/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen.h"

#include <stdlib.h>
#include <string.h>

#include "header.h"
#include "panes.h"
#include "words.h"

/* --- the line of views --- */

static int tabs_width(void)
{
	int width = 0;

	for (int i = 0; i < NR_VIEWS; i++)
		width += text_width(view_types[i].name) + 4;
	return width;
}

static void draw_tabs(struct state *st, struct grid *g, int y)
{
	const struct table *t = table_of(st);
	struct line l = { .g = g, .y = y };
	bool all = tabs_width() <= g->width;
	char text[128];

	for (int i = 0; i < NR_VIEWS; i++) {
		bool chosen = i == (int)st->view;

		if (!chosen && !all)
			continue;
		snprintf(text, sizeof(text), chosen ? "[%d %s]" : " %d %s ", i + 1,
			 view_types[i].name);
		l.x = grid_text(g, l.x, y, chosen ? ATTR_CHOSEN : ATTR_PLAIN, text);
	}
	snprintf(text, sizeof(text), "%s%s",
		 t->sort < 0 ? t->type->order
			     : row_types[t->type->kind].fields[t->columns[t->sort].field].key,
		 t->reverse ? ", reversed" : "");
	line_add_right(&l, ATTR_DIM, text);
}

/* --- the last line --- */

static const char *key_name(enum action action, char *name, size_t size)
{
	const struct key *k = keys;

	while (k->names && k->action != action)
		k++;
	snprintf(name, size, "%.*s", k->names ? (int)strcspn(k->names, " ") : 0,
		 k->names ? k->names : "");
	return name;
}

static void add_hint(struct line *l, enum action action, const char *what)
{
	char name[64];

	line_add(l, ATTR_DIM, "%s %s", key_name(action, name, sizeof(name)), what);
}

/* @nr rows; @hidden programs that there is no room for */
static void draw_hints(struct state *st, struct grid *g, int y, size_t nr, size_t hidden)
{
	static const struct {
		enum action action;
		const char *what;
	} hints[] = {
		{ ACTION_HELP, "help" }, { ACTION_FILTER, "filter" }, { ACTION_SORT_RIGHT, "sort" },
		{ ACTION_FREEZE, "freeze" }, { ACTION_QUIT, "quit" },
	};
	struct line l = { .g = g, .y = y };
	char text[64];

	if (hidden)
		line_add(&l, ATTR_NOTICE, "+%zu more", hidden);
	if (st->nr_targets > 1)
		add_hint(&l, ACTION_NEXT_PROGRAM, "next program");
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		add_hint(&l, hints[i].action, hints[i].what);
	if (!nr)
		return;
	snprintf(text, sizeof(text), "%zu of %zu", spot_of(st)->cursor + 1, nr);
	line_add_right(&l, ATTR_DIM, text);
}

/* The end of what is typed stays in sight. */
static void draw_prompt(const struct state *st, struct grid *g, int y)
{
	const char *question = st->prompt == PROMPT_FILTER
			       ? "filter (glob, /regex/, fn= pool= cpu= pid=): "
			       : "seconds between two pictures: ";
	const char *input = st->input;
	int x;

	if (text_width(question) + 10 > g->width)
		question = st->prompt == PROMPT_FILTER ? "/" : "d ";
	grid_field(g, 0, y, g->width, false, ATTR_BOLD, "");
	x = grid_text(g, 0, y, ATTR_BOLD, question);
	while (*input && x + text_width(input) + 1 > g->width)
		utf8_next(&input);
	x = grid_text(g, x, y, ATTR_PLAIN, input);
	grid_text(g, x, y, ATTR_CHOSEN, "_");
}

static void draw_last(struct state *st, struct grid *g, int y, size_t nr, size_t hidden)
{
	if (st->prompt)
		draw_prompt(st, g, y);
	else if (st->message[0])
		words_draw(g, 0, y, g->height, ATTR_ALARM, st->message);
	else
		draw_hints(st, g, y, nr, hidden);
}

/* --- what stands in the middle --- */

static const char *why_nothing(struct state *st, struct target *t)
{
	const struct view_type *type = table_of(st)->type;
	const struct row_table *rows = &picture(t)->table[type->kind];

	if (!t->nr_pictures)
		return t->trouble.text;
	if (rows->nr)
		return "no row passes the filter";
	if (rows->present)
		return type->none;
	if (st->view == VIEW_FUNCTIONS && t->no_events[0])
		return t->no_events;
	if (st->view == VIEW_FUNCTIONS && t->events)
		return "events are counted from now on; the next picture shows the first functions";
	return "this source does not tell";
}

struct help_line {
	char *left, *right;
};

static size_t help_lines(struct help_line *list, size_t room)
{
	size_t n = 0;

	for (const struct key *k = keys; k->names && n < room; k++)
		list[n++] = (struct help_line){ xstrdup(k->names), xstrdup(k->help) };
	for (int i = 0; i < NR_VIEWS && n < room; i++)
		list[n++] = (struct help_line){ xasprintf("%d %s", i + 1, view_types[i].name),
						xstrdup(view_types[i].help) };
	return n;
}

static void draw_help(struct state *st, struct grid *g)
{
	struct help_line list[64];
	size_t nr = help_lines(list, ARRAY_SIZE(list));
	int end = g->height - (g->height > 3), indent = g->width > 50 ? 16 : 0, y = 0;
	size_t lines = (size_t)end;

	if (st->help_top + lines > nr)
		st->help_top = nr > lines ? nr - lines : 0;
	st->page = lines;
	for (size_t i = st->help_top; i < nr && y < end; i++) {
		int x = grid_text(g, 0, y, ATTR_BOLD, list[i].left);

		y = words_draw(g, indent ? indent : x + 1, y, end, ATTR_PLAIN, list[i].right);
	}
	if (end < g->height)
		words_draw(g, 0, end, g->height, ATTR_DIM,
			   nr > lines ? "j k PgDn PgUp show more" : "any key goes back");
	for (size_t i = 0; i < nr; i++) {
		free(list[i].left);
		free(list[i].right);
	}
}

/* Why something is unknown, where there is room for that; returns its first line. */
static int draw_why(struct target *t, struct grid *g, int end)
{
	const char *why = picture(t)->hint;
	int lines = why && end >= 8 ? words_lines(why, g->width) : 0;

	if (lines > end / 4)
		lines = 0;
	if (lines)
		words_draw(g, 0, end - lines, end, ATTR_NOTICE, why);
	return end - lines;
}

/* The rows of the present view. */
static void list_rows(struct state *st, struct target *t, struct list *list)
{
	list_init(list, table_of(st), &t->spots[st->view], &st->filters, picture(t));
}

/* Returns how many rows there are. */
static size_t draw_rows(struct state *st, struct target *t, struct grid *g, struct place p)
{
	struct list list;

	list_rows(st, t, &list);
	p.end = draw_why(t, g, p.end);
	list_draw(&list, g, p);
	if (!list.nr)
		words_draw(g, 0, p.y + p.heading, p.end, ATTR_PLAIN, why_nothing(st, t));
	if (p.mark)
		st->page = p.end > p.y + p.heading ? (size_t)(p.end - p.y - p.heading) : 1;
	list_free(&list);
	return list.nr;
}

/* --- several programs --- */

/* Returns how many rows it has. */
static size_t draw_pane(struct state *st, struct target *t, struct grid *g, struct rect r)
{
	bool chosen = t == focused(st), name = r.height >= 2;
	struct place p = { .y = name, .end = r.height, .heading = r.height >= 3, .mark = chosen };
	struct grid pane;
	size_t nr;

	grid_init(&pane, r.width, r.height);
	nr = draw_rows(st, t, &pane, p);
	if (name)
		header_draw_name(t, &pane, chosen);
	grid_copy(g, r.x, r.y, &pane);
	grid_free(&pane);
	return nr;
}

/* From line @y to before @end. Returns which of them are to be seen. */
static struct panes draw_panes(struct state *st, struct grid *g, int y, int end, size_t *nr)
{
	size_t all = st->only ? 1 : st->nr_targets;
	struct panes panes = panes_lay_out(g->width, end - y, all, st->only ? 0 : st->focus);

	if (st->only)
		panes.first = st->focus;
	for (size_t i = 0; i < panes.shown && y < end; i++) {
		struct target *t = &st->targets[panes.first + i];
		struct rect r = panes_rect(&panes, i);
		size_t rows;

		r.y += y;
		rows = draw_pane(st, t, g, r);
		if (t == focused(st))
			*nr = rows;
		for (int line = 0; r.x && line < r.height; line++)
			grid_text(g, r.x - 1, r.y + line, ATTR_DIM, vertical_bar());
	}
	return panes;
}

/* --- all of it --- */

/* What there is room for, most needed first: table, header, headings, last line, views. */
struct layout {
	int header;		/* lines */
	bool tabs, heading;
	int last;
};

static struct layout lay_out(const struct state *st, int width, int height)
{
	struct layout l = {
		.header = height >= 6 ? 2 : height >= 2 ? 1 : 0,
		.heading = height >= 3,
		.last = height >= 4,
		.tabs = height >= 7,
	};

	if (st->nr_targets > 1)		/* each pane has a name */
		l.header = height >= 6;
	if (st->prompt)
		l.last = 1;
	else if (st->message[0])
		l.last = words_lines(st->message, width);
	if (l.last > height)
		l.last = height;
	return l;
}

static void draw_one(struct state *st, struct grid *g, const struct layout *l)
{
	struct place p = { .y = l->header + l->tabs, .end = g->height - l->last,
			   .heading = l->heading, .mark = true };
	size_t nr;

	if (l->header)
		header_draw(st, focused(st), g, l->header > 1);
	if (l->tabs)
		draw_tabs(st, g, l->header);
	nr = draw_rows(st, focused(st), g, p);
	if (l->last)
		draw_last(st, g, g->height - l->last, nr, 0);
}

static void draw_several(struct state *st, struct grid *g, const struct layout *l)
{
	struct panes panes;
	size_t nr = 0;

	if (l->header)
		header_draw_shared(st, g);
	if (l->tabs)
		draw_tabs(st, g, l->header);
	panes = draw_panes(st, g, l->header + l->tabs, g->height - l->last, &nr);
	if (l->last)
		draw_last(st, g, g->height - l->last, nr, st->nr_targets - panes.shown);
}

void screen_draw(struct state *st, struct grid *g)
{
	struct layout l = lay_out(st, g->width, g->height);

	if (st->help)
		draw_help(st, g);
	else if (st->nr_targets > 1)
		draw_several(st, g, &l);
	else
		draw_one(st, g, &l);
}

/* --- as text --- */

/* A long table goes out in pieces, so that no grid is larger than it has to be. */
#define PIECE 1000

static void print_rows(const struct list *list, int width, FILE *out)
{
	for (size_t i = 0; i < list->nr; i += PIECE) {
		size_t lines = list->nr - i < PIECE ? list->nr - i : PIECE;
		struct grid g;

		grid_init(&g, width, (int)lines + !i);
		list->spot->top = list->spot->cursor = i;
		list_draw(list, &g, (struct place){ .end = g.height, .heading = !i });
		grid_print(out, &g);
		grid_free(&g);
	}
}

static void print_words(const char *text, int width, FILE *out)
{
	struct grid g;

	grid_init(&g, width, words_lines(text, width));
	words_draw(&g, 0, 0, g.height, ATTR_PLAIN, text);
	grid_print(out, &g);
	grid_free(&g);
}

void screen_print(struct state *st, struct target *t, FILE *out)
{
	const char *hint = picture(t)->hint;
	struct list list;
	struct grid g;
	int width;

	list_rows(st, t, &list);
	list_sort(&list);
	width = list_width(&list);
	width = width > 100 ? width : 100;
	grid_init(&g, width, 2);
	header_draw(st, t, &g, true);
	grid_print(out, &g);
	grid_free(&g);
	if (hint)
		print_words(hint, width, out);
	if (list.nr)
		print_rows(&list, width, out);
	else
		print_words(why_nothing(st, t), width, out);
	list_free(&list);
}
