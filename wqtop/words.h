/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.h - text on a grid: words side by side, and sentences broken at blanks */
#ifndef WQKIT_WORDS_H
#define WQKIT_WORDS_H

#include "grid.h"

struct line {
	struct grid *g;
	int x, y;		/* behind the last word */
};

/* Two blanks and a word, if there is room for all of it; the first one is cut. */
void line_add(struct line *l, enum attr attr, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* At the end of the line, if there is room. */
void line_add_right(struct line *l, enum attr attr, const char *text);

/* From line @y to before @end; returns the line behind the words. */
int words_draw(struct grid *g, int x, int y, int end, enum attr attr, const char *text);

/* How many lines they take. */
int words_lines(const char *text, int width);

#endif
