/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util.h - memory, errors and small strings, for both programs */
#ifndef WQKIT_UTIL_H
#define WQKIT_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NSEC_PER_SEC UINT64_C(1000000000)

/*
 * What went wrong, in words for the user: the thing, the reason, what to do.
 * The tools' archive prints nothing by itself; the program shows this.
 */
struct error {
	char text[1024];
};

/* Fills @err and returns -1. */
int error_set(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Never NULL: the program ends with a message when memory is short. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Grows @rows so that row @nr fits, doubling *@room; new rows are zero. */
void *xgrow(void *rows, size_t nr, size_t *room, size_t size);

uint64_t mono_ns(void);
int64_t real_ns(void);

/*
 * Reads a whole small file into a fresh string without its last newline;
 * NULL and errno if that fails. For files of /proc and /sys.
 */
char *read_file(const char *path);

/* "12.5" > nanoseconds; false unless it is a decimal number in [min, max] seconds. */
bool parse_seconds(const char *text, double min, double max, uint64_t *ns);
bool parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/*
 * Writes @n bytes of @in as printable UTF-8 to @out: control characters, C1
 * controls, direction overrides and bytes that are no UTF-8 become \xHH. What
 * comes from a kernel, a process or a file can then do no harm on a screen.
 * Returns the length; @out must hold 4 * n + 1 bytes.
 */
size_t printable(char *out, const char *in, size_t n);

#endif
