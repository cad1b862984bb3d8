/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes to lines. Most of a log is of no interest: three words are looked for
 * with memmem(), and only lines near them are looked at one by one.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"

#define BUFFER_BYTES ((size_t)1 << 18)	/* fits the second-level cache */
#define FIRST_BYTES ((size_t)1 << 14)
#define MAX_LINE_BYTES ((size_t)65536)
#define LINES_BEFORE 5		/* a trace's header stands before its "Workqueue:" */
#define QP_LINES 200

/*
 * A dump begins with a line that has the first one, unless a log was cut; the
 * last one is of its pools and pwqs, which other lines may have driven far apart.
 */
static const char *const needles[] = { "orkqueue", "Linux version ", " cpus=" };
#define NEEDLES_OUTSIDE 2

struct log_reader {
	struct input in;
	char *buf;
	size_t at, len, room;
	bool end;
	const char *error;
	uint64_t nr;			/* lines before @at */
	uint64_t qp_until;		/* the text is quoted-printable up to this line */
	size_t hit[ARRAY_SIZE(needles)];	/* where each needle is, from @at on */
	bool hit_known[ARRAY_SIZE(needles)];
	char *line;			/* the current line, where it had to be changed */
	size_t line_len, line_room;
};

struct log_reader *reader_open(struct input *in)
{
	struct log_reader *r = xcalloc(1, sizeof(*r));

	r->in = *in;
	r->room = FIRST_BYTES;
	r->buf = xrealloc(NULL, r->room);
	r->line = xgrow(NULL, 0, &r->line_room, 1);
	return r;
}

void reader_close(struct log_reader *r)
{
	input_close(&r->in);
	free(r->line);
	free(r->buf);
	free(r);
}

const char *reader_error(const struct log_reader *r)
{
	return r->error;
}

/* Moves what is left to the front and reads more; false if there is no more. */
static bool refill(struct log_reader *r)
{
	ssize_t n;

	if (r->end)
		return false;
	memmove(r->buf, r->buf + r->at, r->len - r->at);
	r->len -= r->at;
	r->at = 0;
	memset(r->hit_known, 0, sizeof(r->hit_known));
	if (r->room < BUFFER_BYTES && r->room - r->len < r->room / 2) {
		r->room *= 2;
		r->buf = xrealloc(r->buf, r->room);
	}
	n = input_read(&r->in, r->buf + r->len, r->room - r->len);
	if (n < 0)
		r->error = input_error(&r->in);
	r->end = n <= 0;
	r->len += n > 0 ? (size_t)n : 0;
	return !r->end;
}

/* --- skipping --- */

static uint64_t count_lines(const char *p, const char *end)
{
	uint64_t n = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		n++;
		p++;
	}
	return n;
}

/* The beginning of the line that is @lines before the one at @from, not before @at. */
static size_t lines_before(const struct log_reader *r, size_t from, int lines)
{
	while (from > r->at) {
		const char *nl = memrchr(r->buf + r->at, '\n', from - r->at);

		if (!nl)
			return r->at;
		if (!lines--)
			return (size_t)(nl - r->buf) + 1;
		from = (size_t)(nl - r->buf);
	}
	return r->at;
}

static void advance(struct log_reader *r, size_t to)
{
	r->nr += count_lines(r->buf + r->at, r->buf + to);
	r->at = to;
}

/* The first needle from @at on; len if there is none. */
static size_t next_hit(struct log_reader *r, size_t nr_needles)
{
	size_t first = r->len;

	for (size_t i = 0; i < nr_needles; i++) {
		if (!r->hit_known[i] || r->hit[i] < r->at) {
			const char *p = memmem(r->buf + r->at, r->len - r->at, needles[i],
					       strlen(needles[i]));

			r->hit[i] = p ? (size_t)(p - r->buf) : r->len;
			r->hit_known[i] = true;
		}
		if (r->hit[i] < first)
			first = r->hit[i];
	}
	return first;
}

bool reader_skip(struct log_reader *r, bool in_dump)
{
	size_t nr_needles = in_dump ? ARRAY_SIZE(needles) : NEEDLES_OUTSIDE;

	for (;;) {
		size_t hit = next_hit(r, nr_needles), keep;

		if (hit < r->len) {
			advance(r, lines_before(r, hit, LINES_BEFORE));
			return true;
		}
		keep = lines_before(r, r->len, LINES_BEFORE);
		if (keep == r->at && r->len - r->at > BUFFER_BYTES / 2)
			keep = r->len - 64;	/* a line of no end */
		advance(r, keep);
		if (!refill(r)) {
			if (next_hit(r, nr_needles) < r->len)
				continue;
			advance(r, r->len);
			return false;
		}
	}
}

/* --- lines --- */

static void append(struct log_reader *r, const char *text, size_t len)
{
	if (r->line_len + len > MAX_LINE_BYTES)
		len = MAX_LINE_BYTES - r->line_len;
	r->line = xgrow(r->line, r->line_len + len, &r->line_room, 1);
	memcpy(r->line + r->line_len, text, len);
	r->line_len += len;
}

/* The next line as it stands in the log, without its end. */
static bool raw_line(struct log_reader *r, const char **text, size_t *len, bool *unterminated)
{
	const char *nl;

	while (!(nl = memchr(r->buf + r->at, '\n', r->len - r->at)))
		if (r->len - r->at >= BUFFER_BYTES / 2 || !refill(r))
			break;
	if (!nl && r->at == r->len)
		return false;
	*text = r->buf + r->at;
	*len = nl ? (size_t)(nl - *text) : r->len - r->at;
	*unterminated = !nl && r->end;
	r->at += *len + (nl != NULL);
	r->nr++;
	while (*len && (*text)[*len - 1] == '\r')
		--*len;
	while (*len && **text == '\r')
		++*text, --*len;
	if (*len > MAX_LINE_BYTES)
		*len = MAX_LINE_BYTES;
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Adds a quoted-printable line, decoded; true if it goes on in the next one. */
static bool append_qp(struct log_reader *r, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '=' && i + 1 == len)
			return true;
		if (text[i] == '=' && i + 2 < len && hex_digit(text[i + 1]) >= 0 &&
		    hex_digit(text[i + 2]) >= 0) {
			char c = (char)(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2]));

			append(r, &c, 1);
			i += 2;
		} else {
			append(r, text + i, 1);
		}
	}
	return false;
}

/* Without colours (dmesg -L): ESC [ ... m */
static void strip_colours(struct log_reader *r, const char **text, size_t *len)
{
	const char *p = *text, *end = p + *len;

	if (!memchr(p, '\033', *len))
		return;
	r->line_len = 0;
	while (p < end) {
		if (*p == '\033' && p + 1 < end && p[1] == '[') {
			const char *q = p + 2;

			while (q < end && (isdigit((unsigned char)*q) || *q == ';'))
				q++;
			if (q < end && *q == 'm') {
				p = q + 1;
				continue;
			}
		}
		append(r, p++, 1);
	}
	*text = r->line;
	*len = r->line_len;
}

/* "=3D" is an equal sign in quoted-printable, and nothing in a kernel's log. */
static void decode_qp(struct log_reader *r, const char **text, size_t *len, bool *unterminated)
{
	bool more;

	if (memmem(*text, *len, "=3D", 3))
		r->qp_until = r->nr + QP_LINES;
	else if (r->nr > r->qp_until)
		return;
	r->line_len = 0;
	do
		more = append_qp(r, *text, *len);
	while (more && r->line_len < MAX_LINE_BYTES && raw_line(r, text, len, unterminated));
	*text = r->line;
	*len = r->line_len;
}

bool reader_next(struct log_reader *r, struct log_line *line)
{
	const char *text;
	size_t len;
	bool unterminated;
	uint64_t nr;

	if (!raw_line(r, &text, &len, &unterminated))
		return false;
	nr = r->nr;
	decode_qp(r, &text, &len, &unterminated);
	strip_colours(r, &text, &len);
	log_prefix(text, len, line);
	line->nr = nr;
	line->unterminated = unterminated;
	return true;
}
