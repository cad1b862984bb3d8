/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands before the kernel's text in a line. A prefix is made of parts
 * (quote marks, a level, stamps, a host, a caller), each of which may be
 * missing; they are taken off one by one, in any order.
 */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "log.h"

#define MAX_PARTS 12

struct cursor {
	const char *p, *end;
	struct log_line *line;
};

static bool is_at(const struct cursor *c, const char *word)
{
	return log_starts(c->p, (size_t)(c->end - c->p), word);
}

static bool take(struct cursor *c, const char *word)
{
	if (!is_at(c, word))
		return false;
	c->p += strlen(word);
	return true;
}

static bool take_char(struct cursor *c, const char *set)
{
	if (c->p == c->end || !*c->p || !strchr(set, *c->p))
		return false;
	c->p++;
	return true;
}

static void skip_blanks(struct cursor *c)
{
	while (take_char(c, " \t"))
		;
}

/* Exactly @min to @max digits. */
static bool take_digits(struct cursor *c, int min, int max, uint64_t *value)
{
	int n = 0;

	*value = 0;
	while (n < max && c->p + n < c->end && isdigit((unsigned char)c->p[n]))
		*value = *value * 10 + (uint64_t)(c->p[n++] - '0');
	c->p += n;
	return n >= min && !(c->p < c->end && isdigit((unsigned char)*c->p));
}

/* Digits behind a point, in nanoseconds. */
static uint64_t take_fraction(struct cursor *c)
{
	uint64_t ns = 0, unit = NSEC_PER_SEC / 10;

	while (c->p < c->end && isdigit((unsigned char)*c->p)) {
		ns += (uint64_t)(*c->p++ - '0') * unit;
		unit /= 10;
	}
	return ns;
}

static void set_stamp(struct cursor *c, const char *start)
{
	if (c->line->stamp)
		return;		/* the outermost one is what people look for */
	c->line->stamp = start;
	c->line->stamp_len = (size_t)(c->p - start);
}

static void set_mono(struct cursor *c, uint64_t ns)
{
	if (!c->line->has_mono)
		c->line->mono_ns = ns;
	c->line->has_mono = true;
}

static void set_real(struct cursor *c, int64_t sec, uint64_t ns)
{
	int64_t limit = INT64_MAX / (int64_t)NSEC_PER_SEC;

	if (!c->line->real_ns && sec > 0 && sec < limit)
		c->line->real_ns = sec * (int64_t)NSEC_PER_SEC + (int64_t)ns;
}

/* --- parts of dates --- */

static int take_month(struct cursor *c)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (c->end - c->p > 3 && !strncmp(c->p, months + 3 * i, 3)) {
			c->p += 3;
			return i;
		}
	return -1;
}

static bool take_weekday(struct cursor *c)
{
	static const char days[] = "SunMonTueWedThuFriSat";

	for (int i = 0; i < 7; i++)
		if (c->end - c->p > 4 && !strncmp(c->p, days + 3 * i, 3) && c->p[3] == ' ') {
			c->p += 3;
			skip_blanks(c);
			return true;
		}
	return false;
}

/* HH:MM:SS and perhaps a fraction */
static bool take_clock(struct cursor *c, struct tm *tm, uint64_t *ns)
{
	uint64_t h, m, s;

	*ns = 0;
	if (!take_digits(c, 2, 2, &h) || !take(c, ":") || !take_digits(c, 2, 2, &m) ||
	    !take(c, ":") || !take_digits(c, 2, 2, &s))
		return false;
	tm->tm_hour = (int)h;
	tm->tm_min = (int)m;
	tm->tm_sec = (int)s;
	if (take_char(c, ".,"))
		*ns = take_fraction(c);
	return true;
}

/* YYYY-MM-DD */
static bool take_day(struct cursor *c, struct tm *tm)
{
	uint64_t y, m, d;

	if (!take_digits(c, 4, 4, &y) || !take(c, "-") || !take_digits(c, 2, 2, &m) ||
	    !take(c, "-") || !take_digits(c, 2, 2, &d))
		return false;
	tm->tm_year = (int)y - 1900;
	tm->tm_mon = (int)m - 1;
	tm->tm_mday = (int)d;
	return y >= 1970;
}

/* Z, UTC, +01:00 or +0100; without one the moment stays unknown. */
static bool take_zone(struct cursor *c, int64_t *offset)
{
	uint64_t h, m = 0;
	int64_t sign = is_at(c, "-") ? -1 : 1;
	const char *start = c->p;

	*offset = 0;
	if (take(c, "Z") || take(c, " UTC") || take(c, " GMT"))
		return true;
	if (!take_char(c, "+-"))
		return false;
	if (take_digits(c, 4, 4, &h)) {
		m = h % 100;
		h /= 100;
	} else {
		c->p = start + 1;
		if (!take_digits(c, 2, 2, &h) || !take(c, ":") || !take_digits(c, 2, 2, &m)) {
			c->p = start;
			return false;
		}
	}
	*offset = sign * (int64_t)(h * 3600 + m * 60);
	return true;
}

/* Another zone's name, which we do not know: " CET" */
static void skip_zone_name(struct cursor *c)
{
	const char *p = c->p;

	if (p < c->end && *p == ' ')
		p++;
	while (p < c->end && isupper((unsigned char)*p))
		p++;
	if (p - c->p >= 3 && p - c->p <= 6 && p < c->end && *p == ' ')
		c->p = p;
}

/* --- parts that stand by themselves --- */

/* kernel: or kernel[0]: */
static bool take_tag(struct cursor *c)
{
	const char *start = c->p;
	uint64_t n;

	if (take(c, "kernel") && (take(c, ":") || (take(c, "[") && take_digits(c, 1, 9, &n) &&
						    take(c, "]:")))) {
		if (c->p == c->end || *c->p == ' ')
			return true;
	}
	c->p = start;
	return false;
}

static bool take_token(struct cursor *c, const char **token, size_t *len)
{
	*token = c->p;
	while (c->p < c->end && *c->p != ' ')
		c->p++;
	*len = (size_t)(c->p - *token);
	skip_blanks(c);
	return *len;
}

/* "HOST kernel:", "HOST kern.info kernel:"; with @any a host alone, too. */
static void take_host(struct cursor *c, bool any)
{
	const char *start, *host, *word;
	size_t host_len, len;

	skip_blanks(c);
	start = c->p;
	if (is_at(c, "[") || is_at(c, "workqueue ") || take_tag(c) || !take_token(c, &host, &host_len))
		return;
	word = c->p;
	if (!take_tag(c) && !(take_token(c, &word, &len) && memchr(word, '.', len) && take_tag(c))) {
		c->p = any ? host + host_len : start;
		if (!any)
			return;
	}
	c->line->host = host;
	c->line->host_len = host_len;
}

static bool take_level(struct cursor *c)
{
	uint64_t n;

	return take(c, "<") && take_digits(c, 1, 3, &n) && take(c, ">");
}

/* kern  :info  : (dmesg -x) */
static bool take_facility(struct cursor *c)
{
	static const char *const levels[] = { "emerg", "alert", "crit", "err", "warn", "notice",
					      "info", "debug" };
	const char *start = c->p;

	while (c->p < c->end && (islower((unsigned char)*c->p) || isdigit((unsigned char)*c->p)))
		c->p++;
	if (c->p == start || c->p - start > 8)
		return false;
	skip_blanks(c);
	if (!take(c, ":"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (take(c, levels[i])) {
			skip_blanks(c);
			return take(c, ":");
		}
	return false;
}

/* Nov 25 09:31:03 host kernel: */
static bool take_syslog(struct cursor *c)
{
	const char *start = c->p;
	struct tm tm = { 0 };
	uint64_t day, ns;

	if (take_month(c) < 0 || !take(c, " "))
		return false;
	skip_blanks(c);
	if (!take_digits(c, 1, 2, &day) || !take(c, " ") || !take_clock(c, &tm, &ns))
		return false;
	set_stamp(c, start);
	take_host(c, true);
	return true;
}

/* 2026-11-25T09:31:03.5+00:00, [Tue ]2026-11-25 09:31:03 UTC, each perhaps with a host */
static bool take_iso(struct cursor *c)
{
	const char *start = c->p;
	struct tm tm = { 0 };
	uint64_t ns;
	int64_t offset;

	take_weekday(c);
	if (!take_day(c, &tm) || !take_char(c, "T ") || !take_clock(c, &tm, &ns))
		return false;
	if (take_zone(c, &offset)) {
		set_real(c, (int64_t)timegm(&tm) - offset, ns);
	} else {
		skip_zone_name(c);
	}
	set_stamp(c, start);
	take_host(c, false);
	return true;
}

/* 1764063066.000001 host kernel: (journalctl -o short-unix) */
static bool take_unix(struct cursor *c)
{
	const char *start = c->p;
	uint64_t sec, ns;

	if (!take_digits(c, 9, 10, &sec) || !take(c, "."))
		return false;
	ns = take_fraction(c);
	if (c->p == c->end || *c->p != ' ')
		return false;
	set_stamp(c, start);
	set_real(c, (int64_t)sec, ns);
	take_host(c, false);
	return true;
}

/* 09:31:03.123, as terminal programs and test systems put before */
static bool take_time(struct cursor *c)
{
	const char *start = c->p;
	struct tm tm = { 0 };
	uint64_t ns;

	if (!take_clock(c, &tm, &ns))
		return false;
	set_stamp(c, start);
	return c->p < c->end && *c->p == ' ';
}

/* 6,1234,123456789,-,caller=T1; with perhaps a release before it */
static bool take_record(struct cursor *c)
{
	const char *start = c->p, *semicolon, *frag, *comma;
	uint64_t level, seq, us, off;
	size_t len = (size_t)(c->end - c->p);

	semicolon = memchr(start, ';', len < 300 ? len : 300);
	if (!semicolon || memchr(start, ' ', (size_t)(semicolon - start)))
		return false;
	if (!take_digits(c, 1, 4, &level) || !take(c, ",")) {
		comma = memchr(start, ',', (size_t)(semicolon - start));
		if (!comma)
			return false;
		c->p = comma + 1;
		if (!take_digits(c, 1, 4, &level) || !take(c, ","))
			return false;
	}
	if (!take_digits(c, 1, 19, &seq) || !take(c, ","))
		return false;
	start = c->p;
	if (!take_digits(c, 1, 15, &us))
		return false;
	set_stamp(c, start);
	set_mono(c, us * 1000);
	if (!take(c, ","))
		return false;
	frag = log_find(c->p, (size_t)(semicolon - c->p), "ncfrag=");
	if (frag) {
		frag += strlen("ncfrag=");
		c->line->glue = log_number(&frag, semicolon, &off) && off;
	}
	c->p = semicolon + 1;
	return true;
}

/* --- what stands in brackets --- */

/* Only characters of @set up to the bracket, and at least one of @need. */
static bool take_rest(struct cursor *c, const char *set, const char *need)
{
	bool found = !*need;

	while (c->p < c->end && *c->p != ']') {
		if (!*c->p || !strchr(set, *c->p))
			return false;
		found |= strchr(need, *c->p) != NULL;
		c->p++;
	}
	return found && take(c, "]");
}

/* [  123.456789], [  123.456789 <    0.000001>] */
static bool take_printk_time(struct cursor *c)
{
	const char *start;
	uint64_t sec, ns;

	skip_blanks(c);
	start = c->p;
	if (!take_digits(c, 1, 10, &sec) || !take(c, "."))
		return false;
	ns = take_fraction(c);
	set_mono(c, sec * NSEC_PER_SEC + ns);
	set_stamp(c, start);
	return take_rest(c, " <>.0123456789", "");
}

/* [ T123], [C1], [T123(kworker/0:1)] */
static bool take_caller(struct cursor *c)
{
	uint64_t n;

	skip_blanks(c);
	if (!take_char(c, "TC") || !take_digits(c, 1, 10, &n))
		return false;
	if (take(c, "(")) {
		const char *close = log_find(c->p, (size_t)(c->end - c->p), ")]");

		if (!close || close - c->p > 64)
			return false;
		c->p = close + 1;
	}
	skip_blanks(c);
	return take(c, "]");
}

/* [Wed Nov 25 09:31:03 2026] */
static bool take_ctime(struct cursor *c)
{
	const char *start = c->p;
	struct tm tm = { 0 };
	uint64_t n, ns;

	if (!take_weekday(c) || take_month(c) < 0)
		return false;
	skip_blanks(c);
	if (!take_digits(c, 1, 2, &n) || !take(c, " ") || !take_clock(c, &tm, &ns) ||
	    !take(c, " ") || !take_digits(c, 4, 4, &n))
		return false;
	set_stamp(c, start);
	return take(c, "]");
}

/* [Nov25 09:12], [  +0.000001], [<    0.000001>]: too coarse, or relative */
static bool take_relative(struct cursor *c)
{
	const char *start = c->p;
	uint64_t n;

	if (take_month(c) >= 0)
		return take_digits(c, 2, 2, &n) && take_rest(c, " :0123456789", ":");
	c->p = start;
	return take_rest(c, " +<>.0123456789", "+<");
}

/* [2026-11-25 09:31:03] and the like */
static bool take_other_stamp(struct cursor *c)
{
	const char *start = c->p;
	size_t colons = 0;

	if (!take_rest(c, "0123456789:.,-/+TZ ", ":"))
		return false;
	for (const char *p = start; p < c->p; p++)
		colons += *p == ':';
	if (colons < 2)
		return false;
	c->p--;
	set_stamp(c, start);
	c->p++;
	return true;
}

typedef bool (*take_fn)(struct cursor *c);

static bool try_part(struct cursor *c, take_fn fn)
{
	struct log_line before = *c->line;
	const char *start = c->p;

	if (fn(c))
		return true;
	c->p = start;
	*c->line = before;
	return false;
}

static bool take_bracket(struct cursor *c)
{
	static const take_fn parts[] = { take_caller, take_ctime, take_relative, take_other_stamp };

	if (!take(c, "["))
		return false;
	if (try_part(c, take_printk_time)) {
		take_host(c, false);	/* journalctl -o short-monotonic */
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (try_part(c, parts[i]))
			return true;
	return false;
}

static bool take_message(struct cursor *c)
{
	return take(c, "MESSAGE=");	/* journalctl -o export, -o verbose */
}

static bool take_part(struct cursor *c)
{
	static const take_fn parts[] = { take_level, take_syslog, take_iso, take_unix, take_record,
					 take_facility, take_tag, take_time, take_message };

	if (c->p == c->end)
		return false;
	if (*c->p == '[')
		return try_part(c, take_bracket);
	if (!isalnum((unsigned char)*c->p) && *c->p != '<')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (try_part(c, parts[i]))
			return true;
	return false;
}

/* > and | of a mail or a forum */
static void skip_quotes(struct cursor *c)
{
	while (take_char(c, " \t\r"))
		;
	while (take_char(c, ">|"))
		skip_blanks(c);
}

void log_prefix(const char *raw, size_t len, struct log_line *line)
{
	struct cursor c = { .p = raw, .end = raw + len, .line = line };

	memset(line, 0, sizeof(*line));
	skip_quotes(&c);
	for (int i = 0; i < MAX_PARTS; i++) {
		skip_blanks(&c);
		if (!take_part(&c))
			break;
	}
	while (take_char(&c, " \t\r"))
		;
	while (c.end > c.p && strchr(" \t\r", c.end[-1]) && c.end[-1])
		c.end--;
	line->text = c.p;
	line->len = (size_t)(c.end - c.p);
}
