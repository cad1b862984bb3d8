/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An item never runs twice at a time, wherever it is queued. */
#include "probe.h"

TEST(an_item_that_runs_is_queued_behind_itself_on_any_cpu)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("nr", 0, 0);
	int nr = (int)sysconf(_SC_NPROCESSORS_ONLN);
	struct probe p;

	probe_init(&p);
	CHECK(wq_queue_work_on(0, wq, &p.work));
	gate_pass(&p.entered);
	for (int round = 1; round <= 20; round++) {
		/* another CPU's pool: it must follow the running instance */
		CHECK(wq_queue_work_on(round % nr, wq, &p.work));
		gate_open(&p.leave);
		gate_pass(&p.entered);
		CHECK_INT(p.cpu, 0);
		CHECK_INT(probe_runs(&p), round);
	}
	gate_open(&p.leave);
	wq_flush_work(&p.work);
	CHECK_INT(p.most_inside, 1);
	wq_destroy_workqueue(wq);
}
END

TEST(so_on_unbound_queues)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("nru", WQ_UNBOUND, 0);
	struct probe p;

	probe_init(&p);
	gate_open_n(&p.leave, 2000);
	for (int i = 0; i < 2000; i++)
		wq_queue_work_on(i & 1, wq, &p.work);
	wq_flush_work(&p.work);
	CHECK_INT(p.most_inside, 1);
	CHECK(probe_runs(&p) >= 1);
	wq_destroy_workqueue(wq);
}
END

TESTS(an_item_that_runs_is_queued_behind_itself_on_any_cpu, so_on_unbound_queues)
