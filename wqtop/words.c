/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../tools/util.h"

/* --- a line of words: each is there as a whole, or not at all --- */

void line_add(struct line *l, enum attr attr, const char *fmt, ...)
{
	int x = l->x ? l->x + 2 : 0;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (x + text_width(text) <= l->g->width || !x)
		l->x = grid_text(l->g, x, l->y, attr, text);
}

void line_add_right(struct line *l, enum attr attr, const char *text)
{
	int x = l->g->width - text_width(text);

	if (x >= (l->x ? l->x + 2 : 0))
		grid_text(l->g, x, l->y, attr, text);
}

/* --- words, broken at blanks --- */

/* How many bytes of @text go on a line of @width, at least one character. */
static int line_length(const char *text, int width)
{
	int fits = text_fits(text, width), cut = fits;

	if (!text[fits])
		return fits;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	if (cut > 0)
		return cut;
	return fits > 0 ? fits : (int)strlen(text);
}

int words_draw(struct grid *g, int x, int y, int end, enum attr attr, const char *text)
{
	while (*text && y < end) {
		int n = line_length(text, g->width - x);
		char *line = xasprintf("%.*s", n, text);

		grid_field(g, x, y++, g->width - x, false, attr, line);
		free(line);
		text += n;
		text += *text == ' ';
	}
	return y;
}

int words_lines(const char *text, int width)
{
	int lines = 0;

	while (*text) {
		text += line_length(text, width);
		text += *text == ' ';
		lines++;
	}
	return lines;
}
