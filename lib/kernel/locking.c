/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * locking.c - the kernel's mutex, spinlock, completion and wait queue, over futexes
 *
 * Whoever is about to sleep in one says so to libwq first, so that another worker starts at once
 * instead of when the sleep has been noticed. A wake-up after the last access to an object touches
 * only its address: the woken thread may already have freed it.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <wq/wq.h>

#define NR_SPINS 100

/*
 * Sleeps while *@word is @value, until @until (CLOCK_MONOTONIC ns; 0: for ever). May return early;
 * false only when that time has come. Keeps errno, which is the program's.
 */
static bool sleep_on(u32 *word, u32 value, u64 until)
{
	struct timespec ts = {
		.tv_sec = (time_t)(until / (u64)NSEC_PER_SEC),
		.tv_nsec = (long)(until % (u64)NSEC_PER_SEC),
	};
	int old_errno = errno;
	bool in_time = true;

	/* The bitset form has an absolute time; plain FUTEX_WAIT a relative one. */
	if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, value,
		    until ? &ts : NULL, NULL, FUTEX_BITSET_MATCH_ANY) && errno == ETIMEDOUT)
		in_time = false;
	errno = old_errno;
	return in_time;
}

static void wake(u32 *word, int nr)
{
	int old_errno = errno;

	syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, nr, NULL, NULL, 0);
	errno = old_errno;
}

/* --- mutex and spinlock: 0 free, 1 locked, 2 locked and somebody may be waiting --- */

static bool try_lock(u32 *state)
{
	u32 unlocked = 0;

	return __atomic_compare_exchange_n(state, &unlocked, 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static bool spin_a_moment(u32 *state)
{
	for (int i = 0; i < NR_SPINS; i++) {
		if (!__atomic_load_n(state, __ATOMIC_RELAXED) && try_lock(state))
			return true;
		cpu_relax();
	}
	return false;
}

/* From here on 2: whether others wait is not known when it is taken. */
static void lock_asleep(u32 *state)
{
	while (__atomic_exchange_n(state, 2, __ATOMIC_ACQUIRE))
		sleep_on(state, 2, 0);
}

static void unlock(u32 *state)
{
	if (__atomic_exchange_n(state, 0, __ATOMIC_RELEASE) == 2)
		wake(state, 1);
}

void mutex_lock(struct mutex *lock)
{
	if (try_lock(&lock->state) || spin_a_moment(&lock->state))
		return;
	wq_block_begin();
	lock_asleep(&lock->state);
	wq_block_end();
}

int mutex_trylock(struct mutex *lock)
{
	return try_lock(&lock->state);
}

void mutex_unlock(struct mutex *lock)
{
	unlock(&lock->state);
}

/* Not a moment of blocking: in the kernel such a waiter keeps its CPU. */
void spin_lock(spinlock_t *lock)
{
	if (!try_lock(&lock->state) && !spin_a_moment(&lock->state))
		lock_asleep(&lock->state);
}

int spin_trylock(spinlock_t *lock)
{
	return try_lock(&lock->state);
}

void spin_unlock(spinlock_t *lock)
{
	unlock(&lock->state);
}

/* --- completion --- */

#define WAITING 0x80000000u		/* somebody may be asleep */
#define COUNT (~WAITING)		/* all bits: complete_all() */

static bool take_one(struct completion *x)
{
	u32 v = __atomic_load_n(&x->done, __ATOMIC_ACQUIRE);

	while (v & COUNT) {
		if ((v & COUNT) == COUNT)
			return true;
		if (__atomic_compare_exchange_n(&x->done, &v, v - 1, false, __ATOMIC_ACQUIRE,
						__ATOMIC_ACQUIRE))
			return true;
	}
	return false;
}

void complete(struct completion *x)
{
	u32 v = __atomic_load_n(&x->done, __ATOMIC_RELAXED);

	do {
		if ((v & COUNT) == COUNT)
			return;
	} while (!__atomic_compare_exchange_n(&x->done, &v, v + 1, false, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	if (v & WAITING)
		wake(&x->done, 1);
}

void complete_all(struct completion *x)
{
	if (__atomic_exchange_n(&x->done, COUNT, __ATOMIC_RELEASE) & WAITING)
		wake(&x->done, INT_MAX);
}

/* Announces the sleep first: complete() calls the kernel only for those who did. */
static bool sleep_for_one(struct completion *x, u64 until)
{
	for (;;) {
		u32 v = __atomic_load_n(&x->done, __ATOMIC_RELAXED);

		if (v & COUNT) {
			if (take_one(x))
				return true;
			continue;
		}
		if (!(v & WAITING) &&
		    !__atomic_compare_exchange_n(&x->done, &v, WAITING, false, __ATOMIC_RELAXED,
						 __ATOMIC_RELAXED))
			continue;
		if (!sleep_on(&x->done, WAITING, until))
			return take_one(x);
	}
}

static bool wait_for_one(struct completion *x, u64 until)
{
	bool done;

	if (take_one(x))
		return true;
	wq_block_begin();
	done = sleep_for_one(x, until);
	wq_block_end();
	return done;
}

void wait_for_completion(struct completion *x)
{
	wait_for_one(x, 0);
}

unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
{
	u64 until = __wq_wait_until(timeout);

	return wait_for_one(x, until) ? (unsigned long)__wq_wait_left(until, (long)timeout) : 0;
}

bool try_wait_for_completion(struct completion *x)
{
	return take_one(x);
}

bool completion_done(struct completion *x)
{
	return __atomic_load_n(&x->done, __ATOMIC_ACQUIRE) & COUNT;
}

/*
 * --- wait queue ---
 *
 * A waiter counts itself, then looks at its condition; a waker changes the condition, then looks at
 * the count. Both go through one read-modify-write of the count, so one of the two sees the other.
 */

void __wq_wait_begin(wait_queue_head_t *head)
{
	__atomic_fetch_add(&head->nr_waiters, 1, __ATOMIC_SEQ_CST);
}

void __wq_wait_end(wait_queue_head_t *head)
{
	__atomic_fetch_sub(&head->nr_waiters, 1, __ATOMIC_RELAXED);
}

bool __wq_wait_sleep(wait_queue_head_t *head, u32 wakeups, u64 until)
{
	bool in_time;

	wq_block_begin();
	in_time = sleep_on(&head->wakeups, wakeups, until);
	wq_block_end();
	return in_time;
}

void wake_up(wait_queue_head_t *head)
{
	if (!__atomic_fetch_add(&head->nr_waiters, 0, __ATOMIC_SEQ_CST))
		return;
	__atomic_fetch_add(&head->wakeups, 1, __ATOMIC_RELEASE);
	wake(&head->wakeups, INT_MAX);
}
