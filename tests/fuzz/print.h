/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print.h - a picture as text, in the kernel's grammar, as JSON: no control character may come */
#ifndef WQKIT_FUZZ_PRINT_H
#define WQKIT_FUZZ_PRINT_H

#include <stdio.h>
#include <stdlib.h>

#include "../../tools/out.h"

/* @sort: by that field of each kind, or -1: as the source has them. */
static void print_all(const struct snapshot *s, int sort)
{
	static FILE *sink;
	static char *text;
	static size_t text_size;
	struct error err;

	if (!sink)
		sink = open_memstream(&text, &text_size);
	rewind(sink);
	for (int kind = 0; kind < NR_SHOW_KINDS; kind++) {
		struct view v;

		view_init(&v, (enum row_kind)kind);
		v.sort = sort;
		out_text(sink, &v, NULL, s, true);
	}
	if (out_busy(sink, s, NULL, false, &err))
		abort();
	out_json(sink, s, KINDS_SHOW, NULL, NULL, false);
	fflush(sink);
	for (size_t i = 0; i < text_size; i++)
		if ((unsigned char)text[i] < ' ' && text[i] != '\n')
			abort();
}

#endif
