/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vsprintf.c - printf's formats and the kernel's own
 *
 * Each conversion is taken apart here, because only so the arguments of the kernel's %p forms can
 * be taken from the list; libc formats the numbers. printk.h lists the forms; one that we do not
 * know shows the pointer.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/bits.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kernel.h"

/* Everything is counted, what fits is kept, and the NUL is put by format_kernel(). */
struct out {
	char *buf;
	size_t size, len;
};

struct spec {
	char flags[8];
	int width, precision;		/* -1: none */
	char length;			/* h, H (hh), l, L (ll), z, t, j, or 0 */
	char conv;
};

/* The arguments left, in a struct so that a pointer to it can be passed on every machine. */
struct arguments {
	va_list list;
};

static void put(struct out *out, const char *s, size_t n)
{
	if (out->len < out->size)
		memcpy(out->buf + out->len, s, n < out->size - out->len ? n : out->size - out->len);
	out->len += n;
}

/* Flush right in @width columns, or flush left if @flags has a minus. */
static void put_padded(struct out *out, const struct spec *spec, const char *s, size_t n)
{
	size_t pad = spec->width > 0 && (size_t)spec->width > n ? (size_t)spec->width - n : 0;
	bool left = strchr(spec->flags, '-');

	for (size_t i = 0; !left && i < pad; i++)
		put(out, " ", 1);
	put(out, s, n);
	for (size_t i = 0; left && i < pad; i++)
		put(out, " ", 1);
}

/* "%" flags width .precision ending, for libc */
static const char *libc_format(const struct spec *spec, const char *ending, char *fmt, size_t size)
{
	char width[16] = "", precision[16] = "";

	if (spec->width >= 0)
		snprintf(width, sizeof(width), "%d", spec->width);
	if (spec->precision >= 0)
		snprintf(precision, sizeof(precision), ".%d", spec->precision);
	snprintf(fmt, size, "%%%s%s%s%s", spec->flags, width, precision, ending);
	return fmt;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void put_signed(struct out *out, const struct spec *spec, long long value)
{
	char fmt[48], ending[] = "lld", text[256];
	int n = snprintf(text, sizeof(text), libc_format(spec, ending, fmt, sizeof(fmt)), value);

	put(out, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static void put_unsigned(struct out *out, const struct spec *spec, unsigned long long value)
{
	char fmt[48], ending[] = { 'l', 'l', spec->conv, '\0' }, text[256];
	int n = snprintf(text, sizeof(text), libc_format(spec, ending, fmt, sizeof(fmt)), value);

	put(out, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* The kernel has none; a program may. */
static void put_double(struct out *out, const struct spec *spec, long double value)
{
	char fmt[48], ending[] = { 'L', spec->conv, '\0' }, text[512];
	int n = snprintf(text, sizeof(text), libc_format(spec, ending, fmt, sizeof(fmt)), value);

	put(out, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

#pragma GCC diagnostic pop

static void put_string(struct out *out, const struct spec *spec, const char *s)
{
	/* What a pointer to text is most often when it is none. */
	if (!s)
		s = "(null)";
	else if ((uintptr_t)s < 4096 || IS_ERR(s))
		s = "(efault)";
	put_padded(out, spec, s,
		   spec->precision >= 0 ? strnlen(s, (size_t)spec->precision) : strlen(s));
}

static void put_pointer(struct out *out, const struct spec *spec, const void *p)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%0*llx", (int)(2 * sizeof(p)),
			 (unsigned long long)(uintptr_t)p);

	put_padded(out, spec, text, (size_t)n);
}

static void put_symbol(struct out *out, const struct spec *spec, const void *p, bool offset)
{
	char name[256], *plus;

	func_name((work_func_t)(uintptr_t)p, name, sizeof(name));
	plus = strrchr(name, '+');
	if (!offset && plus && !strchr(name, '.'))
		*plus = '\0';
	put_padded(out, spec, name, strlen(name));
	if (offset && !plus)
		put(out, "+0x0", 4);
}

static void put_error(struct out *out, const struct spec *spec, const void *p)
{
	char text[32];
	const char *name = NULL;
	int err = (int)-PTR_ERR(p);

	if (!IS_ERR(p)) {
		put_pointer(out, spec, p);
		return;
	}
#ifdef __GLIBC__
	name = strerrorname_np(err);
#endif
	if (name)
		snprintf(text, sizeof(text), "-%s", name);
	else
		snprintf(text, sizeof(text), "%d", -err);
	put_padded(out, spec, text, strlen(text));
}

static bool bit_is_set(const unsigned long *bits, int nr)
{
	return bits[BIT_WORD((unsigned int)nr)] & BIT_MASK((unsigned int)nr);
}

/* 0-3,7 */
static void put_bit_list(struct out *out, const unsigned long *bits, int nr_bits)
{
	bool any = false;

	for (int from = 0, to; from < nr_bits; from = to + 1) {
		char text[32];
		int n;

		to = from;
		if (!bit_is_set(bits, from))
			continue;
		while (to + 1 < nr_bits && bit_is_set(bits, to + 1))
			to++;
		n = snprintf(text, sizeof(text), from == to ? "%s%d" : "%s%d-%d", any ? "," : "",
			     from, to);
		put(out, text, (size_t)n);
		any = true;
	}
}

/* Words of 32 bits, the highest first: f,ffffffff */
static void put_bit_mask(struct out *out, const unsigned long *bits, int nr_bits)
{
	int nr_words = (nr_bits + 31) / 32;

	for (int word = nr_words - 1; word >= 0; word--) {
		int in_word = word == nr_words - 1 && nr_bits % 32 ? nr_bits % 32 : 32;
		unsigned int value = 0;
		char text[16];
		int n;

		for (int i = 0; i < in_word; i++)
			value |= (unsigned int)bit_is_set(bits, 32 * word + i) << i;
		n = snprintf(text, sizeof(text), "%0*x%s", (in_word + 3) / 4, value, word ? "," : "");
		put(out, text, (size_t)n);
	}
}

static void put_bytes(struct out *out, const unsigned char *p, int nr, char separator)
{
	for (int i = 0; i < nr; i++) {
		char text[4];

		snprintf(text, sizeof(text), "%02x", p[i]);
		if (i && separator)
			put(out, &separator, 1);
		put(out, text, 2);
	}
}

static void put_ipv4(struct out *out, const unsigned char *p)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);

	put(out, text, (size_t)n);
}

static void put_va_format(struct out *out, const struct va_format *vaf)
{
	char text[1024];
	size_t n;
	va_list copy;

	va_copy(copy, *vaf->va);
	n = format_kernel(text, sizeof(text), vaf->fmt, copy);
	va_end(copy);
	put(out, text, n < sizeof(text) ? n : sizeof(text) - 1);
}

/* @ext: the letters and digits behind %p. */
static void put_extended(struct out *out, const struct spec *spec, const char *ext, const void *p)
{
	int width = spec->width > 0 ? spec->width : 0;

	if (*ext == 's')
		put_symbol(out, spec, p, false);
	else if (*ext == 'S' || *ext == 'B' || *ext == 'F')
		put_symbol(out, spec, p, true);
	else if (*ext == 'e')
		put_error(out, spec, p);
	else if (*ext == 'V' && p)
		put_va_format(out, p);
	else if (*ext == 'b' && p && ext[1] == 'l')
		put_bit_list(out, p, width);
	else if (*ext == 'b' && p)
		put_bit_mask(out, p, width);
	else if (*ext == 'h' && p)
		put_bytes(out, p, width > 64 ? 64 : width ? width : 1,
			  ext[1] == 'C' ? ':' : ext[1] == 'D' ? '-' : ext[1] == 'N' ? '\0' : ' ');
	else if (*ext == 'M' && p)
		put_bytes(out, p, 6, ':');
	else if (*ext == 'm' && p)
		put_bytes(out, p, 6, '\0');
	else if (*ext == 'I' && ext[1] == '4' && p)
		put_ipv4(out, p);
	else
		put_pointer(out, spec, p);
}

static long long next_signed(const struct spec *spec, struct arguments *args)
{
	switch (spec->length) {
	case 'L': return va_arg(args->list, long long);
	case 'l': return va_arg(args->list, long);
	case 'z': return va_arg(args->list, ssize_t);
	case 't': return va_arg(args->list, ptrdiff_t);
	case 'j': return va_arg(args->list, intmax_t);
	case 'h': return (short)va_arg(args->list, int);
	case 'H': return (signed char)va_arg(args->list, int);
	default: return va_arg(args->list, int);
	}
}

static unsigned long long next_unsigned(const struct spec *spec, struct arguments *args)
{
	switch (spec->length) {
	case 'L': return va_arg(args->list, unsigned long long);
	case 'l': return va_arg(args->list, unsigned long);
	case 'z': return va_arg(args->list, size_t);
	case 't': return (size_t)va_arg(args->list, ptrdiff_t);
	case 'j': return va_arg(args->list, uintmax_t);
	case 'h': return (unsigned short)va_arg(args->list, int);
	case 'H': return (unsigned char)va_arg(args->list, int);
	default: return va_arg(args->list, unsigned int);
	}
}

static int parse_number(const char **fmt)
{
	int n = 0;

	while (isdigit((unsigned char)**fmt) && n < 100000)
		n = 10 * n + *(*fmt)++ - '0';
	return n;
}

/* What is between % and the conversion's letter; @fmt is then behind that. */
static void parse_spec(const char **fmt, struct spec *spec, struct arguments *args)
{
	size_t nr_flags = 0;

	memset(spec, 0, sizeof(*spec));
	for (; **fmt && strchr("-+ #0", **fmt); (*fmt)++)
		if (!strchr(spec->flags, **fmt) && nr_flags < sizeof(spec->flags) - 1)
			spec->flags[nr_flags++] = **fmt;
	spec->width = spec->precision = -1;
	if (**fmt == '*') {
		(*fmt)++;
		spec->width = va_arg(args->list, int);
		if (spec->width < 0) {
			spec->width = -(spec->width + 1) + 1;
			if (nr_flags < sizeof(spec->flags) - 1)
				spec->flags[nr_flags] = '-';
		}
	} else if (isdigit((unsigned char)**fmt)) {
		spec->width = parse_number(fmt);
	}
	if (**fmt == '.') {
		(*fmt)++;
		if (**fmt == '*') {
			(*fmt)++;
			spec->precision = va_arg(args->list, int);
		} else {
			spec->precision = parse_number(fmt);
		}
	}
	if (**fmt && strchr("hlzZtjqL", **fmt)) {
		char c = *(*fmt)++;

		spec->length = c == 'q' ? 'L' : c == 'Z' ? 'z' : c;
		if ((c == 'h' || c == 'l') && **fmt == c) {
			(*fmt)++;
			spec->length = c == 'h' ? 'H' : 'L';
		}
	}
	spec->conv = **fmt;
	if (**fmt)
		(*fmt)++;
}

static void put_conversion(struct out *out, const char **fmt, struct arguments *args)
{
	const char *start = *fmt, *ext;
	struct spec spec;
	char c;

	parse_spec(fmt, &spec, args);
	switch (spec.conv) {
	case 'd':
	case 'i':
		put_signed(out, &spec, next_signed(&spec, args));
		break;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_unsigned(out, &spec, next_unsigned(&spec, args));
		break;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_padded(out, &spec, &c, 1);
		break;
	case 's':
		put_string(out, &spec, va_arg(args->list, const char *));
		break;
	case 'p':
		ext = *fmt;
		while (isalnum((unsigned char)**fmt))
			(*fmt)++;
		put_extended(out, &spec, ext, va_arg(args->list, void *));
		break;
	case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'a': case 'A':
		put_double(out, &spec, spec.length == 'L' ? va_arg(args->list, long double) :
			   (long double)va_arg(args->list, double));
		break;
	case '%':
		put(out, "%", 1);
		break;
	default:
		put(out, start - 1, (size_t)(*fmt - start + 1));
	}
}

size_t format_kernel(char *buf, size_t size, const char *fmt, va_list list)
{
	struct out out = { .buf = buf, .size = size };
	struct arguments args;

	va_copy(args.list, list);
	while (*fmt) {
		size_t n = strcspn(fmt, "%");

		put(&out, fmt, n);
		fmt += n;
		if (*fmt) {
			fmt++;
			put_conversion(&out, &fmt, &args);
		}
	}
	va_end(args.list);
	if (size)
		buf[out.len < size ? out.len : size - 1] = '\0';
	return out.len;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	size_t n = format_kernel(buf, size, fmt, args);

	return (int)(n < size ? n : size ? size - 1 : 0);
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

char *kvasprintf(gfp_t flags, const char *fmt, va_list args)
{
	va_list copy;
	size_t n;
	char *s;

	va_copy(copy, args);
	n = format_kernel(NULL, 0, fmt, copy);
	va_end(copy);
	s = kmalloc(n + 1, flags);
	if (s)
		format_kernel(s, n + 1, fmt, args);
	return s;
}

char *kasprintf(gfp_t flags, const char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	s = kvasprintf(flags, fmt, args);
	va_end(args);
	return s;
}
