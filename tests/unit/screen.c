/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any screen, any keys, any picture: nothing breaks. Screens as such are in tests/tui. */
#include "test.h"

#include <locale.h>
#include <stdio.h>

#include "../../wqtop/screen.h"
#include "../../wqtop/state.h"

static const char *const files[] = { "busy.json", "stream.json", "two-pools.json", "scene.json",
				     "functions.json", "none.json" };

struct play {
	struct options o;
	struct state st;
	char path[256];
};

static void play(struct play *p, const char *file)
{
	struct error err;

	ck_assert(setlocale(LC_CTYPE, "C.UTF-8"));
	snprintf(p->path, sizeof(p->path), "%s/tests/data/%s", WQKIT_TOP, file);
	p->o = (struct options){ .source.file = p->path, .delay_ns = NSEC_PER_SEC };
	if (state_init(&p->st, &p->o, &err))
		ck_abort_msg("%s", err.text);
}

static void stop(struct play *p)
{
	state_free(&p->st);
}

static void draw(struct play *p, int width, int height)
{
	struct grid g;
	int nr_wrong = 0;

	grid_init(&g, width, height);
	screen_draw(&p->st, &g);
	for (int i = 0; i < g.width * g.height; i++)
		nr_wrong += (g.cells[i].attr & ~ATTR_CURSOR) >= NR_ATTRS;
	grid_free(&g);
	if (nr_wrong)	/* each check costs a system call */
		ck_abort_msg("%dx%d: %d cells of no look", width, height, nr_wrong);
}

static void each_screen(struct play *p, int width, int height)
{
	for (const char *k = "123456?x/abc\033"; *k; k++) {
		state_key(&p->st, (uint32_t)*k);
		draw(p, width, height);
	}
}

TEST(every_view_fits_every_size)
{
	for (size_t f = 0; f < ARRAY_SIZE(files); f++) {
		struct play p;

		play(&p, files[f]);
		for (int width = 1; width <= 300; width += width < 90 ? 1 : 70)
			for (int height = 1; height <= 50; height += height < 8 ? 1 : 21)
				each_screen(&p, width, height);
		stop(&p);
	}
}
END

TEST(any_keys_in_any_order)
{
	static const char chars[] = "123456jkgG<>r/Z de?hxxev*pool=\t\r\033\177\002\006\014\025";
	unsigned int seed = 20260301;	/* fixed: the same keys each time */

	for (size_t f = 0; f < ARRAY_SIZE(files); f++) {
		struct play p;

		play(&p, files[f]);
		for (int i = 0; i < 2000; i++) {
			uint32_t code = (uint32_t)rand_r(&seed);

			if (code & 1)
				code = (unsigned char)chars[(code >> 1) % (sizeof(chars) - 1)];
			else if (code & 2)
				code = CODE_SPECIAL + (code >> 2) % 20;
			else
				code = (code >> 2) % 0x110000;
			state_key(&p.st, code);
			if (p.st.view >= NR_VIEWS)
				ck_abort_msg("key %#x leads to no view", code);
			if (i % 3 == 0)
				draw(&p, 1 + i % 131, 1 + i % 37);
		}
		stop(&p);
	}
}
END

static bool shows(struct play *p, int width, int height, const char *text)
{
	char *screen;
	size_t size;
	FILE *f = open_memstream(&screen, &size);
	struct grid g;
	bool found;

	grid_init(&g, width, height);
	screen_draw(&p->st, &g);
	grid_print(f, &g);
	grid_free(&g);
	fclose(f);
	found = strstr(screen, text);
	free(screen);
	return found;
}

/* A source's reason for what is unknown: whole, or not at all. */
TEST(why_is_told_where_there_is_room)
{
	struct play p;

	play(&p, "busy.json");
	picture(focused(&p.st))->hint = "function names need CAP_SYSLOG or something that takes two lines";
	CHECK(shows(&p, 80, 24, "\nfunction names need CAP_SYSLOG or something that takes two lines\n?"));
	CHECK(shows(&p, 40, 24, "CAP_SYSLOG or\nsomething that takes two lines\n?"));
	CHECK(!shows(&p, 40, 6, "CAP_SYSLOG"));
	stop(&p);
}
END

/* What is chosen stays chosen when rows come and go. */
TEST(the_cursor_stays_among_the_rows)
{
	struct play p;

	play(&p, "busy.json");
	state_key(&p.st, '1');
	state_key(&p.st, 'G');
	draw(&p, 80, 24);
	CHECK_UINT(spot_of(&p.st)->cursor, 18);
	for (const char *k = "/dm*\r"; *k; k++)
		state_key(&p.st, (uint32_t)*k);
	draw(&p, 80, 24);
	CHECK_UINT(spot_of(&p.st)->cursor, 2);
	stop(&p);
}
END

TESTS(every_view_fits_every_size, any_keys_in_any_order,
      why_is_told_where_there_is_room, the_cursor_stays_among_the_rows)
