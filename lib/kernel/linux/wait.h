/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/wait.h - wait for a condition
 *
 * wait_event() and its kin and the wake_up functions. No signal ends a wait: the _interruptible
 * forms return as if none came. Every waiter is woken and looks for itself. Not here: waits made by
 * hand (DEFINE_WAIT(), prepare_to_wait()), exclusive waiters.
 *
 * Goes on to the system's header of that name, without its P_ALL, P_PID, P_PGID and P_PIDFD, which
 * are libc's in <sys/wait.h>.
 */
#ifndef WQ_LINUX_WAIT_H
#define WQ_LINUX_WAIT_H

#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/types.h>

typedef struct wait_queue_head {
	u32 nr_waiters;
	u32 wakeups;		/* counts them; what waiters sleep on */
} wait_queue_head_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) { 0, 0 }
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)

static inline void __wq_init_waitqueue_head(wait_queue_head_t *head)
{
	__atomic_store_n(&head->nr_waiters, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&head->wakeups, 0, __ATOMIC_RELAXED);
}

#define init_waitqueue_head(head) __wq_init_waitqueue_head(head)

void wake_up(wait_queue_head_t *head) WQ_SYMBOL(wake_up);
#define wake_up_all wake_up
#define wake_up_interruptible wake_up
#define wake_up_interruptible_all wake_up
#define wake_up_interruptible_sync wake_up
#define wake_up_nr(head, nr) wake_up(head)

/* The parts of a wait: begin; read the count, look, sleep until it has changed; end. */
void __wq_wait_begin(wait_queue_head_t *head) WQ_SYMBOL(wait_begin);
void __wq_wait_end(wait_queue_head_t *head) WQ_SYMBOL(wait_end);
/* Until @until (CLOCK_MONOTONIC ns; 0: for ever). False when that time has come. */
bool __wq_wait_sleep(wait_queue_head_t *head, u32 wakeups, u64 until) WQ_SYMBOL(wait_sleep);

static inline u64 __wq_wait_until(unsigned long timeout)
{
	u64 now = __wq_get_ns();

	return timeout < (~(u64)0 - now) / (u64)TICK_NSEC ? now + timeout * (u64)TICK_NSEC : 0;
}

/* Jiffies left until @until, at least 1. */
static inline long __wq_wait_left(u64 until, long timeout)
{
	u64 now = __wq_get_ns();

	if (!until)
		return timeout;
	return now + (u64)TICK_NSEC < until ? (long)((until - now) / (u64)TICK_NSEC) : 1;
}

static inline bool waitqueue_active(const wait_queue_head_t *head)
{
	return __atomic_load_n(&head->nr_waiters, __ATOMIC_ACQUIRE) != 0;
}

#define wq_has_sleeper(head) (smp_mb(), waitqueue_active(head))

/* Is the condition true, or became true before @until? */
#define __wq_wait_event(head, condition, until) \
	__extension__({ \
		bool __wq_true = !!(condition); \
		if (!__wq_true) { \
			bool __wq_again = true; \
			__wq_wait_begin(head); \
			for (;;) { \
				u32 __wq_count = smp_load_acquire(&(head)->wakeups); \
				__wq_true = !!(condition); \
				if (__wq_true || !__wq_again) \
					break; \
				__wq_again = __wq_wait_sleep(head, __wq_count, until); \
			} \
			__wq_wait_end(head); \
		} \
		__wq_true; \
	})

#define wait_event(head, condition) ((void)__wq_wait_event(&(head), condition, 0))
#define wait_event_timeout(head, condition, timeout) \
	__extension__({ \
		long __wq_timeout = (long)(timeout); \
		u64 __wq_until = __wq_wait_until((unsigned long)__wq_timeout); \
		__wq_wait_event(&(head), condition, __wq_until) ? \
			__wq_wait_left(__wq_until, __wq_timeout) : 0L; \
	})
#define wait_event_interruptible(head, condition) \
	__extension__({ \
		wait_event(head, condition); \
		0; \
	})
#define wait_event_killable wait_event_interruptible
#define wait_event_freezable wait_event_interruptible
#define wait_event_idle wait_event
#define wait_event_interruptible_timeout wait_event_timeout
#define wait_event_killable_timeout wait_event_timeout
#define wait_event_idle_timeout wait_event_timeout

#endif

#pragma GCC system_header
#include_next <linux/wait.h>
#undef P_ALL
#undef P_PID
#undef P_PGID
#undef P_PIDFD
