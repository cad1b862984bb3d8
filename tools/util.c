/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int error_set(struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

static _Noreturn void out_of_memory(void)
{
	static const char msg[] = "out of memory\n";

	if (write(STDERR_FILENO, msg, sizeof(msg) - 1) < 0)
		abort();
	exit(1);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		out_of_memory();
	return p;
}

char *xstrdup(const char *s)
{
	char *p = strdup(s);

	if (!p)
		out_of_memory();
	return p;
}

char *xasprintf(const char *fmt, ...)
{
	char *p;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&p, fmt, ap) < 0)
		out_of_memory();
	va_end(ap);
	return p;
}

void *xgrow(void *rows, size_t nr, size_t *room, size_t size)
{
	size_t old = *room;

	if (nr < old)
		return rows;
	*room = old ? 2 * old : 16;
	while (*room <= nr)
		*room *= 2;
	if (*room > SIZE_MAX / size)
		out_of_memory();
	rows = xrealloc(rows, *room * size);
	memset((char *)rows + old * size, 0, (*room - old) * size);
	return rows;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t real_ns(void)
{
	return (int64_t)clock_ns(CLOCK_REALTIME);
}

static ssize_t read_all(int fd, char **text)
{
	size_t len = 0, room = 0;
	ssize_t n;

	*text = NULL;
	do {
		*text = xgrow(*text, len + 4096, &room, 1);
		n = read(fd, *text + len, room - len - 1);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	(*text)[len] = '\0';
	return n < 0 ? -1 : (ssize_t)len;
}

char *read_file(const char *path)
{
	char *text;
	ssize_t len;
	int saved, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	len = read_all(fd, &text);
	saved = errno;
	close(fd);
	if (len < 0) {
		free(text);
		errno = saved;
		return NULL;
	}
	if (len > 0 && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

bool parse_seconds(const char *text, double min, double max, uint64_t *ns)
{
	char *end;
	double value;

	if (text[strspn(text, "0123456789.")] != '\0' || !*text)
		return false;
	value = strtod(text, &end);
	if (*end || !isfinite(value) || value < min || value > max)
		return false;
	*ns = (uint64_t)(value * (double)NSEC_PER_SEC);
	return true;
}

bool parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	char *end;

	if (!*text || text[strspn(text, "0123456789")] != '\0')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !errno && *value >= min && *value <= max;
}

/* The length of the well-formed UTF-8 character at @in, or 0. */
static size_t utf8_char(const unsigned char *in, size_t n, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = in[0] < 0x80 ? 1 : in[0] >> 5 == 6 ? 2 : in[0] >> 4 == 14 ? 3
		   : in[0] >> 3 == 30 ? 4 : 0;

	if (!len || len > n)
		return 0;
	*code = len == 1 ? in[0] : in[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if (in[i] >> 6 != 2)
			return 0;
		*code = *code << 6 | (in[i] & 0x3f);
	}
	if (*code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return len;
}

static bool harmless(uint32_t code)
{
	return code >= 0x20 && !(code >= 0x7f && code < 0xa0) &&
	       !(code >= 0x200b && code <= 0x200f) && !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2060 && code <= 0x206f) && code != 0xfeff;
}

size_t printable(char *out, const char *in, size_t n)
{
	const unsigned char *p = (const unsigned char *)in;
	char *start = out;

	while (n) {
		uint32_t code = 0;
		size_t len = utf8_char(p, n, &code);

		if (len && harmless(code)) {
			memcpy(out, p, len);
			out += len;
		} else {
			len = 1;
			out += sprintf(out, "\\x%02x", *p);
		}
		p += len;
		n -= len;
	}
	*out = '\0';
	return (size_t)(out - start);
}
