/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was written before queueing is visible to the function: also when queueing said that the
 * item was pending already, because then the pending run is still to come.
 */
#include "probe.h"

static struct {
	struct work_struct work;
	unsigned long written, seen;
} v;

static void look(struct work_struct *work)
{
	(void)work;
	__atomic_store_n(&v.seen, __atomic_load_n(&v.written, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}

static void check_visible(unsigned int flags, int cpu)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("visible", flags, 0);
	unsigned long i = 0;

	wq_init_work(&v.work, look);
	v.written = v.seen = 0;
	for (int round = 0; round < 3000; round++) {
		for (int n = 0; n < 1 + round % 40; n++) {
			__atomic_store_n(&v.written, ++i, __ATOMIC_RELAXED);
			wq_queue_work_on(cpu, wq, &v.work);
		}
		wq_flush_work(&v.work);
		CHECK_UINT(__atomic_load_n(&v.seen, __ATOMIC_RELAXED), i);
	}
	wq_destroy_workqueue(wq);
}

TEST(on_the_same_cpu)
{
	check_visible(WQ_PERCPU, WORK_CPU_UNBOUND);
}
END

TEST(on_another_cpu)
{
	check_visible(WQ_PERCPU, 0);
	check_visible(WQ_PERCPU, 1);
	check_visible(WQ_UNBOUND, WORK_CPU_UNBOUND);
}
END

TESTS(on_the_same_cpu, on_another_cpu)
