/* SPDX-License-Identifier: GPL-2.0-or-later */
/* remove.c - probe and remove: what a device queued is gone before its memory is */
#define pr_fmt(fmt) "remove: " fmt
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "check.h"

#define NR_DEVICES 8

struct device_state {
	struct list_head list;
	int number;
	bool irq_seen;			/* under lock */
	struct mutex lock;
	struct completion entered;
	struct work_struct irq_work;
	struct delayed_work led_work;
};

static LIST_HEAD(devices);
static DEFINE_MUTEX(devices_lock);

/* Still at it when the device is removed; removal has to wait. */
static void irq_work(struct work_struct *work)
{
	struct device_state *dev = container_of(work, struct device_state, irq_work);

	complete(&dev->entered);
	msleep(20);
	mutex_lock(&dev->lock);
	dev->irq_seen = true;
	mutex_unlock(&dev->lock);
}

static void led_work(struct work_struct *work)
{
	CHECK(!"a cancelled item runs");
}

static int probe(int number)
{
	struct device_state *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return -ENOMEM;
	dev->number = number;
	mutex_init(&dev->lock);
	init_completion(&dev->entered);
	INIT_WORK(&dev->irq_work, irq_work);
	INIT_DELAYED_WORK(&dev->led_work, led_work);
	mutex_lock(&devices_lock);
	list_add_tail(&dev->list, &devices);
	mutex_unlock(&devices_lock);
	CHECK(schedule_work(&dev->irq_work));
	CHECK(schedule_delayed_work(&dev->led_work, 3600 * HZ));
	return 0;
}

static void remove(struct device_state *dev)
{
	wait_for_completion(&dev->entered);
	/* It runs, so it is not pending; afterwards it does not run either. */
	CHECK(!cancel_work_sync(&dev->irq_work));
	CHECK(dev->irq_seen);
	CHECK(cancel_delayed_work_sync(&dev->led_work));
	CHECK(!cancel_delayed_work(&dev->led_work));
	list_del(&dev->list);
	kfree(dev);
}

static int __init remove_init(void)
{
	int i, err = 0;

	for (i = 0; i < NR_DEVICES && !err; i++)
		err = probe(i);
	pr_info("done, %d devices\n", i);
	return err;
}

static void __exit remove_exit(void)
{
	struct device_state *dev, *next;
	int n = 0;

	mutex_lock(&devices_lock);
	list_for_each_entry_safe(dev, next, &devices, list) {
		CHECK(dev->number == n);
		remove(dev);
		n++;
	}
	CHECK(list_empty(&devices));
	mutex_unlock(&devices_lock);
	pr_info("gone, %d devices\n", n);
}

module_init(remove_init);
module_exit(remove_exit);
MODULE_LICENSE("GPL");
