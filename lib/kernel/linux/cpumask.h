/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/cpumask.h - sets of CPUs
 *
 * Numbers are the kernel's. Online means that this process may use the CPU, as the library last saw
 * it: wq_cpus_get() in <wq/wq.h>; what only exists is possible. A mask that was read once stays as
 * it is. Not here: cpus_read_lock()'s protection, hotplug callbacks.
 */
#ifndef WQ_LINUX_CPUMASK_H
#define WQ_LINUX_CPUMASK_H

#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/types.h>

#define NR_CPUS WQ_NR_CPUS

const struct cpumask *__wq_cpumask_online(void) WQ_SYMBOL(cpumask_online);
const struct cpumask *__wq_cpumask_possible(void) WQ_SYMBOL(cpumask_possible);
/* The set of one CPU. */
const struct cpumask *cpumask_of(unsigned int cpu) WQ_SYMBOL(cpumask_of);
unsigned int __wq_nr_cpu_ids(void) WQ_SYMBOL(nr_cpu_ids);

#define cpu_online_mask __wq_cpumask_online()
#define cpu_active_mask __wq_cpumask_online()
#define cpu_possible_mask __wq_cpumask_possible()
#define cpu_present_mask __wq_cpumask_possible()
#define nr_cpu_ids __wq_nr_cpu_ids()
#define nr_cpumask_bits ((unsigned int)NR_CPUS)

#define cpumask_bits(mask) ((mask)->bits)
/* For printk's %*pb and %*pbl. */
#define cpumask_pr_args(mask) (int)nr_cpu_ids, cpumask_bits(mask)

static inline void cpumask_set_cpu(unsigned int cpu, struct cpumask *mask)
{
	set_bit(cpu, mask->bits);
}

static inline void cpumask_clear_cpu(unsigned int cpu, struct cpumask *mask)
{
	clear_bit(cpu, mask->bits);
}

static inline bool cpumask_test_cpu(unsigned int cpu, const struct cpumask *mask)
{
	return test_bit(cpu, mask->bits);
}

static inline bool cpumask_test_and_set_cpu(unsigned int cpu, struct cpumask *mask)
{
	return test_and_set_bit(cpu, mask->bits);
}

static inline bool cpumask_test_and_clear_cpu(unsigned int cpu, struct cpumask *mask)
{
	return test_and_clear_bit(cpu, mask->bits);
}

static inline void cpumask_clear(struct cpumask *mask)
{
	bitmap_zero(mask->bits, NR_CPUS);
}

static inline void cpumask_copy(struct cpumask *dst, const struct cpumask *src)
{
	*dst = *src;
}

static inline void cpumask_setall(struct cpumask *mask)
{
	cpumask_copy(mask, cpu_possible_mask);
}

/* False if the result is empty. */
static inline bool cpumask_and(struct cpumask *dst, const struct cpumask *a,
			       const struct cpumask *b)
{
	unsigned long any = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(NR_CPUS); i++)
		any |= dst->bits[i] = a->bits[i] & b->bits[i];
	return any != 0;
}

static inline bool cpumask_andnot(struct cpumask *dst, const struct cpumask *a,
				  const struct cpumask *b)
{
	unsigned long any = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(NR_CPUS); i++)
		any |= dst->bits[i] = a->bits[i] & ~b->bits[i];
	return any != 0;
}

static inline void cpumask_or(struct cpumask *dst, const struct cpumask *a,
			      const struct cpumask *b)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(NR_CPUS); i++)
		dst->bits[i] = a->bits[i] | b->bits[i];
}

static inline bool cpumask_empty(const struct cpumask *mask)
{
	return bitmap_empty(mask->bits, NR_CPUS);
}

static inline bool cpumask_equal(const struct cpumask *a, const struct cpumask *b)
{
	return !__builtin_memcmp(a, b, sizeof(*a));
}

static inline bool cpumask_intersects(const struct cpumask *a, const struct cpumask *b)
{
	struct cpumask both;

	return cpumask_and(&both, a, b);
}

static inline bool cpumask_subset(const struct cpumask *a, const struct cpumask *b)
{
	struct cpumask rest;

	return !cpumask_andnot(&rest, a, b);
}

static inline unsigned int cpumask_weight(const struct cpumask *mask)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(NR_CPUS); i++)
		n += hweight_long(mask->bits[i]);
	return n;
}

/* >= nr_cpu_ids if there is none. */
static inline unsigned int cpumask_first(const struct cpumask *mask)
{
	return (unsigned int)find_first_bit(mask->bits, NR_CPUS);
}

static inline unsigned int cpumask_next(int n, const struct cpumask *mask)
{
	return (unsigned int)find_next_bit(mask->bits, NR_CPUS, (unsigned long)(n + 1));
}

static inline unsigned int cpumask_first_and(const struct cpumask *a, const struct cpumask *b)
{
	struct cpumask both;

	cpumask_and(&both, a, b);
	return cpumask_first(&both);
}

#define cpumask_any cpumask_first
#define cpumask_any_and cpumask_first_and

static inline bool alloc_cpumask_var(cpumask_var_t *mask, gfp_t flags)
{
	(void)mask;
	(void)flags;
	return true;
}

static inline bool zalloc_cpumask_var(cpumask_var_t *mask, gfp_t flags)
{
	(void)flags;
	cpumask_clear(*mask);
	return true;
}

static inline void free_cpumask_var(cpumask_var_t mask)
{
	(void)mask;
}

#define for_each_cpu(cpu, mask) \
	for ((cpu) = cpumask_first(mask); (unsigned int)(cpu) < nr_cpumask_bits; \
	     (cpu) = cpumask_next((int)(cpu), mask))
#define for_each_possible_cpu(cpu) for_each_cpu(cpu, cpu_possible_mask)
#define for_each_present_cpu(cpu) for_each_cpu(cpu, cpu_possible_mask)
#define for_each_online_cpu(cpu) for_each_cpu(cpu, cpu_online_mask)
#define num_online_cpus() cpumask_weight(cpu_online_mask)
#define num_possible_cpus() cpumask_weight(cpu_possible_mask)
#define cpu_online(cpu) cpumask_test_cpu(cpu, cpu_online_mask)
#define cpu_possible(cpu) cpumask_test_cpu(cpu, cpu_possible_mask)

#define cpus_read_lock() ((void)0)
#define cpus_read_unlock() ((void)0)

#endif
