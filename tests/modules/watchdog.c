/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watchdog.c - barks when nobody has kicked it for a while: mod_delayed_work() both ways */
#define pr_fmt(fmt) "watchdog: " fmt
#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include "check.h"

#define NR_KICKS 20

static atomic_t kicks = ATOMIC_INIT(0);

static void bark(struct work_struct *work)
{
	pr_info("done, it barks after %d kicks\n", atomic_read(&kicks));
}

static DECLARE_DELAYED_WORK(watchdog, bark);

/* Whoever is watched, as an item too. Its last kick leaves the dog little patience. */
static void kick(struct work_struct *work)
{
	unsigned long patience = atomic_inc_return(&kicks) < NR_KICKS ? 3600 * HZ : HZ / 50;

	CHECK(mod_delayed_work(system_long_wq, &watchdog, patience));
	if (atomic_read(&kicks) < NR_KICKS)
		CHECK(schedule_work(work));
}

static DECLARE_WORK(kicker, kick);

static int __init watchdog_init(void)
{
	/* Idle: false, and armed. Armed: true, and changed. */
	CHECK(!mod_delayed_work(system_long_wq, &watchdog, 3600 * HZ));
	CHECK(delayed_work_pending(&watchdog));
	CHECK(!schedule_delayed_work(&watchdog, HZ));
	CHECK(mod_delayed_work(system_long_wq, &watchdog, 7200 * HZ));
	CHECK(schedule_work(&kicker));
	return 0;
}

static void __exit watchdog_exit(void)
{
	cancel_work_sync(&kicker);
	CHECK(!cancel_delayed_work_sync(&watchdog));
	pr_info("gone\n");
}

module_init(watchdog_init);
module_exit(watchdog_exit);
MODULE_LICENSE("GPL");
