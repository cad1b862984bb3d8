/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/completion.h - wait for something to be done
 *
 * No signal ends a wait: the _interruptible and _killable forms wait like the others and return 0.
 */
#ifndef WQ_LINUX_COMPLETION_H
#define WQ_LINUX_COMPLETION_H

#include <linux/compiler.h>
#include <linux/types.h>

/* @done counts complete() calls that nobody has waited for yet; the highest bit: somebody waits. */
struct completion {
	u32 done;
};

#define COMPLETION_INITIALIZER(work) { 0 }
#define DECLARE_COMPLETION(work) struct completion work = COMPLETION_INITIALIZER(work)
#define COMPLETION_INITIALIZER_ONSTACK(work) COMPLETION_INITIALIZER(work)
#define DECLARE_COMPLETION_ONSTACK(work) DECLARE_COMPLETION(work)

static inline void init_completion(struct completion *x)
{
	__atomic_store_n(&x->done, 0, __ATOMIC_RELAXED);
}

/* For another use; nobody may be waiting. */
static inline void reinit_completion(struct completion *x)
{
	__atomic_store_n(&x->done, 0, __ATOMIC_RELAXED);
}

void complete(struct completion *x) WQ_SYMBOL(complete);
void complete_all(struct completion *x) WQ_SYMBOL(complete_all);
void wait_for_completion(struct completion *x) WQ_SYMBOL(wait_for_completion);
/* Jiffies that were left, at least 1; 0 when the time was up. */
unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
	WQ_SYMBOL(wait_for_completion_timeout);
bool try_wait_for_completion(struct completion *x) WQ_SYMBOL(try_wait_for_completion);
/* Would a wait return at once? */
bool completion_done(struct completion *x) WQ_SYMBOL(completion_done);

#define wait_for_completion_io wait_for_completion
#define wait_for_completion_io_timeout wait_for_completion_timeout

static inline int __must_check wait_for_completion_interruptible(struct completion *x)
{
	wait_for_completion(x);
	return 0;
}

static inline int __must_check wait_for_completion_killable(struct completion *x)
{
	wait_for_completion(x);
	return 0;
}

static inline long __must_check wait_for_completion_interruptible_timeout(struct completion *x,
									   unsigned long timeout)
{
	return (long)wait_for_completion_timeout(x, timeout);
}

static inline long __must_check wait_for_completion_killable_timeout(struct completion *x,
								      unsigned long timeout)
{
	return (long)wait_for_completion_timeout(x, timeout);
}

#endif
