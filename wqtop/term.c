/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "keys.h"

struct term {
	FILE *in;		/* standard input or /dev/tty */
	SCREEN *screen;
	attr_t attrs[NR_ATTRS];
	short pairs[NR_ATTRS];
	sigset_t ours, outside;	/* signals that wake us, and the mask before us */
	struct sigaction old[3];
};

static const int end_signals[] = { SIGINT, SIGTERM, SIGHUP };

static volatile sig_atomic_t asked_to_end;

/*
 * A terminal that is stopped (Ctrl-S) holds us in write(2), which curses goes
 * on with whatever happens: then the alarm ends the program instead.
 */
static void on_end_signal(int sig)
{
	(void)sig;
	asked_to_end = 1;
	alarm(2);
}

/* --- life --- */

static void catch_signals(struct term *t)
{
	struct sigaction sa = { .sa_handler = on_end_signal };

	sigemptyset(&t->ours);
	for (size_t i = 0; i < ARRAY_SIZE(end_signals); i++) {
		sigaddset(&t->ours, end_signals[i]);
		sigaction(end_signals[i], &sa, &t->old[i]);
	}
	sigaddset(&t->ours, SIGWINCH);
	sigaddset(&t->ours, SIGTSTP);
}

static void release_signals(struct term *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(end_signals); i++)
		sigaction(end_signals[i], &t->old[i], NULL);
	alarm(0);
}

static void set_attrs(struct term *t, bool color)
{
	static const struct {
		attr_t attrs;
		short color;
	} look[NR_ATTRS] = {
		[ATTR_PLAIN] = { A_NORMAL, -1 },
		[ATTR_DIM] = { A_DIM, -1 },
		[ATTR_BOLD] = { A_BOLD, -1 },
		[ATTR_HEADING] = { A_REVERSE, -1 },
		[ATTR_CHOSEN] = { A_BOLD, COLOR_CYAN },
		[ATTR_NOTICE] = { A_BOLD, COLOR_YELLOW },
		[ATTR_ALARM] = { A_BOLD, COLOR_RED },
	};

	color = color && has_colors();
	if (color) {
		start_color();
		use_default_colors();
	}
	for (int i = 0; i < NR_ATTRS; i++) {
		t->attrs[i] = look[i].attrs;
		if (!color || look[i].color < 0)
			continue;
		t->pairs[i] = (short)i;
		init_pair((short)i, look[i].color, -1);
	}
}

/* curses moves the cursor: "dumb" cannot. */
static bool can_move(void)
{
	const char *cup = tigetstr("cup");

	return cup && cup != (const char *)-1;
}

static int start_curses(struct term *t, struct error *err)
{
	const char *name = getenv("TERM");

	t->screen = newterm(NULL, stdout, t->in);
	if (!t->screen)
		return error_set(err, "terminal type \"%s\" is unknown: set TERM, or use -b for "
				 "plain text", name ? name : "");
	if (can_move())
		return 0;
	endwin();
	return error_set(err, "terminal type \"%s\" cannot place its cursor: set TERM, or use -b "
			 "for plain text", name ? name : "");
}

struct term *term_open(bool color, struct error *err)
{
	struct term *t = xcalloc(1, sizeof(*t));

	t->in = isatty(STDIN_FILENO) ? stdin : fopen("/dev/tty", "re");
	if (!t->in) {
		error_set(err, "cannot read keys: standard input is no terminal, and /dev/tty: %s",
			  strerror(errno));
		free(t);
		return NULL;
	}
	sigprocmask(SIG_SETMASK, NULL, &t->outside);
	catch_signals(t);
	if (start_curses(t, err)) {
		release_signals(t);
		if (t->in != stdin)
			fclose(t->in);
		free(t);
		return NULL;
	}
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(50);
	set_attrs(t, color);
	return t;
}

void term_close(struct term *t)
{
	endwin();
	delscreen(t->screen);
	release_signals(t);
	if (t->in != stdin)
		fclose(t->in);
	free(t);
}

void term_size(const struct term *t, int *width, int *height)
{
	(void)t;
	getmaxyx(stdscr, *height, *width);
}

/* --- drawing --- */

static void set_attr(const struct term *t, uint8_t attr)
{
	unsigned int look = attr & ~ATTR_CURSOR;
	attr_t attrs = t->attrs[look];

	if (attr & ATTR_CURSOR)		/* dim on reverse is hard to read */
		attrs = (attrs & ~A_DIM) ^ A_REVERSE;
	attr_set(attrs, t->pairs[look], NULL);
}

/* Cells of one look from @x on, as one string; returns the cell behind them. */
static int draw_run(const struct term *t, const struct grid *g, int y, int x)
{
	const struct cell *line = g->cells + y * g->width;
	uint8_t attr = line[x].attr;
	wchar_t text[256];
	int n = 0;

	while (x < g->width && line[x].attr == attr && n < (int)ARRAY_SIZE(text)) {
		if (line[x].ch)
			text[n++] = line[x].ch;
		x++;
	}
	set_attr(t, attr);
	addnwstr(text, n);
	return x;
}

void term_draw(struct term *t, const struct grid *g, bool anew)
{
	erase();
	for (int y = 0; y < g->height; y++) {
		move(y, 0);
		for (int x = 0; x < g->width; )
			x = draw_run(t, g, y, x);
	}
	if (anew)
		clearok(stdscr, TRUE);
	refresh();
}

/* --- keys --- */

static uint32_t translate(wint_t ch, bool special)
{
	if (!special)
		return ch == '\n' ? CODE_ENTER : (uint32_t)ch;
	switch (ch) {
	case KEY_RESIZE: return CODE_RESIZE;
	case KEY_DOWN: return CODE_DOWN;
	case KEY_UP: return CODE_UP;
	case KEY_LEFT: return CODE_LEFT;
	case KEY_RIGHT: return CODE_RIGHT;
	case KEY_NPAGE: return CODE_PAGE_DOWN;
	case KEY_PPAGE: return CODE_PAGE_UP;
	case KEY_HOME: return CODE_HOME;
	case KEY_END: return CODE_END;
	case KEY_BTAB: return CODE_SHIFT_TAB;
	case KEY_BACKSPACE: return CODE_BACKSPACE;
	case KEY_ENTER: return CODE_ENTER;
	case KEY_F(1): return CODE_F1;
	case KEY_F(10): return CODE_F10;
	default: return CODE_NONE;
	}
}

/* What curses has at once: a key (true), also one that we do not know. */
static bool take_key(uint32_t *code)
{
	wint_t ch;
	int rc = get_wch(&ch);

	if (rc == ERR)
		return false;
	*code = translate(ch, rc == KEY_CODE_YES);
	return true;
}

/* A terminal that was closed is readable for ever, and gives nothing. */
static bool is_gone(int fd, short revents)
{
	int n = 0;

	if (revents & (POLLERR | POLLHUP | POLLNVAL))
		return true;
	return revents & POLLIN && (ioctl(fd, FIONREAD, &n) || !n);
}

/*
 * Waits for input, a signal or the deadline. Signals come in only here, so
 * that none is lost between looking and waiting.
 */
static bool wait_input(struct term *t, uint64_t deadline)
{
	struct pollfd pfd = { .fd = fileno(t->in), .events = POLLIN };
	uint64_t now = mono_ns(), left = deadline > now ? deadline - now : 0;
	struct timespec ts = { .tv_sec = (time_t)(left / NSEC_PER_SEC),
			       .tv_nsec = (long)(left % NSEC_PER_SEC) };
	int n = 0;

	sigprocmask(SIG_BLOCK, &t->ours, NULL);
	if (!asked_to_end)
		n = ppoll(&pfd, 1, &ts, &t->outside);
	sigprocmask(SIG_SETMASK, &t->outside, NULL);
	return asked_to_end || (n > 0 && is_gone(pfd.fd, pfd.revents));
}

uint32_t term_key(struct term *t, uint64_t deadline)
{
	uint32_t code;

	for (;;) {
		if (asked_to_end)
			return CODE_GONE;
		if (take_key(&code)) {
			if (code != CODE_NONE)
				return code;
			continue;
		}
		if (mono_ns() >= deadline)
			return CODE_NONE;
		if (wait_input(t, deadline))
			return CODE_GONE;
	}
}
