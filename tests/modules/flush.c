/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flush.c - an item that waits for items of another queue: two layers of one driver */
#define pr_fmt(fmt) "flush: " fmt
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include "check.h"

#define NR_WRITES 10

static struct workqueue_struct *upper, *lower;
static atomic_t written = ATOMIC_INIT(0);
static struct work_struct writes[NR_WRITES];
static DECLARE_COMPLETION(synced);

static void write_block(struct work_struct *work)
{
	usleep_range(1000, 2000);
	atomic_inc(&written);
}

/* One item, then all of the queue. Both queues have a rescuer, so neither can starve the other. */
static void sync_blocks(struct work_struct *work)
{
	int i;

	for (i = 0; i < NR_WRITES; i++)
		CHECK(queue_work(lower, &writes[i]));
	flush_work(&writes[0]);
	CHECK(!work_pending(&writes[0]));
	CHECK(atomic_read(&written) >= 1);
	flush_workqueue(lower);
	CHECK(atomic_read(&written) == NR_WRITES);
	complete(&synced);
}

static DECLARE_WORK(syncer, sync_blocks);

static int __init flush_init(void)
{
	int i;

	upper = alloc_workqueue("flush_upper", WQ_MEM_RECLAIM, 1);
	if (!upper)
		return -ENOMEM;
	lower = alloc_workqueue("flush_lower%d", WQ_MEM_RECLAIM | WQ_UNBOUND, 0, 0);
	if (!lower) {
		destroy_workqueue(upper);
		return -ENOMEM;
	}
	for (i = 0; i < NR_WRITES; i++)
		INIT_WORK(&writes[i], write_block);
	CHECK(!flush_work(&syncer));
	CHECK(queue_work(upper, &syncer));
	wait_for_completion(&synced);
	flush_work(&syncer);
	CHECK(!flush_work(&syncer));
	pr_info("done, %d blocks\n", atomic_read(&written));
	return 0;
}

static void __exit flush_exit(void)
{
	destroy_workqueue(upper);
	destroy_workqueue(lower);
	pr_info("gone\n");
}

module_init(flush_init);
module_exit(flush_exit);
MODULE_LICENSE("GPL");
