/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/mutex.h - the sleeping lock
 *
 * A worker that has to wait for one tells libwq first, so that another takes over at once. No
 * signal ends a wait. Not here: ww_mutex, lockdep; unlocking in another thread than the one that
 * locked is not noticed.
 */
#ifndef WQ_LINUX_MUTEX_H
#define WQ_LINUX_MUTEX_H

#include <linux/compiler.h>
#include <linux/lockdep.h>
#include <linux/types.h>

struct mutex {
	u32 state;		/* 0 free, 1 locked, 2 locked and somebody may be waiting */
};

#define __MUTEX_INITIALIZER(name) { 0 }
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)

static inline void __wq_mutex_init(struct mutex *lock)
{
	__atomic_store_n(&lock->state, 0, __ATOMIC_RELAXED);
}

#define mutex_init(lock) __wq_mutex_init(lock)
#define mutex_destroy(lock) ((void)(lock))

void mutex_lock(struct mutex *lock) WQ_SYMBOL(mutex_lock);
/* 1 if it is locked now, 0 if it was locked before. */
int mutex_trylock(struct mutex *lock) WQ_SYMBOL(mutex_trylock);
void mutex_unlock(struct mutex *lock) WQ_SYMBOL(mutex_unlock);

static inline bool mutex_is_locked(struct mutex *lock)
{
	return __atomic_load_n(&lock->state, __ATOMIC_RELAXED) != 0;
}

static inline int __must_check mutex_lock_interruptible(struct mutex *lock)
{
	mutex_lock(lock);
	return 0;
}

static inline int __must_check mutex_lock_killable(struct mutex *lock)
{
	mutex_lock(lock);
	return 0;
}

#define mutex_lock_nested(lock, subclass) mutex_lock(lock)
#define mutex_lock_io mutex_lock

#endif
