/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's grammar, 5.10 to 7.x, line by line: what does a line begin, and
 * what may go on in the next one. Lists of works are
 *
 *	in-flight: PID[(RESCUER)]:FN [for Ns] [FN|N*FN|BAR(PID)]..., PID:FN ...
 *	pending:   FN|N*FN [BAR(PID)]..., ...		FN is name [ [module]]
 */
#include <ctype.h>
#include <string.h>

#include "log.h"

bool log_starts(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && !memcmp(text, word, n);
}

const char *log_find(const char *text, size_t len, const char *word)
{
	return memmem(text, len, word, strlen(word));
}

bool log_number(const char **p, const char *end, uint64_t *value)
{
	bool hex = end - *p > 2 && (*p)[0] == '0' && ((*p)[1] | 0x20) == 'x';
	const char *start = *p += hex ? 2 : 0;

	for (*value = 0; *p < end; ++*p) {
		int c = tolower((unsigned char)**p);
		int digit = isdigit(c) ? c - '0' : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (digit < 0)
			break;
		if (__builtin_mul_overflow(*value, hex ? 16 : 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)digit, value))
			return false;
	}
	return *p > start;
}

size_t log_name(const char *text, size_t len)
{
	size_t n = 0;

	if (len && !isalpha((unsigned char)*text) && !strchr("_.$0", *text))
		return 0;
	while (n < len && text[n] && (isalnum((unsigned char)text[n]) || strchr("_.$", text[n])))
		n++;
	return n;
}

/* --- what a line begins --- */

/* "pwq N:", "pool N:" */
static bool numbered(const char *text, size_t len, const char *word)
{
	const char *p = text + strlen(word), *end = text + len;
	uint64_t id;

	return log_starts(text, len, word) && isdigit((unsigned char)*p) &&
	       log_number(&p, end, &id) && p < end && *p == ':';
}

/* "workqueue NAME: flags=0x...", whose second half may have been wrapped away */
static bool is_workqueue(const char *text, size_t len)
{
	if (!log_starts(text, len, "workqueue ") || len < 12)
		return false;
	return text[len - 1] == ':' || log_find(text, len, ": flags=0x");
}

/* [? ]symbol+0x1/0x2[ [module]], behind [<address>] in old kernels */
static bool is_frame(const char *text, size_t len)
{
	const char *plus, *slash, *p = text;

	if (!memchr(text, '+', len))
		return false;
	if (log_starts(text, len, "[<") && (p = memchr(text, ']', len)))
		p++;
	else
		p = text;
	while (p < text + len && (*p == ' ' || *p == '?'))
		p++;
	len -= (size_t)(p - text);
	plus = log_find(p, len, "+0x");
	slash = plus ? log_find(plus, len - (size_t)(plus - p), "/0x") : NULL;
	return slash && log_name(p, len) == (size_t)(plus - p);
}

static bool is_trace_header(const char *text, size_t len)
{
	return log_starts(text, len, "CPU: ") && log_find(text, len, " PID: ") &&
	       log_find(text, len, " Comm: ");
}

static const struct {
	const char *start, *within;
	enum log_class cls;
} fixed[] = {
	{ "Linux version ", "", LOG_BANNER },
	{ "Showing busy workqueues", "", LOG_BUSY },
	{ "Showing freezable workqueues", "", LOG_FREEZABLE },
	{ "Showing backtraces of ", "worker", LOG_TRACES },
	{ "BUG: workqueue lockup", "", LOG_LOCKUP },
	{ "destroy_workqueue: ", " has the following busy pwq", LOG_DESTROY },
	{ "workqueue: ", " hogged CPU for", LOG_HOG },
	{ "in-flight:", "", LOG_IN_FLIGHT },
	{ "pending:", "", LOG_PENDING },
	{ "inactive:", "", LOG_INACTIVE },
	{ "delayed:", "", LOG_INACTIVE },
	{ "task:", " state:", LOG_TASK },
	{ "Workqueue: ", "", LOG_TRACE_WQ },
	{ "sysrq: Show State", "", LOG_SYSRQ },
	{ "SysRq : Show State", "", LOG_SYSRQ },
};

static enum log_class classify(const char *text, size_t len)
{
	if (!len)
		return LOG_OTHER;
	if (!strchr("BCLSWdipstw", *text))
		return is_frame(text, len) ? LOG_FRAME : LOG_OTHER;
	if (numbered(text, len, "pwq "))
		return LOG_PWQ;
	if (numbered(text, len, "pool "))
		return LOG_POOL;
	if (is_workqueue(text, len))
		return LOG_WORKQUEUE;
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		if (log_starts(text, len, fixed[i].start) &&
		    (!*fixed[i].within || log_find(text, len, fixed[i].within)))
			return fixed[i].cls;
	if (is_trace_header(text, len))
		return LOG_CPU;
	return is_frame(text, len) ? LOG_FRAME : LOG_OTHER;
}

/* Words that hardly stand in another text, and that a production begins with. */
static const char *const beginnings[] = {
	"Showing busy workqueues", "Showing freezable workqueues", "BUG: workqueue lockup",
	"workqueue ", "workqueue: ", "pwq ", "pool ", "in-flight: ", "pending: ", "inactive: ",
	"Linux version ",
};

/* Is it certain enough to be taken from the middle of a line? */
static bool is_certain(enum log_class cls, const char *text, size_t len)
{
	switch (cls) {
	case LOG_OTHER:
	case LOG_FRAME:
		return false;
	case LOG_PWQ:
	case LOG_POOL:
		return log_find(text, len, ": cpus=");
	case LOG_WORKQUEUE:
		return log_find(text, len, ": flags=0x");
	case LOG_IN_FLIGHT:
	case LOG_PENDING:
	case LOG_INACTIVE:
		return log_is_list(text, len, cls == LOG_IN_FLIGHT);
	default:
		return true;
	}
}

enum log_class log_classify(const char **text, size_t *len, bool search)
{
	enum log_class cls = classify(*text, *len);

	if (cls != LOG_OTHER || !search)
		return cls;
	for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++) {
		const char *p = log_find(*text, *len, beginnings[i]);
		size_t rest = p ? *len - (size_t)(p - *text) : 0;

		if (!p || p == *text || (p[-1] != ' ' && p[-1] != '\t'))
			continue;
		cls = classify(p, rest);
		if (!is_certain(cls, p, rest))
			continue;
		*text = p;
		*len = rest;
		return cls;
	}
	return LOG_OTHER;
}

/* --- what may go on --- */

/* One of the words of a pool's or a pwq's line? */
static bool is_pool_word(const char *w, size_t n, bool numbers)
{
	static const char *const words[] = { "bh", "bh-hi", "MAYDAY", "manager:", "idle:", "-",
					     "pool", "stuck", "for" };
	static const char *const keys[] = { "cpus=", "node=", "flags=0x", "nice=", "active=",
					    "refcnt=", "hung=", "workers=" };
	const char *p = w;
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (n == strlen(words[i]) && !memcmp(w, words[i], n))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (log_starts(w, n, keys[i]))
			return true;
	if (!numbers || !log_number(&p, w + n, &value))
		return false;
	return p == w + n || log_starts(p, (size_t)(w + n - p), "s!");
}

static bool pool_continues(const char *text, size_t len, const char *more, size_t more_len)
{
	const char *p = more, *end = more + more_len;
	bool numbers = log_find(text, len, "manager:") || log_find(text, len, "idle:") ||
		       log_find(text, len, "stuck");

	while (p < end) {
		size_t n = 0;

		while (p + n < end && p[n] != ' ')
			n++;
		if (n && !is_pool_word(p, n, numbers))
			return false;
		numbers |= log_starts(p, n, "manager:") || log_starts(p, n, "idle:") ||
			   log_starts(p, n, "stuck");
		p += n + (p + n < end);
	}
	return true;
}

enum word {
	WORD_BAD,
	WORD_COMMA,
	WORD_MODULE,
	WORD_BARRIER,
	WORD_COUNT,
	WORD_ID,
	WORD_AGE,
	WORD_NAME
};

/* BAR(N), N*, N:, N(RESCUER):, Ns */
static enum word number_word(const char *p, const char *end, bool in_flight, size_t *n)
{
	bool barrier = log_starts(p, (size_t)(end - p), "BAR(");
	const char *q = p + (barrier ? 4 : 0);
	uint64_t value;
	size_t rest;

	if (q == end || !isdigit((unsigned char)*q) || !log_number(&q, end, &value) || q == end)
		return WORD_BAD;
	rest = (size_t)(end - q);
	*n = (size_t)(q - p) + 1;
	if (barrier)
		return *q == ')' ? WORD_BARRIER : WORD_BAD;
	if (*q == '*')
		return WORD_COUNT;
	if (!in_flight)
		return WORD_BAD;
	if (*q == 's' && (rest == 1 || strchr(" ,", q[1])))
		return WORD_AGE;
	if (log_starts(q, rest, "(RESCUER):"))
		*n += 9;
	else if (*q != ':')
		return WORD_BAD;
	return WORD_ID;
}

size_t log_module(const char *text, size_t len)
{
	size_t n = 1;

	if (!len || *text != '[')
		return 0;
	while (n < len && (isalnum((unsigned char)text[n]) || text[n] == '_' || text[n] == '-'))
		n++;
	return n > 1 && n < len && text[n] == ']' ? n + 1 : 0;
}

/* What of a list of works stands at @p, and how long it is. */
static enum word list_word(const char *p, const char *end, bool in_flight, size_t *n)
{
	size_t len = (size_t)(end - p);

	*n = 1;
	if (*p == ',')
		return WORD_COMMA;
	if (*p == '[') {
		*n = log_module(p, len);
		return *n ? WORD_MODULE : WORD_BAD;
	}
	if (log_starts(p, len, "BAR(") || (isdigit((unsigned char)*p) && !log_starts(p, len, "0x")))
		return number_word(p, end, in_flight, n);
	if (in_flight && (log_starts(p, len, "bh:") || log_starts(p, len, "bh-hi:"))) {
		*n = p[2] == ':' ? 3 : 6;
		return WORD_ID;
	}
	*n = log_name(p, len);
	return *n ? WORD_NAME : WORD_BAD;
}

/* Does the name look like a word of English, not like a function? */
static bool is_plain(const char *p, size_t n, enum word before, bool in_flight)
{
	if (before == WORD_ID || before == WORD_COUNT || memchr(p, '_', n))
		return false;
	return !(in_flight && n == 3 && !memcmp(p, "for", 3));
}

struct list_words {
	size_t nr, plain;
	bool commas;
};

/* Is all of it parts of a list of works? */
static bool list_words(const char *p, const char *end, bool in_flight, struct list_words *w)
{
	enum word before = WORD_COMMA, word;
	size_t n;

	memset(w, 0, sizeof(*w));
	for (; p < end; p += n) {
		n = 1;
		if (*p == ' ')
			continue;
		word = list_word(p, end, in_flight, &n);
		if (word == WORD_BAD || (word == WORD_NAME && before == WORD_NAME && !in_flight))
			return false;
		w->plain += word == WORD_NAME && is_plain(p, n, before, in_flight);
		w->commas |= word == WORD_COMMA || word == WORD_BARRIER;
		w->nr++;
		before = word;
	}
	return w->nr;
}

/*
 * A line of another subsystem must not be taken for the rest of a list. In a
 * list of pending works no two names stand beside each other; in flight they
 * do, and there all names must look like functions.
 */
static bool list_continues(enum log_class cls, const char *text, size_t len,
			   const struct log_line *line)
{
	bool in_flight = cls == LOG_IN_FLIGHT;
	bool open = len && (text[len - 1] == ',' || text[len - 1] == ':');
	struct list_words w;

	if (!list_words(line->text, line->text + line->len, in_flight, &w))
		return false;
	if (!w.plain || (w.nr == 1 && (!line->stamp || line->glue)))
		return true;
	return !in_flight && (open || w.commas);
}

bool log_is_list(const char *text, size_t len, bool in_flight)
{
	const char *colon = memchr(text, ':', len);
	struct list_words w;

	return colon && list_words(colon + 1, text + len, in_flight, &w) && !w.plain;
}

bool log_continues(enum log_class cls, const char *text, size_t len, const struct log_line *line)
{
	switch (cls) {
	case LOG_WORKQUEUE:
		return text[len - 1] == ':' && log_starts(line->text, line->len, "flags=0x");
	case LOG_PWQ:
	case LOG_POOL:
	case LOG_LOCKUP:
		return line->len && pool_continues(text, len, line->text, line->len);
	case LOG_IN_FLIGHT:
	case LOG_PENDING:
	case LOG_INACTIVE:
		return list_continues(cls, text, len, line);
	default:
		return false;
	}
}

/* A name that was cut goes on without a blank; all else is joined by one. */
bool log_needs_blank(enum log_class cls, const char *text, size_t len, const char *more,
		     size_t more_len)
{
	if (cls != LOG_PENDING && cls != LOG_INACTIVE)
		return true;
	if (!len || strchr(",:])", text[len - 1]))
		return true;
	return log_starts(more, more_len, "[") || log_starts(more, more_len, "BAR(");
}

bool log_hog(const char *text, size_t len, const char **function, size_t *n,
	     uint64_t *threshold_ns, uint64_t *times)
{
	const char *p = log_find(text, len, " hogged CPU for"), *end = text + len;
	uint64_t us;

	*function = text + strlen("workqueue: ");
	if (!p || p <= *function)
		return false;
	*n = (size_t)(p - *function);
	p += strlen(" hogged CPU for");
	while (p < end && (*p == ' ' || *p == '>'))
		p++;
	if (!log_number(&p, end, &us) || !log_starts(p, (size_t)(end - p), "us ") ||
	    __builtin_mul_overflow(us, 1000, threshold_ns))
		return false;
	p += 3;
	return log_number(&p, end, times) && log_starts(p, (size_t)(end - p), " times");
}
