/* SPDX-License-Identifier: GPL-2.0-or-later */
/* term.h - a terminal: shows grids, gives keys. The one place that knows curses. */
#ifndef WQKIT_TERM_H
#define WQKIT_TERM_H

#include "grid.h"
#include "../tools/util.h"

struct term;

/*
 * Takes the terminal over; NULL with @err. Keys are read from standard input,
 * or from /dev/tty where that is no terminal. From here on SIGINT, SIGTERM and
 * SIGHUP make term_key() return CODE_GONE.
 */
struct term *term_open(bool color, struct error *err);

/* Gives it back as it was. */
void term_close(struct term *t);

void term_size(const struct term *t, int *width, int *height);

/* @anew: nothing that stands there is to be trusted. */
void term_draw(struct term *t, const struct grid *g, bool anew);

/* The next key, CODE_RESIZE or CODE_GONE; CODE_NONE at @deadline (mono_ns()). */
uint32_t term_key(struct term *t, uint64_t deadline);

#endif
