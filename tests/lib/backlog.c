/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What waits behind a worker that runs again starts when that one blocks, also if somebody was on
 * the way already and found nothing to do.
 */
#include "probe.h"

static struct workqueue_struct *wq;
static struct probe behind;

/*
 * While it says that it blocks another worker is called; before that one gets the CPU, it runs
 * again, and then blocks without a word.
 */
static void call_and_run_on(struct probe *p)
{
	(void)p;
	wq_block_begin();
	wq_queue_work_on(0, wq, &behind.work);
	wq_block_end();
}

/* Sentinel and tick stay for some ms after a backlog, and then park: let them, but only that. */
static void calm_down(void)
{
	struct probe p;

	probe_init(&p);
	gate_open(&p.leave);
	wq_queue_delayed_work_ns(wq_system_dfl_wq, &p.dwork, 60000000);
	gate_pass(&p.entered);
	wq_flush_delayed_work(&p.dwork);
}

static void check_starts(unsigned int flags)
{
	wq = wq_alloc_workqueue("backlog", flags, 0);
	for (int i = 0; i < 6; i++) {
		struct probe p;

		calm_down();
		probe_init(&p);
		probe_init(&behind);
		p.then = call_and_run_on;
		gate_open(&behind.leave);
		CHECK(wq_queue_work_on(0, wq, &p.work));
		gate_pass(&behind.entered);
		gate_open(&p.leave);
		wq_flush_workqueue(wq);
	}
	wq_destroy_workqueue(wq);
}

TEST(it_starts_on_a_per_cpu_queue)
{
	check_starts(WQ_PERCPU);
}
END

TEST(it_starts_on_a_highpri_queue)
{
	check_starts(WQ_HIGHPRI);
}
END

TEST(it_starts_on_an_unbound_queue)
{
	check_starts(WQ_UNBOUND);
}
END

TESTS(it_starts_on_a_per_cpu_queue, it_starts_on_a_highpri_queue, it_starts_on_an_unbound_queue)
