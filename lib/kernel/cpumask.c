/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cpumask.c - which CPUs there are, read once when first asked, and which this process may use */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/cpumask.h>

/* lib/cpus.c */
const struct cpumask *wq_cpus_online(void);

static struct cpumask possible;
static unsigned int nr_ids;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* "0-3,8" */
static void read_possible(void)
{
	FILE *f = fopen("/sys/devices/system/cpu/possible", "re");
	unsigned int from, to;
	char separator = ',';

	while (f && separator == ',' && fscanf(f, "%u", &from) == 1) {
		to = from;
		if (fscanf(f, "%c", &separator) == 1 && separator == '-') {
			if (fscanf(f, "%u", &to) != 1)
				break;
			if (fscanf(f, "%c", &separator) != 1)
				separator = '\n';
		}
		for (unsigned int cpu = from; cpu <= to && cpu < NR_CPUS; cpu++)
			cpumask_set_cpu(cpu, &possible);
	}
	if (f)
		fclose(f);
	if (cpumask_empty(&possible))
		for (long cpu = sysconf(_SC_NPROCESSORS_CONF); cpu-- > 0;)
			if (cpu < NR_CPUS)
				cpumask_set_cpu((unsigned int)cpu, &possible);
}

static void read_masks(void)
{
	const struct cpumask *online = wq_cpus_online();

	read_possible();
	cpumask_or(&possible, &possible, online);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		if (cpumask_test_cpu(cpu, &possible))
			nr_ids = cpu + 1;
}

const struct cpumask *__wq_cpumask_online(void)
{
	return wq_cpus_online();
}

const struct cpumask *__wq_cpumask_possible(void)
{
	pthread_once(&once, read_masks);
	return &possible;
}

unsigned int __wq_nr_cpu_ids(void)
{
	pthread_once(&once, read_masks);
	return nr_ids;
}

/*
 * A mask of one bit is a window on a row of words of which the middle one has that bit: where the
 * window begins decides which word of the mask it is. So one row for each bit of a word will do.
 */
const struct cpumask *cpumask_of(unsigned int cpu)
{
	enum { NR_WORDS = BITS_TO_LONGS(NR_CPUS) };
	static unsigned long rows[sizeof(long) * BITS_PER_BYTE][2 * NR_WORDS - 1];
	unsigned long *row = rows[cpu % (unsigned int)BITS_PER_LONG];

	WRITE_ONCE(row[NR_WORDS - 1], BIT_MASK(cpu));
	return (const struct cpumask *)(void *)(row + NR_WORDS - 1 - BIT_WORD(cpu));
}
