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

/* An age that is not known is shown as its lower bound, which is the field behind it. */
static struct value value_or_bound(const struct view *v, int column, const void *row)
{
	int field = v->columns[column], next = field + 1;
	const struct row_type *t = &row_types[v->kind];
	struct value value = field_value(v->kind, field, row);

	if (!value.known && value.unit == UNIT_NSEC && next < t->nr_fields &&
	    t->fields[next].unit == UNIT_NSEC_MIN)
		return field_value(v->kind, next, row);
	return value;
}

static const char *cell_text(const struct view *v, int column, const void *row, char *text,
			     size_t size)
{
	struct value value = value_or_bound(v, column, row);

	value_text(&value, text, size);
	return text;
}

static const struct field *field_of(const struct view *v, int column)
{
	return &row_types[v->kind].fields[v->columns[column]];
}

/*
 * The width of a column: what its cells need, at least its heading, and for
 * numbers at least the width of the table of fields, which keeps them in place
 * from one picture to the next.
 */
static int column_width(const struct view *v, int column, const void **rows, size_t nr)
{
	const struct field *f = field_of(v, column);
	int width = text_width(f->heading);
	char text[1024];

	if (f->width > width)
		width = f->width;
	for (size_t i = 0; i < nr; i++) {
		int needs = text_width(cell_text(v, column, rows[i], text, sizeof(text)));

		width = needs > width ? needs : width;
	}
	return f->width > 0 ? width : -width;
}

/* The frames of the row's call trace, one a line */
static void put_stack(FILE *out, const struct view *v, const void *row)
{
	const struct row_type *t = &row_types[v->kind];

	for (int i = 0; i < t->nr_fields; i++) {
		struct value value;

		if (t->fields[i].unit != UNIT_STACK)
			continue;
		value = field_value(v->kind, i, row);
		for (const char *p = value.known ? value.s : ""; *p; ) {
			int n = (int)strcspn(p, "\n");

			fprintf(out, "    %.*s\n", n, p);
			p += n + (p[n] == '\n');
		}
	}
}

void out_text(FILE *out, const struct view *v, const struct filters *f, const struct snapshot *s,
	      bool heading)
{
	size_t nr;
	const void **rows = view_rows(v, f, s, &nr);
	int widths[MAX_COLUMNS];
	char text[1024];

	for (int i = 0; i < v->nr_columns; i++)
		widths[i] = column_width(v, i, rows, nr);
	for (int i = 0; heading && i < v->nr_columns; i++)
		put_cell(out, field_of(v, i)->heading, widths[i], i + 1 == v->nr_columns);
	if (heading)
		fputc('\n', out);
	for (size_t row = 0; row < nr; row++) {
		for (int i = 0; i < v->nr_columns; i++)
			put_cell(out, cell_text(v, i, rows[row], text, sizeof(text)), widths[i],
				 i + 1 == v->nr_columns);
		fputc('\n', out);
		if (v->stacks)
			put_stack(out, v, rows[row]);
	}
	free(rows);
}
