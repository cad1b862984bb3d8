/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A draining queue takes items only from its own items, and drain ends when it is empty. */
#include "probe.h"

static struct chain {
	struct work_struct work;
	struct workqueue_struct *wq;
	int left, runs;
} chain;

static struct probe hold;

static void chain_func(struct work_struct *work)
{
	struct chain *c = (struct chain *)(void *)work;

	c->runs++;
	if (c->left-- > 0)
		wq_queue_work(c->wq, work);
}

static void do_drain(void *wq)
{
	wq_drain_workqueue(wq);
}

TEST(a_chain_of_items_runs_to_its_end)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("chain", 0, 1);

	chain.wq = wq;
	chain.left = 20;
	wq_init_work(&chain.work, chain_func);
	wq_queue_work(wq, &chain.work);
	wq_destroy_workqueue(wq);
	CHECK_INT(chain.runs, 21);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(others_are_refused_while_it_drains)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("drain", 0, 0);
	struct counter c;
	struct helper h;

	probe_init(&hold);
	counter_init(&c);
	wq_queue_work(wq, &hold.work);
	gate_pass(&hold.entered);
	helper_start(&h, do_drain, wq);
	/* queue_work() returns true although the item is dropped; pending is cleared again */
	while (!wq_misuse_count()) {
		if (!wq_queue_work(wq, &c.work))
			continue;
		if (!wq_misuse_count())
			wq_cancel_work_sync(&c.work);
		sched_yield();
	}
	CHECK(!wq_work_pending(&c.work));
	CHECK(!helper_done(&h));
	gate_open(&hold.leave);
	helper_join(&h);
	/* and accepted afterwards */
	CHECK(wq_queue_work(wq, &c.work));
	wq_flush_work(&c.work);
	CHECK(counter_runs(&c) >= 1);
	wq_destroy_workqueue(wq);
}
END

TESTS(a_chain_of_items_runs_to_its_end, others_are_refused_while_it_drains)
