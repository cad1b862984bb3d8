/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cpumask.c - which CPUs there are, and which this process may use, read once when first asked */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/cpumask.h>

static struct cpumask possible, online;
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
	cpu_set_t set;

	read_possible();
	/* Of the first thread: the caller may be a worker that is bound to one CPU. */
	if (sched_getaffinity(getpid(), sizeof(set), &set)) {
		online = possible;
	} else {
		for (unsigned int cpu = 0; cpu < CPU_SETSIZE && cpu < NR_CPUS; cpu++)
			if (CPU_ISSET(cpu, &set))
				cpumask_set_cpu(cpu, &online);
		cpumask_or(&possible, &possible, &online);
	}
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		if (cpumask_test_cpu(cpu, &possible))
			nr_ids = cpu + 1;
}

const struct cpumask *__wq_cpumask_online(void)
{
	pthread_once(&once, read_masks);
	return &online;
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
