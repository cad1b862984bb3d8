/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three loops: on a terminal, as plain text, and headless for tests. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "screen.h"
#include "state.h"
#include "term.h"

/* --- what we cost ourselves --- */

struct cost {
	uint64_t cpu_ns, mono_ns;
};

static uint64_t timeval_ns(struct timeval tv)
{
	return (uint64_t)tv.tv_sec * NSEC_PER_SEC + (uint64_t)tv.tv_usec * 1000;
}

static struct cost cost_now(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (struct cost){ timeval_ns(ru.ru_utime) + timeval_ns(ru.ru_stime), mono_ns() };
}

/* Since the last time, if that is long enough ago to tell. */
static void update_cost(struct state *st, struct cost *last)
{
	struct cost now = cost_now();

	if (now.mono_ns - last->mono_ns < NSEC_PER_SEC / 5)
		return;
	st->own_cpu = 100.0 * (double)(now.cpu_ns - last->cpu_ns) /
		      (double)(now.mono_ns - last->mono_ns);
	*last = now;
}

/* --- on a terminal --- */

static bool color_wanted(void)
{
	const char *no_color = getenv("NO_COLOR");

	return !no_color || !*no_color;
}

static void show(struct state *st, struct term *t, bool anew)
{
	struct grid g;
	int width, height;

	term_size(t, &width, &height);
	grid_init(&g, width, height);
	screen_draw(st, &g);
	term_draw(t, &g, anew || st->redraw);
	st->redraw = false;
	grid_free(&g);
}

/* The second picture comes soon, for the rates; then one each delay. */
static uint64_t first_deadline(const struct state *st)
{
	uint64_t soon = NSEC_PER_SEC / 3;

	return mono_ns() + (st->o->source.file || st->delay_ns < soon ? st->delay_ns : soon);
}

static void loop(struct state *st, struct term *t)
{
	struct cost last = cost_now();
	uint64_t next = first_deadline(st), shown = 1;

	while (!st->quit) {
		uint64_t delay = st->delay_ns;
		uint32_t code;

		show(st, t, false);
		code = term_key(t, next);
		if (code == CODE_GONE)
			return;
		if (code == CODE_NONE) {
			if (st->o->count && shown++ >= st->o->count)
				return;
			state_tick(st);
			update_cost(st, &last);
			next += st->delay_ns;
			if (next < mono_ns())	/* we were stopped, or are late */
				next = mono_ns() + st->delay_ns;
		} else if (code != CODE_RESIZE) {
			state_key(st, code);
			if (st->delay_ns != delay)
				next = mono_ns() + st->delay_ns;
		}
	}
}

static int with_state(const struct options *o, int (*run)(struct state *st))
{
	struct error err;
	struct state st;
	int status;

	if (state_init(&st, o, &err))
		return failed(&err);
	status = run(&st);
	state_free(&st);
	return status;
}

/*
 * What libbpf explains would be written over the screen, if both are terminals: it is kept until
 * the end. Returns the real standard error, or -1 if it stays.
 */
static int stderr_aside(void)
{
	int real, kept;

	if (!isatty(STDERR_FILENO))
		return -1;
	kept = memfd_create("wqtop-stderr", MFD_CLOEXEC);
	if (kept < 0)
		return -1;
	real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (real >= 0)
		dup2(kept, STDERR_FILENO);
	close(kept);
	return real;
}

static void stderr_back(int real)
{
	char text[4096];
	off_t at = 0;
	ssize_t n;
	int kept;

	if (real < 0)
		return;
	kept = dup(STDERR_FILENO);
	dup2(real, STDERR_FILENO);
	while (kept >= 0 && (n = pread(kept, text, sizeof(text), at)) > 0) {
		fwrite(text, 1, (size_t)n, stderr);
		at += n;
	}
	close(kept);
	close(real);
}

static int terminal(struct state *st)
{
	struct error err;
	struct term *t = term_open(color_wanted(), &err);
	int real;

	if (!t)
		return failed(&err);
	real = st->o->source.verbose ? stderr_aside() : -1;
	loop(st, t);
	term_close(t);
	stderr_back(real);
	return EXIT_DONE;
}

int run_terminal(const struct options *o)
{
	return with_state(o, terminal);
}

/* --- as plain text --- */

static void wait_until(uint64_t next)
{
	struct timespec ts = { .tv_sec = (time_t)(next / NSEC_PER_SEC),
			       .tv_nsec = (long)(next % NSEC_PER_SEC) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

/* What could not be opened is said; the exit status tells of it at the end. */
static int say_troubles(struct state *st)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < st->nr_targets; i++)
		if (st->targets[i].trouble.text[0])
			status = failed(&st->targets[i].trouble);
	return status;
}

/* A new picture of each; one that has none any more is said to be so, once. Returns as failed(). */
static int refresh_all(struct state *st, bool *any)
{
	int status = EXIT_DONE;

	*any = false;
	for (size_t i = 0; i < st->nr_targets; i++) {
		struct target *t = &st->targets[i];
		int rc = t->trouble.text[0] ? 1 : target_refresh(t);

		if (rc < 0)
			status = failed(&t->trouble);
		*any |= !rc;
	}
	return status;
}

static int print_all(struct state *st, bool first)
{
	for (size_t i = 0; i < st->nr_targets; i++) {
		struct target *t = &st->targets[i];

		if (t->trouble.text[0])
			continue;
		if (!first)
			putchar('\n');
		first = false;
		screen_print(st, t, stdout);
		if (flushed())
			return EXIT_FAILED;
	}
	return EXIT_DONE;
}

/* Rates need two pictures: of a live source the first one is not shown. */
static int batch(struct state *st)
{
	bool live = !st->o->source.file, any = true;
	uint64_t next = mono_ns(), shown = 0;
	struct cost last = cost_now();
	int status = say_troubles(st);

	for (;;) {
		if (live) {
			wait_until(next += st->delay_ns);
			status |= refresh_all(st, &any);
			update_cost(st, &last);
		}
		if (!any)
			return status;
		if (print_all(st, !shown++))
			return EXIT_FAILED;
		if (st->o->count && shown >= st->o->count)
			return status;
		if (!live)
			status |= refresh_all(st, &any);
	}
}

int run_batch(const struct options *o)
{
	return with_state(o, batch);
}

/* --- headless --- */

static void draw_headless(struct state *st, struct grid *g)
{
	grid_init(g, st->o->width, st->o->height);
	screen_draw(st, g);
}

/* Each key acts on a drawn screen, as on a terminal. */
static int headless(struct state *st)
{
	const char *keys_left = st->o->keys ? st->o->keys : "";
	struct grid g;
	uint32_t code;

	draw_headless(st, &g);
	while (!st->quit && (code = key_next(&keys_left)) != CODE_NONE) {
		state_key(st, code);
		grid_free(&g);
		draw_headless(st, &g);
	}
	grid_print(stdout, &g);
	grid_free(&g);
	return flushed();
}

int run_headless(const struct options *o)
{
	return with_state(o, headless);
}
