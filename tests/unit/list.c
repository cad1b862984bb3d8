/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a long table only what is to be seen is sorted: it must look as if all were. */
#include "test.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../wqtop/views.h"

#define NR 3000
#define LINES 21		/* headings and 20 rows */

/* Ages in some order, or (@what 0) growing, (1) falling, (2) all the same. */
static void fill(struct snapshot *s, int what)
{
	unsigned int seed = 20261125;

	snapshot_init(s);
	s->table[ROW_WORK].present = true;
	for (uint64_t i = 0; i < NR; i++) {
		struct work *w = snapshot_add(s, ROW_WORK);

		w->address = 0x1000 + i;
		w->state = WORK_PENDING;
		w->age_ns = what == 0 ? i : what == 1 ? NR - i : what == 2 ? 7
			  : (uint64_t)rand_r(&seed) % 1000;
		w->age_ns *= 1000;
		know(&w->has, WORK_ADDRESS);
		know(&w->has, WORK_STATE);
		if (what < 3 || i % 5)
			know(&w->has, WORK_AGE);
	}
}

/* The screen with the cursor at @cursor, as text. */
static char *shown(struct list *list, size_t cursor)
{
	struct spot spot = { .cursor = cursor };
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct grid g;

	list->spot = &spot;
	grid_init(&g, 80, LINES);
	list_draw(list, &g, (struct place){ .end = LINES, .heading = true });
	grid_print(f, &g);
	grid_free(&g);
	fclose(f);
	return text;
}

static int count_wrong(const struct snapshot *s, const char *sort, bool reverse)
{
	struct filters none = { .nr = 0 };
	struct list part, whole;
	struct table t;
	struct error err;
	int nr_wrong = 0;

	table_init(&t, VIEW_WORKS);
	if (table_columns(&t, "address,age_ns", &err) || (sort && table_sort(&t, sort, &err)))
		ck_abort_msg("%s", err.text);
	t.reverse = reverse;
	list_init(&whole, &t, NULL, &none, s);
	list_sort(&whole);
	for (size_t cursor = 0; cursor < NR; cursor += cursor < 100 ? 13 : 331) {
		char *a, *b;

		list_init(&part, &t, NULL, &none, s);
		a = shown(&part, cursor);
		b = shown(&whole, cursor);
		nr_wrong += strcmp(a, b) != 0;
		free(a);
		free(b);
		list_free(&part);
	}
	list_free(&whole);
	return nr_wrong;
}

TEST(what_is_shown_is_in_order)
{
	ck_assert(setlocale(LC_CTYPE, "C.UTF-8"));
	for (int what = 0; what < 4; what++) {
		struct snapshot s;

		fill(&s, what);
		CHECK_INT(count_wrong(&s, NULL, false), 0);
		CHECK_INT(count_wrong(&s, "age_ns", false), 0);
		CHECK_INT(count_wrong(&s, "address", true), 0);
		snapshot_free(&s);
	}
}
END

TESTS(what_is_shown_is_in_order)
