/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/rculist.h - lists that are read under rcu_read_lock() while somebody changes them */
#ifndef WQ_LINUX_RCULIST_H
#define WQ_LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>

static inline void list_add_rcu(struct list_head *entry, struct list_head *head)
{
	entry->next = head->next;
	entry->prev = head;
	entry->next->prev = entry;
	smp_store_release(&head->next, entry);
}

static inline void list_add_tail_rcu(struct list_head *entry, struct list_head *head)
{
	struct list_head *last = head->prev;

	entry->next = head;
	entry->prev = last;
	head->prev = entry;
	smp_store_release(&last->next, entry);
}

/*
 * Its next link stays, for readers that are at it. A release again: who comes to the next entry by
 * this store has not seen the one that published it.
 */
static inline void list_del_rcu(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	smp_store_release(&entry->prev->next, entry->next);
	entry->prev = LIST_POISON2;
}

#define list_entry_rcu(ptr, type, member) container_of(READ_ONCE(ptr), type, member)
#define list_for_each_entry_rcu(pos, head, member, ...) \
	for ((pos) = container_of(rcu_dereference((head)->next), __typeof__(*(pos)), member); \
	     !list_entry_is_head(pos, head, member); \
	     (pos) = container_of(rcu_dereference((pos)->member.next), __typeof__(*(pos)), member))

#endif
