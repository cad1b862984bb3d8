/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Columns that valid, printable UTF-8 takes on a screen. */
static int text_width(const char *s)
{
	wchar_t wc;
	mbstate_t state = { 0 };
	int width = 0;
	size_t n;

	while (*s) {
		n = mbrtowc(&wc, s, MB_CUR_MAX, &state);
		if (n == (size_t)-1 || n == (size_t)-2)
			return width + (int)strlen(s);	/* not a UTF-8 locale */
		width += wcwidth(wc) > 0 ? wcwidth(wc) : 0;
		s += n;
	}
	return width;
}

static void put_cell(FILE *out, const char *text, int width, bool last)
{
	int pad = (width < 0 ? -width : width) - text_width(text);

	if (width > 0)
		fprintf(out, "%*s", pad > 0 ? pad : 0, "");
	fputs(text, out);
	if (last)
		return;
	if (width < 0)
		fprintf(out, "%*s", pad > 0 ? pad : 0, "");
	fputc(' ', out);
}

static void put_heading(FILE *out, const struct view *v)
{
	for (int i = 0; i < v->nr_columns; i++) {
		const struct field *f = &row_types[v->kind].fields[v->columns[i]];

		put_cell(out, f->heading, f->width, i + 1 == v->nr_columns);
	}
	fputc('\n', out);
}

static void put_row(FILE *out, const struct view *v, const void *row)
{
	char text[1024];

	for (int i = 0; i < v->nr_columns; i++) {
		const struct field *f = &row_types[v->kind].fields[v->columns[i]];
		struct value value = field_value(v->kind, v->columns[i], row);

		value_text(&value, text, sizeof(text));
		put_cell(out, text, f->width, i + 1 == v->nr_columns);
	}
	fputc('\n', out);
}

void out_text(FILE *out, const struct view *v, const struct filters *f, const struct snapshot *s,
	      bool heading)
{
	size_t nr;
	const void **rows = view_rows(v, f, s, &nr);

	if (heading)
		put_heading(out, v);
	for (size_t i = 0; i < nr; i++)
		put_row(out, v, rows[i]);
	free(rows);
}
