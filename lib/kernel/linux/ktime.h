/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/ktime.h - times in nanoseconds
 *
 * ktime_get() is CLOCK_MONOTONIC. Not here: struct timespec64's arithmetic, clocks of TAI.
 */
#ifndef WQ_LINUX_KTIME_H
#define WQ_LINUX_KTIME_H

#include <linux/jiffies.h>
#include <linux/time64.h>
#include <linux/types.h>

typedef s64 ktime_t;

#define KTIME_MAX ((s64)~((u64)1 << 63))
#define KTIME_SEC_MAX (KTIME_MAX / NSEC_PER_SEC)

u64 ktime_get_real_ns(void) WQ_SYMBOL(ktime_get_real_ns);
u64 ktime_get_boottime_ns(void) WQ_SYMBOL(ktime_get_boottime_ns);
s64 ktime_get_real_seconds(void) WQ_SYMBOL(ktime_get_real_seconds);

static inline u64 ktime_get_ns(void)
{
	return __wq_get_ns();
}

static inline u64 ktime_get_raw_ns(void)
{
	return __wq_get_ns();
}

static inline u64 local_clock(void)
{
	return __wq_get_ns();
}

static inline ktime_t ktime_get(void)
{
	return (ktime_t)__wq_get_ns();
}

static inline ktime_t ktime_get_real(void)
{
	return (ktime_t)ktime_get_real_ns();
}

static inline ktime_t ktime_get_boottime(void)
{
	return (ktime_t)ktime_get_boottime_ns();
}

static inline s64 ktime_get_seconds(void)
{
	return ktime_get() / NSEC_PER_SEC;
}

static inline ktime_t ktime_set(s64 secs, unsigned long nsecs)
{
	return secs >= KTIME_SEC_MAX ? KTIME_MAX : secs * NSEC_PER_SEC + (s64)nsecs;
}

#define ktime_sub(a, b) ((ktime_t)((a) - (b)))
#define ktime_add(a, b) ((ktime_t)((a) + (b)))
#define ktime_add_ns(kt, ns) ((ktime_t)((kt) + (s64)(ns)))
#define ktime_sub_ns(kt, ns) ((ktime_t)((kt) - (s64)(ns)))
#define ktime_add_us(kt, us) ktime_add_ns(kt, (s64)(us) * NSEC_PER_USEC)
#define ktime_add_ms(kt, ms) ktime_add_ns(kt, (s64)(ms) * NSEC_PER_MSEC)
#define ktime_to_ns(kt) ((s64)(kt))
#define ktime_to_us(kt) ((s64)(kt) / NSEC_PER_USEC)
#define ktime_to_ms(kt) ((s64)(kt) / NSEC_PER_MSEC)
#define ns_to_ktime(ns) ((ktime_t)(ns))
#define us_to_ktime(us) ((ktime_t)(us) * NSEC_PER_USEC)
#define ms_to_ktime(ms) ((ktime_t)(ms) * NSEC_PER_MSEC)
#define ktime_us_delta(later, earlier) ktime_to_us(ktime_sub(later, earlier))
#define ktime_ms_delta(later, earlier) ktime_to_ms(ktime_sub(later, earlier))
#define ktime_after(a, b) ((a) > (b))
#define ktime_before(a, b) ((a) < (b))

static inline int ktime_compare(ktime_t a, ktime_t b)
{
	return (a > b) - (a < b);
}

#endif
