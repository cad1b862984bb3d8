/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cpus.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

int cpus_next(const struct cpus *c, int cpu)
{
	while (cpu < MAX_CPUS) {
		uint64_t rest = c->word[cpu / 64] >> cpu % 64;

		if (rest)
			return cpu + __builtin_ctzll(rest);
		cpu = (cpu / 64 + 1) * 64;
	}
	return -1;
}

int cpus_last(const struct cpus *c)
{
	for (int i = MAX_CPUS / 64; i-- > 0; )
		if (c->word[i])
			return i * 64 + 63 - __builtin_clzll(c->word[i]);
	return -1;
}

/* A decimal number below MAX_CPUS at *@text, which is moved behind it; or -1. */
static int parse_number(const char **text)
{
	int n = 0;

	if (!isdigit((unsigned char)**text))
		return -1;
	for (; isdigit((unsigned char)**text); ++*text) {
		n = n * 10 + (**text - '0');
		if (n >= MAX_CPUS)
			return -1;
	}
	return n;
}

bool cpus_parse_list(struct cpus *c, const char *text)
{
	memset(c, 0, sizeof(*c));
	while (*text) {
		int first = parse_number(&text), last = first;

		if (*text == '-') {
			text++;
			last = parse_number(&text);
		}
		if (first < 0 || last < first || (*text && *text != ',') || !strcmp(text, ",")) {
			memset(c, 0, sizeof(*c));
			return false;
		}
		for (int cpu = first; cpu <= last; cpu++)
			cpus_add(c, cpu);
		text += *text == ',';
	}
	return true;
}

bool cpus_parse_mask(struct cpus *c, const char *text)
{
	int cpu = 0;

	memset(c, 0, sizeof(*c));
	/* from the right: 32-bit words, each but the first one of 8 digits */
	for (const char *p = text + strlen(text); p > text; ) {
		int digit;

		if (*--p == ',' && cpu % 32 == 0 && cpu)
			continue;
		digit = isdigit((unsigned char)*p) ? *p - '0'
		      : isxdigit((unsigned char)*p) ? tolower((unsigned char)*p) - 'a' + 10 : -1;
		if (digit < 0 || (digit && cpu >= MAX_CPUS)) {
			memset(c, 0, sizeof(*c));
			return false;
		}
		if (digit)
			c->word[cpu / 64] |= (uint64_t)digit << cpu % 64;
		cpu += 4;
	}
	return cpu > 0;
}

char *cpus_list(const struct cpus *c)
{
	size_t len = 0, room = 0;
	char *text = xgrow(NULL, 32, &room, 1);

	for (int cpu = cpus_next(c, 0); cpu >= 0; cpu = cpus_next(c, cpu + 1)) {
		int first = cpu;

		while (cpus_has(c, cpu + 1))
			cpu++;
		text = xgrow(text, len + 32, &room, 1);
		len += (size_t)sprintf(text + len, len ? ",%d" : "%d", first);
		if (cpu > first)
			len += (size_t)sprintf(text + len, "-%d", cpu);
	}
	return text;
}
