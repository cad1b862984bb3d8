/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kstrtox.c - numbers from strings, strictly */
#include <ctype.h>
#include <limits.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>

static int digit_value(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isalpha((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : 99;
}

/* Digits up to the end, or up to one newline there. */
static int parse(const char *s, unsigned int base, unsigned long long *res)
{
	unsigned long long value = 0;
	const char *first;
	bool hex = s[0] == '0' && tolower((unsigned char)s[1]) == 'x' && isxdigit((unsigned char)s[2]);

	if (base == 0)
		base = hex ? 16 : s[0] == '0' ? 8 : 10;
	if (base == 16 && hex)
		s += 2;
	for (first = s; digit_value(*s) < (int)base; s++)
		if (__builtin_mul_overflow(value, (unsigned long long)base, &value) ||
		    __builtin_add_overflow(value, (unsigned long long)digit_value(*s), &value))
			return -ERANGE;
	if (s == first)
		return -EINVAL;
	if (*s == '\n')
		s++;
	if (*s)
		return -EINVAL;
	*res = value;
	return 0;
}

int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	return parse(s + (*s == '+'), base, res);
}

int kstrtoll(const char *s, unsigned int base, long long *res)
{
	unsigned long long value;
	bool negative = *s == '-';
	int err = negative ? parse(s + 1, base, &value) : kstrtoull(s, base, &value);

	if (err)
		return err;
	if (value > (unsigned long long)LLONG_MAX + negative)
		return -ERANGE;
	*res = negative ? (long long)(0 - value) : (long long)value;
	return 0;
}

/* What fits; @type's own range is checked by converting there and back. */
#define KSTRTO(name, type, widest, parse_widest) \
	int name(const char *s, unsigned int base, type *res) \
	{ \
		widest value; \
		int err = parse_widest(s, base, &value); \
		if (err) \
			return err; \
		if ((widest)(type)value != value) \
			return -ERANGE; \
		*res = (type)value; \
		return 0; \
	}

KSTRTO(kstrtoul, unsigned long, unsigned long long, kstrtoull)
KSTRTO(kstrtol, long, long long, kstrtoll)
KSTRTO(kstrtouint, unsigned int, unsigned long long, kstrtoull)
KSTRTO(kstrtoint, int, long long, kstrtoll)
KSTRTO(kstrtou16, u16, unsigned long long, kstrtoull)
KSTRTO(kstrtos16, s16, long long, kstrtoll)
KSTRTO(kstrtou8, u8, unsigned long long, kstrtoull)
KSTRTO(kstrtos8, s8, long long, kstrtoll)

int kstrtobool(const char *s, bool *res)
{
	char c = s ? *s : '\0';

	if (c == 'o' || c == 'O')
		c = s[1] == 'n' || s[1] == 'N' ? 'y' : s[1] == 'f' || s[1] == 'F' ? 'n' : '\0';
	switch (c) {
	case 'y': case 'Y': case 't': case 'T': case '1':
		*res = true;
		return 0;
	case 'n': case 'N': case 'f': case 'F': case '0':
		*res = false;
		return 0;
	}
	return -EINVAL;
}
