/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sync.c - the lock, one-shot waiting, clocks
 *
 * The lock spins a little, because it is held for some tens of nanoseconds, and then sleeps,
 * because its holder may have been preempted. There are no stand-alone fences here or elsewhere
 * in lib/: TSan does not see them.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#define SPINS 200

__thread struct wq_thread wq_self __attribute__((tls_model("initial-exec")));

/* errno is the caller's: we may be in a signal handler. */
void futex_wait(u32 *word, u32 expected, const struct timespec *timeout)
{
	int saved = errno;

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout, NULL, 0);
	errno = saved;
}

void futex_wake(u32 *word, int nr)
{
	int saved = errno;

	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, nr, NULL, NULL, 0);
	errno = saved;
}

void lock_slow(struct wq_lock *lock)
{
	for (int i = 0; i < SPINS; i++) {
		u32 free = 0;

		if (!load_relaxed(&lock->word) &&
		    __atomic_compare_exchange_n(&lock->word, &free, 1, false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return;
		cpu_relax();
	}
	while (__atomic_exchange_n(&lock->word, 2, __ATOMIC_ACQUIRE))
		futex_wait(&lock->word, 2, NULL);
}

void lock_wake(struct wq_lock *lock)
{
	futex_wake(&lock->word, 1);
}

/* The knob "yield": let somebody else in just before we take a lock. */
void debug_yield(void)
{
	int saved = errno;

	sched_yield();
	errno = saved;
}

/*
 * A worker that waits in here is a worker that blocks, and says so. The waiter's stack may be
 * gone as soon as word is set; waking an address that nobody waits on does no harm.
 */
void done_wait(struct wq_done *done)
{
	if (load_acquire(&done->word))
		return;
	wq_block_begin();
	while (!load_acquire(&done->word))
		futex_wait(&done->word, 0, NULL);
	wq_block_end();
}

void done_complete(struct wq_done *done)
{
	store_release(&done->word, 1);
	futex_wake(&done->word, INT_MAX);
}

static u64 clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (u64)ts.tv_sec * NSEC_PER_SEC + (u64)ts.tv_nsec;
}

u64 now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

u64 coarse_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC_COARSE);
}

unsigned long wq_get_jiffies(void)
{
	return (unsigned long)(now_ns() / NSEC_PER_MSEC);
}

uint64_t wq_ktime_get_ns(void)
{
	return now_ns();
}

int this_cpu(void)
{
	int cpu = sched_getcpu();

	return likely(cpu >= 0 && cpu < wq_nr_cpus) ? cpu : 0;
}
