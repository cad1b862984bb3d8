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
#include <linux/membarrier.h>
#include <sched.h>
#if defined(__has_include) && defined(__x86_64__)
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#define HAVE_RSEQ
#endif
#endif
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

pid_t self_tid(void)
{
	if (unlikely(!wq_self.tid))
		wq_self.tid = (pid_t)syscall(SYS_gettid);
	return wq_self.tid;
}

static bool have_membarrier;

/* Once, before the first lock is taken. */
void lock_init_barrier(void)
{
	have_membarrier = !syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
}

static bool barrier_everywhere(void)
{
	int saved = errno;
	bool ok = have_membarrier &&
		  !syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);

	errno = saved;
	return ok;
}

static bool try_take(struct wq_lock *lock)
{
	u32 free = 0;

	return !load_relaxed(&lock->word) &&
	       __atomic_compare_exchange_n(&lock->word, &free, 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/*
 * The owner frees the lock with a plain store and then looks whether somebody waits; both orders
 * of these two are possible. So we, who come here seldom, make every CPU that runs a thread of
 * this process pass a barrier after we have said that we wait: from then on a free lock is seen
 * by us, or we are seen by who frees it. Where the kernel cannot do that, we look again every
 * millisecond.
 */
void lock_slow(struct wq_lock *lock)
{
	struct timespec soon = { 0, 1000000 };
	bool sure;

	for (int i = 0; i < SPINS; i++) {
		if (try_take(lock))
			return;
		cpu_relax();
	}
	__atomic_fetch_add(&lock->waiters, 1, __ATOMIC_SEQ_CST);
	sure = barrier_everywhere();
	while (!try_take(lock))
		futex_wait(&lock->word, 1, sure ? NULL : &soon);
	__atomic_fetch_sub(&lock->waiters, 1, __ATOMIC_RELAXED);
}

void lock_wake(struct wq_lock *lock)
{
	futex_wake(&lock->word, 1);
}

#ifdef WQKIT_DEBUG
void lock_init(struct wq_lock *lock, enum lock_rank rank, u32 order)
{
	lock->rank = rank;
	lock->order = order;
}

/* About to wait for the lock: may a thread that holds those which this one holds? */
void lock_check(struct wq_lock *lock)
{
	wq_assert(lock->rank);
	for (unsigned int i = 0; i < wq_self.nr_held && !wq_self.unchecked; i++) {
		const struct wq_lock *held = wq_self.held[i];

		wq_assert(held != lock);
		wq_assert(held->rank <= lock->rank);
		wq_assert(held->rank < lock->rank || held->order < lock->order);
	}
}

void lock_note(struct wq_lock *lock)
{
	if (wq_self.unchecked)
		return;
	wq_assert(wq_self.nr_held < ARRAY_SIZE(wq_self.held));
	wq_self.held[wq_self.nr_held++] = lock;
}

void lock_forget(struct wq_lock *lock)
{
	for (unsigned int i = wq_self.nr_held; i-- > 0; )
		if (wq_self.held[i] == lock) {
			wq_self.held[i] = wq_self.held[--wq_self.nr_held];
			return;
		}
	wq_assert(wq_self.unchecked);
}

void lock_check_pause(bool pause)
{
	wq_self.unchecked = pause;
	wq_self.nr_held = 0;
}
#endif

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

/* The kernel keeps the CPU's number in each thread's rseq area, where the libc registers one. */
static inline int rseq_cpu(void)
{
#ifdef HAVE_RSEQ
	const char *area = (const char *)__builtin_thread_pointer() + __rseq_offset;

	return (int)load_relaxed(&((const struct rseq *)(const void *)area)->cpu_id);
#else
	return -1;
#endif
}

bool rseq_is_used(void)
{
	return rseq_cpu() >= 0;
}

int this_cpu(void)
{
	int cpu = rseq_cpu();

	if (unlikely(cpu < 0))
		cpu = sched_getcpu();
	return likely(cpu >= 0 && cpu < wq_nr_cpus) ? cpu : 0;
}
