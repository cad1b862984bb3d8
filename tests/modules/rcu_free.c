/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rcu_free.c - a table that is read without a lock: rcu_work frees an entry after its readers */
#define pr_fmt(fmt) "rcu_free: " fmt
#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "check.h"

#define NR_ENTRIES 64
#define NR_READERS 4
#define MAGIC 0x600dda7a

struct entry {
	struct list_head list;
	unsigned int magic;
	int key;
	struct rcu_work free_work;
};

static LIST_HEAD(table);
static DEFINE_SPINLOCK(table_lock);
static atomic_t nr_live = ATOMIC_INIT(0);
static struct workqueue_struct *wq;
static struct work_struct readers[NR_READERS];
static bool stop;

/* Freeing may sleep here, which an RCU callback may not. */
static void free_entry(struct work_struct *work)
{
	struct entry *e = container_of(to_rcu_work(work), struct entry, free_work);

	CHECK(e->magic == MAGIC);
	WRITE_ONCE(e->magic, 0);
	kfree(e);
	atomic_dec(&nr_live);
}

static int add(int key)
{
	struct entry *e = kzalloc(sizeof(*e), GFP_KERNEL);

	if (!e)
		return -ENOMEM;
	e->magic = MAGIC;
	e->key = key;
	INIT_RCU_WORK(&e->free_work, free_entry);
	atomic_inc(&nr_live);
	spin_lock(&table_lock);
	list_add_tail_rcu(&e->list, &table);
	spin_unlock(&table_lock);
	return 0;
}

static void del(int key)
{
	struct entry *e, *found = NULL;

	spin_lock(&table_lock);
	list_for_each_entry(e, &table, list) {
		if (e->key == key) {
			list_del_rcu(&e->list);
			found = e;
			break;
		}
	}
	spin_unlock(&table_lock);
	CHECK(found && queue_rcu_work(wq, &found->free_work));
}

static void read_table(struct work_struct *work)
{
	struct entry *e;

	rcu_read_lock();
	list_for_each_entry_rcu(e, &table, list)
		CHECK(READ_ONCE(e->magic) == MAGIC);
	rcu_read_unlock();
	if (!READ_ONCE(stop))
		queue_work(wq, work);
}

static int __init rcu_free_init(void)
{
	int i;

	wq = alloc_workqueue("rcu_free", WQ_UNBOUND, 0);
	if (!wq)
		return -ENOMEM;
	for (i = 0; i < NR_READERS; i++) {
		INIT_WORK(&readers[i], read_table);
		queue_work(wq, &readers[i]);
	}
	for (i = 0; i < NR_ENTRIES; i++)
		CHECK(!add(i));
	for (i = 0; i < NR_ENTRIES; i += 2)
		del(i);
	pr_info("done\n");
	return 0;
}

static void __exit rcu_free_exit(void)
{
	int i;

	for (i = 1; i < NR_ENTRIES; i += 2)
		del(i);
	WRITE_ONCE(stop, true);
	for (i = 0; i < NR_READERS; i++)
		cancel_work_sync(&readers[i]);
	rcu_barrier();
	flush_workqueue(wq);
	CHECK(!atomic_read(&nr_live));
	destroy_workqueue(wq);
	pr_info("gone, %d left\n", atomic_read(&nr_live));
}

module_init(rcu_free_init);
module_exit(rcu_free_exit);
MODULE_LICENSE("GPL");
