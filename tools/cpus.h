/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus.h - sets of CPUs (and of nodes), in the notations of /sys */
#ifndef WQKIT_CPUS_H
#define WQKIT_CPUS_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_CPUS 8192

struct cpus {
	uint64_t word[MAX_CPUS / 64];
};

static inline bool cpus_has(const struct cpus *c, int cpu)
{
	return cpu >= 0 && cpu < MAX_CPUS && c->word[cpu / 64] >> cpu % 64 & 1;
}

static inline void cpus_add(struct cpus *c, int cpu)
{
	if (cpu >= 0 && cpu < MAX_CPUS)
		c->word[cpu / 64] |= UINT64_C(1) << cpu % 64;
}

/* The first one from @cpu on, or -1. */
int cpus_next(const struct cpus *c, int cpu);
/* The last one, or -1. */
int cpus_last(const struct cpus *c);

#define for_each_cpu_of(cpu, set) \
	for (int cpu = cpus_next(set, 0); cpu >= 0; cpu = cpus_next(set, cpu + 1))

/* "0-3,8" and "ff,ffffffff"; false, and an empty set, if the text is neither. */
bool cpus_parse_list(struct cpus *c, const char *text);
bool cpus_parse_mask(struct cpus *c, const char *text);

/* "0-3,8", fresh; "" for an empty set. */
char *cpus_list(const struct cpus *c);

#endif
