/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disabled item is not queued; depths nest; enable says when it is 0. */
#include "probe.h"

TEST(depth_nests)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("d", 0, 0);
	struct counter c;

	counter_init(&c);
	CHECK(!wq_disable_work(&c.work));
	CHECK(!wq_disable_work_sync(&c.work));
	CHECK(!wq_queue_work(wq, &c.work));
	CHECK(!wq_work_pending(&c.work));
	CHECK(!wq_enable_work(&c.work));
	CHECK(!wq_queue_work(wq, &c.work));
	CHECK(wq_enable_work(&c.work));
	CHECK(wq_queue_work(wq, &c.work));
	wq_flush_work(&c.work);
	CHECK_INT(counter_runs(&c), 1);
	CHECK_UINT(wq_misuse_count(), 0);
	CHECK(wq_enable_work(&c.work));		/* one too many */
	CHECK_UINT(wq_misuse_count(), 1);
	wq_disable_work(&c.work);
	wq_disable_work(&c.work);
	CHECK(!wq_enable_and_queue_work(wq, &c.work));
	CHECK(wq_enable_and_queue_work(wq, &c.work));
	wq_destroy_workqueue(wq);
	CHECK_INT(counter_runs(&c), 2);
}
END

TEST(disable_cancels)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("d1", 0, 1);
	struct probe p;
	struct counter c;
	struct delayed_work *dw;

	probe_init(&p);
	counter_init(&c);
	wq_queue_work_on(0, wq, &p.work);
	gate_pass(&p.entered);
	wq_queue_work_on(0, wq, &c.work);
	CHECK(wq_disable_work(&c.work));
	dw = &p.dwork;
	CHECK(wq_queue_delayed_work(wq, dw, 100000));
	CHECK(wq_disable_delayed_work_sync(dw));
	CHECK(!wq_queue_delayed_work(wq, dw, 0));
	CHECK(!wq_mod_delayed_work(wq, dw, 1));
	CHECK(!wq_delayed_work_pending(dw));
	CHECK(wq_enable_delayed_work(dw));
	gate_open(&p.leave);
	wq_destroy_workqueue(wq);
	CHECK_INT(counter_runs(&c), 0);
	CHECK_INT(probe_runs(&p), 1);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(the_depth_overflows_with_a_warning)
{
	struct counter c;

	counter_init(&c);
	for (int i = 0; i < 65535; i++)
		wq_disable_work(&c.work);
	CHECK_UINT(wq_misuse_count(), 0);
	wq_disable_work(&c.work);
	CHECK_UINT(wq_misuse_count(), 1);
}
END

TESTS(depth_nests, disable_cancels, the_depth_overflows_with_a_warning)
