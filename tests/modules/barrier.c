/* SPDX-License-Identifier: GPL-2.0-or-later */
/* barrier.c - 64 unbound items that spin until all of them have started */
#define pr_fmt(fmt) "barrier: " fmt
#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "check.h"

#define NR_ITEMS 64

static struct workqueue_struct *wq;
static struct work_struct items[NR_ITEMS];
static atomic_t started = ATOMIC_INIT(0), gave_up = ATOMIC_INIT(0);
static unsigned long limit;

static void spin(struct work_struct *work)
{
	atomic_inc(&started);
	while (atomic_read(&started) < NR_ITEMS) {
		if (time_after(jiffies, limit)) {
			atomic_inc(&gave_up);
			break;
		}
		cpu_relax();
		cond_resched();
	}
}

static int __init barrier_init(void)
{
	int i;

	wq = alloc_workqueue("barrier", WQ_UNBOUND, NR_ITEMS);
	if (!wq)
		return -ENOMEM;
	limit = jiffies + 60 * HZ;
	for (i = 0; i < NR_ITEMS; i++) {
		INIT_WORK(&items[i], spin);
		CHECK(queue_work(wq, &items[i]));
	}
	flush_workqueue(wq);
	pr_info("done, %d started, %d gave up\n", atomic_read(&started), atomic_read(&gave_up));
	return 0;
}

static void __exit barrier_exit(void)
{
	destroy_workqueue(wq);
	pr_info("gone\n");
}

module_init(barrier_init);
module_exit(barrier_exit);
MODULE_LICENSE("GPL");
