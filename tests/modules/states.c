/* SPDX-License-Identifier: GPL-2.0-or-later */
/* states.c - a state machine on an ordered queue: its events need no lock and come in order */
#define pr_fmt(fmt) "states: " fmt
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "check.h"

#define NR_EVENTS 300

enum state { IDLE, STARTING, RUNNING };

struct event {
	struct work_struct work;
	int number;
};

static struct workqueue_struct *events;
static enum state state = IDLE;
static int nr_seen, nr_rounds;		/* no lock: one event at a time */
static atomic_t inside = ATOMIC_INIT(0);

static void finish(struct work_struct *work)
{
	CHECK(nr_seen == NR_EVENTS);
	pr_info("done, %d events, %d rounds\n", nr_seen, nr_rounds);
}

static DECLARE_WORK(finisher, finish);

static void handle(struct work_struct *work)
{
	struct event *e = container_of(work, struct event, work);

	CHECK(atomic_inc_return(&inside) == 1);
	CHECK(e->number == nr_seen);
	nr_seen++;
	switch (state) {
	case IDLE:
		state = STARTING;
		break;
	case STARTING:
		state = RUNNING;
		break;
	case RUNNING:
		state = IDLE;
		nr_rounds++;
		break;
	}
	atomic_dec(&inside);
	kfree(e);
}

static int __init states_init(void)
{
	int i;

	events = alloc_ordered_workqueue("states", WQ_MEM_RECLAIM);
	if (!events)
		return -ENOMEM;
	for (i = 0; i < NR_EVENTS; i++) {
		struct event *e = kzalloc(sizeof(*e), GFP_KERNEL);

		if (!e)
			break;
		e->number = i;
		INIT_WORK(&e->work, handle);
		CHECK(queue_work(events, &e->work));
	}
	CHECK(queue_work(events, &finisher));
	return 0;
}

static void __exit states_exit(void)
{
	drain_workqueue(events);
	destroy_workqueue(events);
	pr_info("gone\n");
}

module_init(states_init);
module_exit(states_exit);
MODULE_LICENSE("GPL");
