/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out.h - renderers: they print to the FILE that they are given */
#ifndef WQKIT_OUT_H
#define WQKIT_OUT_H

#include "rows.h"

/* A table with a heading (unless !@heading). */
void out_text(FILE *out, const struct view *v, const struct filters *f, const struct snapshot *s,
	      bool heading);

/* Rows of ROW_EVENT that pass @f, in the text of ftrace. */
void out_ftrace(FILE *out, const struct filters *f, const struct snapshot *s);

/*
 * One JSON object, as wqdump-json(5) describes: the head, then the arrays of
 * the kinds in @kinds (bit N: enum row_kind N). On one line if !@pretty.
 */
void out_json(FILE *out, const struct snapshot *s, unsigned int kinds, const struct filters *f,
	      const struct view *order, bool pretty);

/*
 * The kernel's own "Showing busy workqueues and worker pools:" dump, in the
 * grammar of the newest kernel, or with @as_kernel of the one that @s is of.
 * -1 with @err if that is unknown.
 */
int out_busy(FILE *out, const struct snapshot *s, const struct filters *f, bool as_kernel,
	     struct error *err);

#endif
