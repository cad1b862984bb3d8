/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/rcupdate.h - read-copy-update
 *
 * Readers are any threads; callbacks run on a thread of libwq and must not sleep. Not here: lists
 * (rculist.h), SRCU, the bh and sched flavours (they are the same), expedited grace periods.
 */
#ifndef WQ_LINUX_RCUPDATE_H
#define WQ_LINUX_RCUPDATE_H

#include <linux/compiler.h>
#include <linux/types.h>

typedef void (*rcu_callback_t)(struct rcu_head *head);

void rcu_read_lock(void) WQ_SYMBOL(rcu_read_lock);
void rcu_read_unlock(void) WQ_SYMBOL(rcu_read_unlock);
void synchronize_rcu(void) WQ_SYMBOL(synchronize_rcu);
void call_rcu(struct rcu_head *head, rcu_callback_t func) WQ_SYMBOL(call_rcu);
void rcu_barrier(void) WQ_SYMBOL(rcu_barrier);

#define call_rcu_hurry call_rcu
#define synchronize_rcu_expedited synchronize_rcu
#define synchronize_net synchronize_rcu
#define rcu_read_lock_bh rcu_read_lock
#define rcu_read_unlock_bh rcu_read_unlock
#define rcu_read_lock_sched rcu_read_lock
#define rcu_read_unlock_sched rcu_read_unlock
#define rcu_read_lock_held() 1
#define init_rcu_head(head) ((void)(head))

#define rcu_dereference(p) __atomic_load_n(&(p), __ATOMIC_ACQUIRE)
#define rcu_dereference_check(p, c) rcu_dereference(p)
#define rcu_dereference_protected(p, c) ((void)(c), READ_ONCE(p))
#define rcu_dereference_raw(p) rcu_dereference(p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_assign_pointer(p, v) smp_store_release(&(p), (v))
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)
#define RCU_INITIALIZER(v) (v)
#define rcu_replace_pointer(p, v, c) \
	((void)(c), __atomic_exchange_n(&(p), (v), __ATOMIC_ACQ_REL))
#define rcu_pointer_handoff(p) (p)

/* kfree(@p) after a grace period; @head is in it. Kernel: the two are kvfree_call_rcu() too. */
void kvfree_call_rcu(struct rcu_head *head, void *p) WQ_SYMBOL(kvfree_call_rcu);
/* Waits until all of those have been freed. */
void kvfree_rcu_barrier(void) WQ_SYMBOL(kvfree_rcu_barrier);
void __wq_kfree_rcu_mightsleep(void *p) WQ_SYMBOL(kfree_rcu_mightsleep);

#define kfree_rcu(ptr, field) \
	do { \
		__typeof__(ptr) __wq_ptr = (ptr); \
		if (__wq_ptr) \
			kvfree_call_rcu(&__wq_ptr->field, (void *)__wq_ptr); \
	} while (0)
#define kvfree_rcu(ptr, field) kfree_rcu(ptr, field)
#define kfree_rcu_mightsleep(ptr) __wq_kfree_rcu_mightsleep((void *)(ptr))
#define kvfree_rcu_mightsleep(ptr) kfree_rcu_mightsleep(ptr)

#endif
