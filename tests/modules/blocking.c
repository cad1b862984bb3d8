/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blocking.c - items that block, one behind the other on one CPU: each needs the next one to start
 *
 * In a program they block in a plain read(), which tells nobody anything; in the kernel in its
 * completion.
 */
#define pr_fmt(fmt) "blocking: " fmt
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/workqueue.h>
#ifndef __KERNEL__
#include <unistd.h>
#endif

#include "check.h"

#define NR_ITEMS 16

static struct workqueue_struct *wq;
static struct work_struct items[NR_ITEMS];
static atomic_t started = ATOMIC_INIT(0);

#ifdef __KERNEL__
static DECLARE_COMPLETION(all_started);

static int open_gate(void)
{
	return 0;
}

static void pass_gate(void)
{
	wait_for_completion(&all_started);
}

static void release_gate(void)
{
	complete_all(&all_started);
}
#else
static int gate[2];

static int open_gate(void)
{
	return pipe(gate);
}

static void pass_gate(void)
{
	char c;

	CHECK(read(gate[0], &c, 1) == 0);
}

/* The end of the file is there for everybody. */
static void release_gate(void)
{
	close(gate[1]);
}
#endif

static void block(struct work_struct *work)
{
	if (atomic_inc_return(&started) == NR_ITEMS)
		release_gate();
	pass_gate();
}

static int __init blocking_init(void)
{
	int i, cpu;

	if (open_gate())
		return -EMFILE;
	wq = alloc_workqueue("blocking", 0, 0);
	if (!wq)
		return -ENOMEM;
	cpu = get_cpu();
	put_cpu();
	for (i = 0; i < NR_ITEMS; i++) {
		INIT_WORK(&items[i], block);
		CHECK(queue_work_on(cpu, wq, &items[i]));
	}
	flush_workqueue(wq);
	CHECK(atomic_read(&started) == NR_ITEMS);
	pr_info("done, %d items blocked at a time\n", atomic_read(&started));
	return 0;
}

static void __exit blocking_exit(void)
{
	destroy_workqueue(wq);
	pr_info("gone\n");
}

module_init(blocking_init);
module_exit(blocking_exit);
MODULE_LICENSE("GPL");
