/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grid.h - a screen in memory: what views draw on, and nothing else
 *
 * term.c puts it on a terminal, grid_print() writes it as text. Drawing is
 * clipped: any place and any length are allowed.
 */
#ifndef WQKIT_GRID_H
#define WQKIT_GRID_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <wchar.h>

enum attr {
	ATTR_PLAIN,
	ATTR_DIM,	/* unknown, zero, decoration */
	ATTR_BOLD,
	ATTR_HEADING,	/* a table's line of headings */
	ATTR_CHOSEN,	/* of several: this one */
	ATTR_NOTICE,	/* longer or more than one would like */
	ATTR_ALARM,
	NR_ATTRS,
	ATTR_CURSOR = 0x10,	/* together with one of the others */
};

/* A character of two columns is followed by a cell whose ch is 0. */
struct cell {
	wchar_t ch;
	uint8_t attr;
};

#define MAX_GRID 4096	/* columns, and lines */

struct grid {
	int width, height;
	struct cell *cells;
};

/* Lines and columns from 1 to MAX_GRID, all blank. */
void grid_init(struct grid *g, int width, int height);
void grid_free(struct grid *g);

/* Writes UTF-8 from @x, and returns the column behind it. */
int grid_text(struct grid *g, int x, int y, unsigned int attr, const char *text);

/* The same in exactly @width columns: cut with an ellipsis, or filled with blanks. */
void grid_field(struct grid *g, int x, int y, int width, bool flush_right, unsigned int attr,
		const char *text);

/* Adds ATTR_CURSOR to a whole line. */
void grid_cursor(struct grid *g, int y);

/* Copies all of @from, its left upper corner to @x, @y. */
void grid_copy(struct grid *g, int x, int y, const struct grid *from);

/* As text in the locale's encoding, without blanks at the ends of lines. */
void grid_print(FILE *out, const struct grid *g);

/* --- text, by columns --- */

/*
 * The next character of valid UTF-8, 0 at the end. What is no UTF-8 counts as
 * single bytes.
 */
uint32_t utf8_next(const char **text);

/* How many columns a text takes on the screen. */
int text_width(const char *text);

/* What stands for the rest of a text, and between two panes: one column each. */
const char *ellipsis(void);
const char *vertical_bar(void);

/* How many bytes of it fit into @columns. */
int text_fits(const char *text, int columns);

#endif
