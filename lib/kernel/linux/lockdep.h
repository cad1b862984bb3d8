/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/lockdep.h - the lock checker's annotations, without the checker */
#ifndef WQ_LINUX_LOCKDEP_H
#define WQ_LINUX_LOCKDEP_H

struct lock_class_key {
	char unused;
};

#define lockdep_assert_held(lock) ((void)(lock))
#define lockdep_assert_not_held(lock) ((void)(lock))
#define lockdep_assert_held_once(lock) ((void)(lock))
#define lockdep_is_held(lock) ((void)(lock), 1)
#define lockdep_set_class(lock, key) ((void)(lock), (void)(key))
#define might_lock(lock) ((void)(lock))

#endif
