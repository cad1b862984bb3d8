/* SPDX-License-Identifier: GPL-2.0-or-later */
/* header.h - the lines above the rows: what is looked at, its totals, what looking costs */
#ifndef WQKIT_HEADER_H
#define WQKIT_HEADER_H

#include "grid.h"
#include "state.h"

/* Of a target that is alone: the first line, or the first two. */
void header_draw(struct state *st, struct target *t, struct grid *g, bool second);

/* Of several: one line of what they share, and one above the rows of each. */
void header_draw_shared(struct state *st, struct grid *g);
void header_draw_name(struct target *t, struct grid *g, bool chosen);

#endif
