/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <locale.h>
#include <stdio.h>

#include "../../wqtop/grid.h"
#include "../../wqtop/keys.h"

/* The grid as text, its lines joined by |. */
static const char *shown(const struct grid *g)
{
	static char text[1024];
	FILE *f = fmemopen(text, sizeof(text), "w");

	grid_print(f, g);
	fclose(f);
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = '|';
	return text;
}

static struct grid grid(int width, int height)
{
	struct grid g;

	ck_assert(setlocale(LC_CTYPE, "C.UTF-8"));
	grid_init(&g, width, height);
	return g;
}

TEST(text_is_clipped)
{
	struct grid g = grid(4, 2);

	CHECK_INT(grid_text(&g, 2, 0, ATTR_PLAIN, "abc"), 4);
	grid_text(&g, -1, 1, ATTR_PLAIN, "xyz");
	grid_text(&g, 0, 2, ATTR_PLAIN, "below");
	grid_text(&g, 0, -1, ATTR_PLAIN, "above");
	grid_text(&g, 9, 0, ATTR_PLAIN, "beside");
	CHECK_STR(shown(&g), "  ab|yz|");
	grid_free(&g);
}
END

TEST(wide_characters_take_two_columns)
{
	struct grid g = grid(5, 3);

	CHECK_INT(text_width("a\xe6\xb5\x81" "b"), 4);
	CHECK_INT(grid_text(&g, 0, 0, ATTR_PLAIN, "a\xe6\xb5\x81" "b"), 4);
	grid_text(&g, 2, 1, ATTR_PLAIN, "a\xe6\xb5\x81\xe6\xb5\x81");	/* half of one is none */
	grid_text(&g, 0, 2, ATTR_PLAIN, "\xe6\xb5\x81\xe6\xb5\x81");
	grid_text(&g, 1, 2, ATTR_PLAIN, "xy");		/* over both halves */
	CHECK_STR(shown(&g), "a\xe6\xb5\x81" "b|  a\xe6\xb5\x81| xy|");
	grid_free(&g);
}
END

TEST(marks_that_combine_take_none)
{
	ck_assert(setlocale(LC_CTYPE, "C.UTF-8"));
	CHECK_INT(text_width("e\xcc\x81"), 1);
	CHECK_INT(text_fits("e\xcc\x81x", 1), 3);
}
END

TEST(fields_are_cut_with_an_ellipsis)
{
	struct grid g = grid(6, 5);

	grid_field(&g, 0, 0, 4, false, ATTR_PLAIN, "abcdef");
	grid_field(&g, 0, 1, 6, true, ATTR_PLAIN, "ab");
	grid_field(&g, 4, 2, 9, false, ATTR_PLAIN, "abcdefghijkl");
	grid_field(&g, 0, 3, 0, false, ATTR_PLAIN, "abc");
	grid_field(&g, 0, 4, 4, false, ATTR_PLAIN, "a\xe6\xb5\x81\xe6\xb5\x81");
	CHECK_STR(shown(&g), "abc\xe2\x80\xa6|    ab|    a\xe2\x80\xa6||a\xe6\xb5\x81\xe2\x80\xa6|");
	grid_free(&g);
}
END

TEST(sizes_are_bounded)
{
	struct grid g = grid(-3, 0);

	CHECK_INT(g.width, 1);
	CHECK_INT(g.height, 1);
	grid_text(&g, 0, 0, ATTR_PLAIN, "ab");
	CHECK_STR(shown(&g), "a|");
	grid_free(&g);
}
END

TEST(no_utf8_is_read_as_bytes)
{
	const char *text = "\xc3" "a\xff";

	CHECK_UINT(utf8_next(&text), 0xc3);
	CHECK_UINT(utf8_next(&text), 'a');
	CHECK_UINT(utf8_next(&text), 0xff);
	CHECK_UINT(utf8_next(&text), 0);
	CHECK_UINT(utf8_next(&text), 0);
}
END

TEST(keys_have_names)
{
	const char *text = "j{PgDn}{Ctrl-L}\xc3\xa9{{}{Nonsense}";

	CHECK_UINT(key_next(&text), 'j');
	CHECK_UINT(key_next(&text), CODE_PAGE_DOWN);
	CHECK_UINT(key_next(&text), 'L' & 0x1f);
	CHECK_UINT(key_next(&text), 0xe9);
	CHECK_UINT(key_next(&text), '{');
	CHECK_UINT(key_next(&text), CODE_NONE);
	CHECK_STR(text, "{Nonsense}");
	text = "{";
	CHECK_UINT(key_next(&text), CODE_NONE);
}
END

/* No key does two things, and each name means something. */
TEST(keys_are_unique)
{
	for (const struct key *k = keys; k->names; k++) {
		char list[128], *rest = NULL, braced[32];

		strcpy(list, k->names);
		for (char *name = strtok_r(list, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
			const char *text = braced;

			snprintf(braced, sizeof(braced), "{%s}", name);
			CHECK_INT(key_action(key_next(&text)), k->action);
		}
	}
	CHECK_INT(key_action(CODE_NONE), ACTION_NONE);
	CHECK_INT(key_action('x'), ACTION_NONE);
}
END

TESTS(text_is_clipped, wide_characters_take_two_columns, marks_that_combine_take_none,
      fields_are_cut_with_an_ellipsis, sizes_are_bounded, no_utf8_is_read_as_bytes,
      keys_have_names, keys_are_unique)
