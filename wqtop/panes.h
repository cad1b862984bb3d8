/* SPDX-License-Identifier: GPL-2.0-or-later */
/* panes.h - how several programs share the screen: side by side, above each other, or both */
#ifndef WQKIT_PANES_H
#define WQKIT_PANES_H

#include <stddef.h>

/* What a pane needs: a name, headings and two rows, and names that can be read. */
#define PANE_WIDTH  60
#define PANE_HEIGHT 4

struct panes {
	int width, height;	/* of all */
	size_t columns, lines;	/* of panes */
	size_t first, shown;	/* which of them there is room for */
};

/*
 * Divides an area between @nr panes, one column standing between neighbours.
 * What does not fit is left out, but never the one that has the focus.
 */
struct panes panes_lay_out(int width, int height, size_t nr, size_t focus);

struct rect {
	int x, y, width, height;
};

/* Where the pane @i is, counted from the first that is shown. */
struct rect panes_rect(const struct panes *p, size_t i);

#endif
