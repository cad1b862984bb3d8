/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/jiffies.h - the kernel's clock, one tick a millisecond
 *
 * jiffies is a macro that reads CLOCK_MONOTONIC, so no member of a struct can have that name.
 */
#ifndef WQ_LINUX_JIFFIES_H
#define WQ_LINUX_JIFFIES_H

#include <linux/compiler.h>
#include <linux/time64.h>
#include <linux/types.h>

#undef HZ			/* libc's <sys/param.h> says 100 */
#define HZ 1000
#define TICK_NSEC (NSEC_PER_SEC / HZ)
#define INITIAL_JIFFIES 0ul
#define MAX_JIFFY_OFFSET ((~0ul >> 1) - 1)

unsigned long __wq_get_jiffies(void) WQ_SYMBOL(get_jiffies);
u64 __wq_get_ns(void) WQ_SYMBOL(ktime_get_ns);
#define jiffies __wq_get_jiffies()
#define jiffies_64 get_jiffies_64()

static inline u64 get_jiffies_64(void)
{
	return __wq_get_ns() / (u64)TICK_NSEC;
}

/* Right also when the clock wraps between the two. */
#define time_after(a, b) ((long)((unsigned long)(b) - (unsigned long)(a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((unsigned long)(a) - (unsigned long)(b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_in_range(a, b, c) (time_after_eq(a, b) && time_before_eq(a, c))
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)
#define time_is_before_eq_jiffies(a) time_after_eq(jiffies, a)
#define time_is_after_eq_jiffies(a) time_before_eq(jiffies, a)
#define time_after64(a, b) ((s64)((u64)(b) - (u64)(a)) < 0)
#define time_before64(a, b) time_after64(b, a)

/* A negative time is for ever. */
static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return (int)ms < 0 ? MAX_JIFFY_OFFSET : ms;
}

static inline unsigned long usecs_to_jiffies(unsigned int us)
{
	return us / 1000 + (us % 1000 != 0);
}

static inline unsigned long secs_to_jiffies(unsigned int s)
{
	return s * (unsigned long)HZ;
}

static inline unsigned long nsecs_to_jiffies(u64 ns)
{
	return (unsigned long)(ns / (u64)TICK_NSEC);
}

static inline unsigned int jiffies_to_msecs(unsigned long j)
{
	return (unsigned int)j;
}

static inline unsigned int jiffies_to_usecs(unsigned long j)
{
	return (unsigned int)(j * 1000);
}

static inline u64 jiffies_to_nsecs(unsigned long j)
{
	return (u64)j * (u64)TICK_NSEC;
}

/* To the whole second, so that timers that may be late fire together. */
static inline unsigned long round_jiffies_up(unsigned long j)
{
	return (j + HZ - 1) / HZ * HZ;
}

static inline unsigned long round_jiffies(unsigned long j)
{
	unsigned long rest = j % HZ, rounded = rest < HZ / 4 ? j - rest : j + HZ - rest;

	return time_after(rounded, jiffies) ? rounded : j;
}

static inline unsigned long round_jiffies_relative(unsigned long j)
{
	unsigned long now = jiffies;

	return round_jiffies(j + now) - now;
}

static inline unsigned long round_jiffies_up_relative(unsigned long j)
{
	unsigned long now = jiffies;

	return round_jiffies_up(j + now) - now;
}

#endif
