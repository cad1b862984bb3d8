/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cancel says whether the item was pending; cancel_sync returns when it neither is nor runs. */
#include "probe.h"

static bool was_pending;

static void do_cancel(void *arg)
{
	was_pending = wq_cancel_work_sync(&((struct probe *)arg)->work);
}

TEST(pending_items_are_taken_back)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("c", 0, 1);
	struct probe p;
	struct counter c;

	probe_init(&p);
	counter_init(&c);
	CHECK(!wq_cancel_work(&c.work));	/* idle */
	wq_queue_work_on(0, wq, &p.work);
	gate_pass(&p.entered);
	CHECK(wq_queue_work_on(0, wq, &c.work));	/* inactive */
	CHECK(wq_cancel_work(&c.work));
	CHECK(!wq_cancel_work(&c.work));
	CHECK(wq_queue_work_on(0, wq, &c.work));
	CHECK(wq_cancel_work_sync(&c.work));
	CHECK(!wq_cancel_work(&p.work));	/* running is not pending */
	CHECK(wq_queue_work(wq, &p.work));
	CHECK(wq_cancel_work(&p.work));		/* queued behind itself */
	gate_open(&p.leave);
	wq_destroy_workqueue(wq);
	CHECK_INT(counter_runs(&c), 0);
	CHECK_INT(probe_runs(&p), 1);
}
END

TEST(sync_does_not_call_a_running_item_pending)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("run", WQ_UNBOUND, 0);
	struct helper h;
	struct probe p;

	probe_init(&p);
	wq_queue_work(wq, &p.work);
	gate_pass(&p.entered);
	helper_start(&h, do_cancel, &p);
	gate_open(&p.leave);
	helper_join(&h);
	CHECK(!was_pending);
	CHECK_INT(probe_runs(&p), 1);
	wq_destroy_workqueue(wq);
}
END

TEST(sync_waits_for_the_function_and_refuses_meanwhile)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("cs", WQ_UNBOUND, 0);
	struct helper h;
	struct probe p;

	probe_init(&p);
	wq_queue_work(wq, &p.work);
	gate_pass(&p.entered);
	helper_start(&h, do_cancel, &p);
	/* until the canceller, which may find the item pending here, has disabled it */
	while (wq_queue_work(wq, &p.work)) {
		wq_cancel_work(&p.work);
		sched_yield();
	}
	while (wq_work_pending(&p.work))
		sched_yield();
	CHECK(!helper_done(&h));
	CHECK(!wq_queue_work(wq, &p.work));
	gate_open(&p.leave);
	helper_join(&h);
	CHECK_INT(probe_runs(&p), 1);
	CHECK(wq_queue_work(wq, &p.work));	/* enabled again */
	gate_open(&p.leave);
	wq_destroy_workqueue(wq);
	CHECK_INT(probe_runs(&p), 2);
}
END

TESTS(pending_items_are_taken_back, sync_does_not_call_a_running_item_pending,
      sync_waits_for_the_function_and_refuses_meanwhile)
