/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hello.c - the module that every introduction shows: work at once, and work after two seconds
 *
 * Its exit function flushes the queue, which does not wait for the armed timer. When it is stopped
 * early a kernel would use freed memory; libwq runs the item and says so.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct greeting {
	struct work_struct now;
	struct delayed_work later;
	int number;
};

static struct workqueue_struct *greetings;

static void greet(struct work_struct *work)
{
	struct greeting *g = container_of(work, struct greeting, now);

	printk(KERN_INFO "hello: number %d on CPU %d\n", g->number, smp_processor_id());
	kfree(g);
}

static void greet_later(struct work_struct *work)
{
	struct greeting *g = container_of(to_delayed_work(work), struct greeting, later);

	printk(KERN_INFO "hello: later, number %d on CPU %d\n", g->number, smp_processor_id());
	kfree(g);
}

static int __init hello_init(void)
{
	struct greeting *g;

	printk(KERN_INFO "hello: init\n");
	greetings = alloc_workqueue("greetings", WQ_MEM_RECLAIM, 1);
	if (!greetings) {
		printk(KERN_ERR "hello: no workqueue\n");
		return -ENOMEM;
	}
	g = kmalloc(sizeof(*g), GFP_KERNEL);
	if (g) {
		g->number = 42;
		INIT_WORK(&g->now, greet);
		queue_work(greetings, &g->now);
	}
	g = kmalloc(sizeof(*g), GFP_KERNEL);
	if (g) {
		g->number = 100;
		INIT_DELAYED_WORK(&g->later, greet_later);
		queue_delayed_work(greetings, &g->later, HZ * 2);
	}
	return 0;
}

static void __exit hello_exit(void)
{
	printk(KERN_INFO "hello: exit\n");
	flush_workqueue(greetings);
	destroy_workqueue(greetings);
}

module_init(hello_init);
module_exit(hello_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("work at once, and work later");
