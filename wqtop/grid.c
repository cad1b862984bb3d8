/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "grid.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../tools/util.h"

static int clamp(int value, int max)
{
	return value < 1 ? 1 : value > max ? max : value;
}

void grid_init(struct grid *g, int width, int height)
{
	g->width = clamp(width, MAX_GRID);
	g->height = clamp(height, MAX_GRID);
	g->cells = xcalloc((size_t)g->width * (size_t)g->height, sizeof(*g->cells));
	for (int i = 0; i < g->width * g->height; i++)
		g->cells[i].ch = L' ';
}

void grid_free(struct grid *g)
{
	free(g->cells);
	g->cells = NULL;
}

uint32_t utf8_next(const char **text)
{
	const unsigned char *p = (const unsigned char *)*text;
	int more = *p < 0xc0 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : *p < 0xf8 ? 3 : 0;
	uint32_t code = more ? *p & (0x3fu >> more) : *p;

	for (int i = 1; i <= more; i++) {
		if (p[i] >> 6 != 2) {
			more = 0;
			code = *p;
			break;
		}
		code = code << 6 | (p[i] & 0x3f);
	}
	if (*p)
		*text += more + 1;
	return code;
}

/* What this locale cannot show is a question mark; marks that combine are left out. */
static int char_width(uint32_t code, wchar_t *ch)
{
	int width = wcwidth((wchar_t)code);

	*ch = (wchar_t)code;
	if (width >= 0)
		return width;
	*ch = L'?';
	return 1;
}

int text_width(const char *text)
{
	int width = 0;
	uint32_t code;
	wchar_t ch;

	while ((code = utf8_next(&text)))
		width += char_width(code, &ch);
	return width;
}

int text_fits(const char *text, int columns)
{
	const char *p = text, *next = text;
	uint32_t code;
	wchar_t ch;

	while ((code = utf8_next(&next))) {
		columns -= char_width(code, &ch);
		if (columns < 0)
			break;
		p = next;
	}
	return (int)(p - text);
}

static void put(struct grid *g, int x, int y, unsigned int attr, wchar_t ch)
{
	struct cell *c = g->cells + y * g->width + x;

	if (x < 0 || x >= g->width || y < 0 || y >= g->height)
		return;
	if (ch && !c->ch && x > 0)
		c[-1].ch = L' ';	/* half of a wide character is none */
	if (x + 1 < g->width && !c[1].ch)
		c[1].ch = L' ';
	*c = (struct cell){ .ch = ch, .attr = (uint8_t)attr };
}

/* A wide character that does not fit before @end is left out, with all behind it. */
static int put_until(struct grid *g, int x, int y, int end, unsigned int attr, const char *text)
{
	uint32_t code;
	wchar_t ch;

	while ((code = utf8_next(&text))) {
		int width = char_width(code, &ch);

		if (x + width > end)
			break;
		if (width > 0 && x >= 0)
			put(g, x, y, attr, ch);
		if (width > 1 && x >= 0)
			put(g, x + 1, y, attr, 0);
		x += width;
	}
	return x;
}

int grid_text(struct grid *g, int x, int y, unsigned int attr, const char *text)
{
	return put_until(g, x, y, g->width, attr, text);
}

const char *ellipsis(void)
{
	return wcwidth(0x2026) == 1 ? "\xe2\x80\xa6" : "~";
}

const char *vertical_bar(void)
{
	return wcwidth(0x2502) == 1 ? "\xe2\x94\x82" : "|";
}

void grid_field(struct grid *g, int x, int y, int width, bool flush_right, unsigned int attr,
		const char *text)
{
	int needed = text_width(text), end = x + width;

	if (end > g->width)
		end = g->width;
	for (int i = x; i < end; i++)
		put(g, i, y, attr, L' ');
	if (needed <= width) {
		put_until(g, flush_right ? x + width - needed : x, y, end, attr, text);
	} else if (width > 0) {
		x = put_until(g, x, y, end - 1, attr, text);
		put_until(g, x, y, end, attr, ellipsis());
	}
}

void grid_cursor(struct grid *g, int y)
{
	for (int x = 0; y >= 0 && y < g->height && x < g->width; x++)
		g->cells[y * g->width + x].attr |= ATTR_CURSOR;
}

void grid_copy(struct grid *g, int x, int y, const struct grid *from)
{
	for (int j = 0; j < from->height; j++)
		for (int i = 0; i < from->width; i++) {
			const struct cell *c = &from->cells[j * from->width + i];

			put(g, x + i, y + j, c->attr, c->ch);
		}
}

static int line_end(const struct grid *g, int y)
{
	int end = g->width;

	while (end > 0 && g->cells[y * g->width + end - 1].ch == L' ')
		end--;
	return end;
}

void grid_print(FILE *out, const struct grid *g)
{
	char *bytes = xcalloc((size_t)g->width + 1, MB_LEN_MAX);

	for (int y = 0; y < g->height; y++) {
		int end = line_end(g, y);
		mbstate_t state = { 0 };
		char *p = bytes;

		for (int x = 0; x < end; x++) {
			wchar_t ch = g->cells[y * g->width + x].ch;
			size_t n = ch < 0x80 ? ch > 0 : wcrtomb(p, ch, &state);

			if (n == (size_t)-1 || (n && ch < 0x80))
				*p = n == 1 ? (char)ch : '?';
			p += n == (size_t)-1 ? 1 : n;
		}
		*p++ = '\n';
		fwrite(bytes, 1, (size_t)(p - bytes), out);
	}
	free(bytes);
}
