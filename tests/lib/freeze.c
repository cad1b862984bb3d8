/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A frozen queue starts nothing, is busy until what runs has ended, and goes on when it is thawed.
 */
#include "probe.h"

/* Each CPU has its own answer, and we may be on another than when we queued. */
static bool is_congested(struct workqueue_struct *wq)
{
	for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++)
		if (wq_workqueue_congested(cpu, wq))
			return true;
	return false;
}

TEST(frozen_items_wait)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("frz", WQ_FREEZABLE | WQ_UNBOUND, 0);
	struct counter other;
	struct probe p, q;

	probe_init(&p);
	probe_init(&q);
	counter_init(&other);
	wq_queue_work(wq, &p.work);
	gate_pass(&p.entered);
	wq_freeze_workqueues_begin();
	wq_queue_work(wq, &q.work);
	CHECK(wq_freeze_workqueues_busy());
	gate_open(&p.leave);
	wq_flush_work(&p.work);
	while (wq_freeze_workqueues_busy())
		sched_yield();
	CHECK(wq_work_pending(&q.work));
	CHECK(is_congested(wq));
	/* others go on */
	wq_schedule_work(&other.work);
	wq_flush_work(&other.work);
	CHECK_INT(counter_runs(&other), 1);
	CHECK_INT(probe_runs(&q), 0);
	wq_thaw_workqueues();
	gate_pass(&q.entered);
	gate_open(&q.leave);
	wq_destroy_workqueue(wq);
	CHECK_INT(probe_runs(&q), 1);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TESTS(frozen_items_wait)
