/* SPDX-License-Identifier: GPL-2.0-or-later */
/* header.h - the lines above the table: what is looked at, its totals, and what looking costs */
#ifndef WQKIT_HEADER_H
#define WQKIT_HEADER_H

#include "grid.h"
#include "state.h"

/* The first line, or the first two. */
void header_draw(struct state *st, struct grid *g, bool second);

#endif
