/* SPDX-License-Identifier: GPL-2.0-or-later */
/* poller.c - a device without interrupts: an item that queues itself again and again */
#define pr_fmt(fmt) "poller: " fmt
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include "check.h"

static unsigned int interval_ms = 10;
module_param(interval_ms, uint, 0444);
MODULE_PARM_DESC(interval_ms, "time between two polls");

static int nr_polls = 5;
module_param(nr_polls, int, 0444);
MODULE_PARM_DESC(nr_polls, "polls before it says done");

struct poller {
	struct workqueue_struct *wq;
	struct delayed_work work;
	unsigned long last;
	int polls;
};

static struct poller poller;

static void poll(struct work_struct *work)
{
	struct poller *p = container_of(to_delayed_work(work), struct poller, work);

	CHECK(!delayed_work_pending(&p->work));
	CHECK(!p->polls || time_after_eq(jiffies, p->last + msecs_to_jiffies(interval_ms)));
	p->last = jiffies;
	if (++p->polls == nr_polls)
		pr_info("done, %d polls\n", p->polls);
	/* Refused while poller_exit() waits for us. */
	queue_delayed_work(p->wq, &p->work, msecs_to_jiffies(interval_ms));
}

static int __init poller_init(void)
{
	poller.wq = alloc_workqueue("poller", WQ_FREEZABLE, 0);
	if (!poller.wq)
		return -ENOMEM;
	INIT_DELAYED_WORK(&poller.work, poll);
	CHECK(queue_delayed_work(poller.wq, &poller.work, 0));
	return 0;
}

static void __exit poller_exit(void)
{
	cancel_delayed_work_sync(&poller.work);
	CHECK(!delayed_work_pending(&poller.work));
	CHECK(!work_busy(&poller.work.work));
	destroy_workqueue(poller.wq);
	pr_info("gone\n");
}

module_init(poller_init);
module_exit(poller_exit);
MODULE_LICENSE("GPL");
