/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panes.h"

static size_t at_least_one(int n)
{
	return n > 1 ? (size_t)n : 1;
}

static size_t up(size_t n, size_t by)
{
	return (n + by - 1) / by;
}

struct panes panes_lay_out(int width, int height, size_t nr, size_t focus)
{
	struct panes p = { .width = width, .height = height };
	size_t columns = at_least_one((width + 1) / (PANE_WIDTH + 1));
	size_t lines = at_least_one(height / PANE_HEIGHT);

	p.lines = up(nr, columns) < lines ? up(nr, columns) : lines;
	p.columns = up(nr, p.lines) < columns ? up(nr, p.lines) : columns;
	p.shown = nr < p.columns * p.lines ? nr : p.columns * p.lines;
	p.first = focus / p.shown * p.shown;
	if (p.first + p.shown > nr)
		p.first = nr - p.shown;
	return p;
}

/* Where part @i of @nr begins; the remainder is spread. */
static int part(int size, size_t i, size_t nr)
{
	return (int)((size_t)size * i / nr);
}

struct rect panes_rect(const struct panes *p, size_t i)
{
	size_t line = i / p->columns, column = i % p->columns;
	size_t left = p->shown - line * p->columns;
	size_t nr = left < p->columns ? left : p->columns;	/* on that line */
	struct rect r = { .x = part(p->width + 1, column, nr), .y = part(p->height, line, p->lines) };

	r.width = part(p->width + 1, column + 1, nr) - 1 - r.x;
	r.height = part(p->height, line + 1, p->lines) - r.y;
	return r;
}
