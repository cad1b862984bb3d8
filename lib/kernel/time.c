/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* time.c - the kernel's clocks, sleeps and delays */
#include <errno.h>
#include <time.h>

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <wq/wq.h>

static u64 read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (u64)ts.tv_sec * (u64)NSEC_PER_SEC + (u64)ts.tv_nsec;
}

u64 ktime_get_real_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

u64 ktime_get_boottime_ns(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

s64 ktime_get_real_seconds(void)
{
	return (s64)(ktime_get_real_ns() / (u64)NSEC_PER_SEC);
}

/* To a point in time, so that a signal handler in between does not prolong it. */
static void sleep_ns(u64 ns)
{
	u64 now = ktime_get_ns();
	u64 until = ns < (u64)KTIME_MAX - now ? now + ns : (u64)KTIME_MAX;
	struct timespec ts = {
		.tv_sec = (time_t)(until / (u64)NSEC_PER_SEC),
		.tv_nsec = (long)(until % (u64)NSEC_PER_SEC),
	};

	wq_block_begin();
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
	wq_block_end();
}

void msleep(unsigned int ms)
{
	sleep_ns((u64)ms * (u64)NSEC_PER_MSEC);
}

unsigned long msleep_interruptible(unsigned int ms)
{
	msleep(ms);
	return 0;
}

void usleep_range(unsigned long min_us, unsigned long max_us)
{
	(void)max_us;
	sleep_ns((u64)min_us * (u64)NSEC_PER_USEC);
}

void ndelay(unsigned long ns)
{
	u64 start = ktime_get_ns();

	while (ktime_get_ns() - start < ns)
		cpu_relax();
}

long schedule_timeout_uninterruptible(long timeout)
{
	if (timeout > 0)
		sleep_ns(timeout == MAX_SCHEDULE_TIMEOUT ? (u64)KTIME_MAX :
			 jiffies_to_nsecs((unsigned long)timeout));
	return 0;
}
