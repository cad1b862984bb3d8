/* SPDX-License-Identifier: GPL-2.0-or-later */
/* screen.h - draws all of the state on a grid of any size */
#ifndef WQKIT_SCREEN_H
#define WQKIT_SCREEN_H

#include "grid.h"
#include "state.h"

void screen_draw(struct state *st, struct grid *g);

/* The header and the whole table of one target as text, as wide and as long as they are. */
void screen_print(struct state *st, struct target *t, FILE *out);

#endif
