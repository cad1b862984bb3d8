/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flush_work() waits for an item's last queueing, running or waiting, and for nothing else. */
#include "probe.h"

/* Until somebody waits by a barrier on the queue. */
static void wait_for_barrier(struct workqueue_struct *wq)
{
	char text[4096];

	do {
		FILE *out = fmemopen(text, sizeof(text), "w");

		memset(text, 0, sizeof(text));
		wq_show_one_workqueue_to(wq, out);
		fclose(out);
		sched_yield();
	} while (!strstr(text, "BAR("));
}

static int waited;

static void do_flush(void *arg)
{
	waited = wq_flush_work(arg);
}

TEST(a_running_item_is_waited_for)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("f", 0, 0);
	struct probe p;
	struct helper h;

	probe_init(&p);
	wq_queue_work(wq, &p.work);
	gate_pass(&p.entered);
	helper_start(&h, do_flush, &p.work);
	wait_for_barrier(wq);
	CHECK(!helper_done(&h));
	gate_open(&p.leave);
	helper_join(&h);
	CHECK(waited);
	CHECK_INT(probe_runs(&p), 1);
	CHECK(!wq_flush_work(&p.work));
	wq_destroy_workqueue(wq);
}
END

TEST(an_inactive_item_is_waited_for)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("f1", WQ_UNBOUND, 1);
	struct probe p, q;
	struct helper h;

	probe_init(&p);
	probe_init(&q);
	wq_queue_work(wq, &p.work);
	gate_pass(&p.entered);
	wq_queue_work(wq, &q.work);
	helper_start(&h, do_flush, &q.work);
	wait_for_barrier(wq);
	gate_open(&p.leave);
	gate_pass(&q.entered);
	CHECK(!helper_done(&h));
	gate_open(&q.leave);
	helper_join(&h);
	CHECK(waited);
	wq_destroy_workqueue(wq);
}
END

TEST(whoever_waits_for_a_cancelled_item_is_let_go)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("f2", WQ_UNBOUND, 1);
	struct probe p, q;
	struct helper h;

	probe_init(&p);
	probe_init(&q);
	wq_queue_work(wq, &p.work);
	gate_pass(&p.entered);
	wq_queue_work(wq, &q.work);
	helper_start(&h, do_flush, &q.work);
	wait_for_barrier(wq);
	CHECK(wq_cancel_work(&q.work));
	helper_join(&h);
	CHECK_INT(probe_runs(&q), 0);
	gate_open(&p.leave);
	wq_destroy_workqueue(wq);
	CHECK_INT(probe_runs(&p), 1);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(an_idle_item_is_not_waited_for)
{
	struct counter c;

	counter_init(&c);
	CHECK(!wq_flush_work(&c.work));
	CHECK_UINT(wq_misuse_count(), 0);
	c.work.func = NULL;
	CHECK(!wq_flush_work(&c.work));
	CHECK_UINT(wq_misuse_count(), 1);
}
END

TESTS(a_running_item_is_waited_for, an_inactive_item_is_waited_for,
      whoever_waits_for_a_cancelled_item_is_let_go, an_idle_item_is_not_waited_for)
