/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/spinlock.h - the lock for short sections
 *
 * A program's thread can lose its CPU inside the section, so a waiter spins a moment and then
 * sleeps. Interrupts are not switched off: there are none; a signal handler must not take one.
 * Not here: rwlock_t, lockdep.
 */
#ifndef WQ_LINUX_SPINLOCK_H
#define WQ_LINUX_SPINLOCK_H

#include <linux/compiler.h>
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/types.h>

typedef struct spinlock {
	u32 state;		/* as in struct mutex */
} spinlock_t;
typedef spinlock_t raw_spinlock_t;

#define __SPIN_LOCK_UNLOCKED(name) { 0 }
#define DEFINE_SPINLOCK(name) spinlock_t name = __SPIN_LOCK_UNLOCKED(name)
#define DEFINE_RAW_SPINLOCK(name) DEFINE_SPINLOCK(name)

static inline void __wq_spin_lock_init(spinlock_t *lock)
{
	__atomic_store_n(&lock->state, 0, __ATOMIC_RELAXED);
}

#define spin_lock_init(lock) __wq_spin_lock_init(lock)

void spin_lock(spinlock_t *lock) WQ_SYMBOL(spin_lock);
int spin_trylock(spinlock_t *lock) WQ_SYMBOL(spin_trylock);
void spin_unlock(spinlock_t *lock) WQ_SYMBOL(spin_unlock);

static inline int spin_is_locked(spinlock_t *lock)
{
	return __atomic_load_n(&lock->state, __ATOMIC_RELAXED) != 0;
}

#define assert_spin_locked(lock) ((void)(lock))
#define spin_lock_nested(lock, subclass) spin_lock(lock)

#define spin_lock_irqsave(lock, flags) \
	do { \
		__wq_irq_save(flags); \
		spin_lock(lock); \
	} while (0)
#define spin_unlock_irqrestore(lock, flags) \
	do { \
		(void)(flags); \
		spin_unlock(lock); \
	} while (0)
#define spin_trylock_irqsave(lock, flags) ((flags) = 0, spin_trylock(lock))
#define spin_lock_irq spin_lock
#define spin_unlock_irq spin_unlock
#define spin_lock_bh spin_lock
#define spin_unlock_bh spin_unlock
#define spin_trylock_bh spin_trylock

#define raw_spin_lock_init spin_lock_init
#define raw_spin_lock spin_lock
#define raw_spin_unlock spin_unlock
#define raw_spin_trylock spin_trylock
#define raw_spin_lock_irq spin_lock
#define raw_spin_unlock_irq spin_unlock
#define raw_spin_lock_irqsave spin_lock_irqsave
#define raw_spin_unlock_irqrestore spin_unlock_irqrestore

#endif
