/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "../../wqtop/panes.h"

TEST(two_are_side_by_side_where_both_can_be_read)
{
	struct panes wide = panes_lay_out(121, 30, 2, 0), narrow = panes_lay_out(120, 30, 2, 0);
	struct rect r = panes_rect(&wide, 1);

	CHECK_UINT(wide.columns, 2);
	CHECK_INT(r.x, 61);
	CHECK_INT(r.width, 60);
	CHECK_INT(r.height, 30);
	CHECK_UINT(narrow.columns, 1);
	r = panes_rect(&narrow, 1);
	CHECK_INT(r.y, 15);
	CHECK_INT(r.width, 120);
}
END

TEST(the_last_line_is_shared_by_those_on_it)
{
	struct panes p = panes_lay_out(190, 20, 5, 0);
	struct rect r = panes_rect(&p, 3);

	CHECK_UINT(p.columns, 3);
	CHECK_UINT(p.lines, 2);
	CHECK_INT(r.y, 10);
	CHECK_INT(r.width, 94);
}
END

static int covered(const struct panes *p, int width, int height)
{
	int cells = 0;

	for (size_t i = 0; i < p->shown; i++) {
		struct rect r = panes_rect(p, i);

		if (r.x < 0 || r.y < 0 || r.width < 1 || r.height < 1 || r.x + r.width > width ||
		    r.y + r.height > height)
			return -1;
		cells += (r.width + (r.x > 0)) * r.height;	/* and the bar before it */
	}
	return cells;
}

/* Whatever the size: the focus is shown, and panes fill the area without a gap. */
TEST(every_area_is_filled)
{
	int nr_wrong = 0;

	for (int width = 1; width <= 400; width += 7)
		for (int height = 1; height <= 60; height++)
			for (size_t nr = 1; nr <= 12; nr++)
				for (size_t focus = 0; focus < nr; focus++) {
					struct panes p = panes_lay_out(width, height, nr, focus);

					nr_wrong += focus < p.first || focus >= p.first + p.shown ||
						    p.first + p.shown > nr ||
						    covered(&p, width, height) != width * height;
				}
	CHECK_INT(nr_wrong, 0);
}
END

TESTS(two_are_side_by_side_where_both_can_be_read, the_last_line_is_shared_by_those_on_it,
      every_area_is_filled)
