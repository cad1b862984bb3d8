/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- a line of words: each is there as a whole, or not at all --- */

struct line {
	struct grid *g;
	int x, y;
};

__attribute__((format(printf, 3, 4)))
static void add(struct line *l, enum attr attr, const char *fmt, ...)
{
	int x = l->x ? l->x + 2 : 0;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (x + text_width(text) <= l->g->width || !x)
		l->x = grid_text(l->g, x, l->y, attr, text);
}

static void add_right(struct line *l, enum attr attr, const char *text)
{
	int x = l->g->width - text_width(text);

	if (x >= (l->x ? l->x + 2 : 0))
		grid_text(l->g, x, l->y, attr, text);
}

/* --- the two lines of the header --- */

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
		add(l, ATTR_BOLD, "%s (PID %" PRId64 ")", s->source.program, s->source.pid);
	else if (s->source.release)
		add(l, ATTR_BOLD, "Linux %s", s->source.release);
	else
		add(l, ATTR_BOLD, "wqtop");
	if (s->source.nr_cpus)
		add(l, ATTR_PLAIN, "%" PRId64 " CPU%s", s->source.nr_cpus,
		    s->source.nr_cpus == 1 ? "" : "s");
	if (s->table[ROW_POOL].present)
		add(l, ATTR_PLAIN, "%zu pools", nr_rows(s, ROW_POOL));
	if (t->pools_known)
		add(l, ATTR_PLAIN, "%" PRIu64 " workers: %" PRIu64 " busy, %" PRIu64 " idle",
		    t->workers, t->busy, t->idle);
}

static void add_rate(struct line *l, const struct totals *t)
{
	if (t->rate_known)
		add(l, ATTR_BOLD, "%.*f works/s", t->rate < 10 ? 1 : 0, t->rate);
	else
		add(l, ATTR_DIM, "- works/s");
}

static void add_events(struct line *l, const struct state *st, const struct snapshot *s)
{
	if (st->events)
		add(l, ATTR_PLAIN, "events on");
	else if (!st->o->source.file && !st->o->source.process)
		add(l, ATTR_DIM, "events off (e)");
	if (!s->interval.known)
		return;
	add(l, s->interval.lost ? ATTR_ALARM : ATTR_PLAIN, "%" PRIu64 " lost", s->interval.lost);
	if (s->interval.unmatched)
		add(l, ATTR_NOTICE, "%" PRIu64 " unmatched", s->interval.unmatched);
}

static void add_playback(struct line *l, const struct state *st)
{
	if (st->o->source.file)
		add(l, ATTR_PLAIN, "%s #%" PRIu64 "%s", st->o->source.file, st->nr_pictures,
		    st->at_end ? " (end)" : "");
}

static void add_trust(struct line *l, const struct snapshot *s)
{
	if (s->consistency == INCOMPLETE)
		add(l, ATTR_NOTICE, "incomplete");
	for (int kind = 0; kind < NR_ROW_KINDS; kind++)
		if (s->left_out[kind])
			add(l, ATTR_NOTICE, "%" PRIu64 " more %s", s->left_out[kind],
			    row_types[kind].array);
}

static void add_time(struct line *l, const struct snapshot *s)
{
	time_t t = (time_t)(s->time_ns / (int64_t)NSEC_PER_SEC);
	char text[32];
	struct tm tm;

	if (!s->time_ns || !localtime_r(&t, &tm))
		return;
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	add_right(l, ATTR_PLAIN, text);
}

/* What looking costs: this program, and in the kernel each event that is counted. */
static void add_cost(struct line *l, const struct state *st)
{
	if (st->own_cpu < 0)
		return;
	if (!st->events)
		add(l, ATTR_PLAIN, "own cost %.1f%% of a CPU", st->own_cpu);
	else if (st->events_cpu < 0)
		add(l, ATTR_PLAIN, "own cost %.1f%% + - of a CPU", st->own_cpu);
	else
		add(l, ATTR_PLAIN, "own cost %.1f%% + %.1f%% of a CPU", st->own_cpu,
		    st->events_cpu);
}

static void draw_header(struct state *st, struct grid *g, bool second)
{
	struct line l = { .g = g };
	const struct snapshot *s = picture(st);
	struct totals t = totals(s);

	add_machine(&l, s, &t);
	if (!second) {
		add_rate(&l, &t);
		return;
	}
	add_time(&l, s);
	l = (struct line){ .g = g, .y = 1 };
	add_rate(&l, &t);
	if (st->frozen)
		add(&l, ATTR_CHOSEN, "FROZEN");
	if (st->filter_text)
		add(&l, ATTR_NOTICE, "filter: %s", st->filter_text);
	add_trust(&l, s);
	add_events(&l, st, s);
	add_playback(&l, st);
	add_cost(&l, st);
}

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
	add_right(&l, ATTR_DIM, text);
}

/* --- words, broken at blanks --- */

/* How many bytes of @text go on a line of @width, at least one character. */
static int line_length(const char *text, int width)
{
	int fits = text_fits(text, width), cut = fits;

	if (!text[fits])
		return fits;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	if (cut > 0)
		return cut;
	return fits > 0 ? fits : (int)strlen(text);
}

/* From line @y to before @end; returns the line behind the words. */
static int draw_words(struct grid *g, int x, int y, int end, enum attr attr, const char *text)
{
	while (*text && y < end) {
		int n = line_length(text, g->width - x);
		char *line = xasprintf("%.*s", n, text);

		grid_field(g, x, y++, g->width - x, false, attr, line);
		free(line);
		text += n;
		text += *text == ' ';
	}
	return y;
}

static int count_lines(const char *text, int width)
{
	int lines = 0;

	while (*text) {
		text += line_length(text, width);
		text += *text == ' ';
		lines++;
	}
	return lines;
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

static void draw_hints(struct state *st, struct grid *g, int y, size_t nr)
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

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		add(&l, ATTR_DIM, "%s %s", key_name(hints[i].action, text, sizeof(text)),
		    hints[i].what);
	if (!nr)
		return;
	snprintf(text, sizeof(text), "%zu of %zu", table_of(st)->cursor + 1, nr);
	add_right(&l, ATTR_DIM, text);
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

static void draw_last(struct state *st, struct grid *g, int y, size_t nr)
{
	if (st->prompt)
		draw_prompt(st, g, y);
	else if (st->message[0])
		draw_words(g, 0, y, g->height, ATTR_ALARM, st->message);
	else
		draw_hints(st, g, y, nr);
}

/* --- what stands in the middle --- */

static const char *why_nothing(struct state *st)
{
	const struct view_type *type = table_of(st)->type;
	const struct row_table *rows = &picture(st)->table[type->kind];

	if (rows->nr)
		return "no row passes the filter";
	if (rows->present)
		return type->none;
	if (st->view == VIEW_FUNCTIONS && st->no_events[0])
		return st->no_events;
	if (st->view == VIEW_FUNCTIONS && st->events)
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

		y = draw_words(g, indent ? indent : x + 1, y, end, ATTR_PLAIN, list[i].right);
	}
	if (end < g->height)
		draw_words(g, 0, end, g->height, ATTR_DIM,
			   nr > lines ? "j k PgDn PgUp show more" : "any key goes back");
	for (size_t i = 0; i < nr; i++) {
		free(list[i].left);
		free(list[i].right);
	}
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

	if (st->prompt)
		l.last = 1;
	else if (st->message[0])
		l.last = count_lines(st->message, width);
	if (l.last > height)
		l.last = height;
	return l;
}

/* Why something is unknown, where there is room for that; returns its first line. */
static int draw_why(struct state *st, struct grid *g, int end)
{
	const char *why = picture(st)->hint;
	int lines = why && end >= 8 ? count_lines(why, g->width) : 0;

	if (lines > end / 4)
		lines = 0;
	if (lines)
		draw_words(g, 0, end - lines, end, ATTR_NOTICE, why);
	return end - lines;
}

static void draw_main(struct state *st, struct grid *g, const struct layout *l)
{
	struct place p = { .y = l->header + l->tabs, .end = g->height - l->last,
			   .heading = l->heading, .mark = true };
	size_t nr;
	const void **rows = table_rows(table_of(st), &st->filters, picture(st), &nr);

	if (l->header)
		draw_header(st, g, l->header > 1);
	if (l->tabs)
		draw_tabs(st, g, l->header);
	p.end = draw_why(st, g, p.end);
	table_draw(table_of(st), rows, nr, g, p);
	if (!nr)
		draw_words(g, 0, p.y + p.heading, p.end, ATTR_PLAIN, why_nothing(st));
	st->page = p.end > p.y + p.heading ? (size_t)(p.end - p.y - p.heading) : 1;
	if (l->last)
		draw_last(st, g, g->height - l->last, nr);
	free(rows);
}

void screen_draw(struct state *st, struct grid *g)
{
	struct layout l = lay_out(st, g->width, g->height);

	if (st->help)
		draw_help(st, g);
	else
		draw_main(st, g, &l);
}

/* A long table goes out in pieces, so that no grid is larger than it has to be. */
#define PIECE 1000

static void print_rows(struct table *t, const void **rows, size_t nr, int width, FILE *out)
{
	for (size_t i = 0; i < nr; i += PIECE) {
		size_t lines = nr - i < PIECE ? nr - i : PIECE;
		struct grid g;

		grid_init(&g, width, (int)lines + !i);
		t->top = t->cursor = i;
		table_draw(t, rows, nr, &g, (struct place){ .end = g.height, .heading = !i });
		grid_print(out, &g);
		grid_free(&g);
	}
}

static void print_words(const char *text, int width, FILE *out)
{
	struct grid g;

	grid_init(&g, width, count_lines(text, width));
	draw_words(&g, 0, 0, g.height, ATTR_PLAIN, text);
	grid_print(out, &g);
	grid_free(&g);
}

void screen_print(struct state *st, FILE *out)
{
	struct table *t = table_of(st);
	size_t nr;
	const void **rows = table_rows(t, &st->filters, picture(st), &nr);
	int width = table_width(t, rows, nr);
	struct grid g;

	width = width > 100 ? width : 100;
	grid_init(&g, width, 2);
	draw_header(st, &g, true);
	grid_print(out, &g);
	grid_free(&g);
	if (picture(st)->hint)
		print_words(picture(st)->hint, width, out);
	if (nr)
		print_rows(t, rows, nr, width, out);
	else
		print_words(why_nothing(st), width, out);
	free(rows);
}
