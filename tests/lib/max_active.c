/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No more than max_active items run at a time; a higher limit starts waiting ones at once. */
#include "probe.h"

#define N 8

static struct probe probes[N];

static void begin(struct workqueue_struct *wq)
{
	for (int i = 0; i < N; i++) {
		probe_init(&probes[i]);
		CHECK(wq_queue_work_on(0, wq, &probes[i].work));
	}
}

static int nr_entered(void)
{
	int n = 0;

	for (int i = 0; i < N; i++)
		n += __atomic_load_n(&probes[i].inside, __ATOMIC_SEQ_CST);
	return n;
}

static void check_limit(unsigned int flags)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("max", flags, 3);

	begin(wq);
	for (int i = 0; i < 3; i++)
		gate_pass(&probes[i].entered);
	CHECK_INT(nr_entered(), 3);
	CHECK(wq_workqueue_congested(0, wq));
	/* one leaves, the next one enters */
	gate_open(&probes[0].leave);
	gate_pass(&probes[3].entered);
	CHECK_INT(nr_entered(), 3);
	wq_workqueue_set_max_active(wq, 5);
	gate_pass(&probes[4].entered);
	gate_pass(&probes[5].entered);
	CHECK_INT(nr_entered(), 5);
	/* a lower limit stops nobody, but lets nobody in */
	wq_workqueue_set_max_active(wq, 1);
	for (int i = 1; i < 5; i++)
		gate_open(&probes[i].leave);
	for (int i = 1; i < 5; i++)
		wq_flush_work(&probes[i].work);
	CHECK_INT(nr_entered(), 1);
	for (int i = 5; i < N; i++)
		gate_open(&probes[i].leave);
	wq_destroy_workqueue(wq);
	for (int i = 0; i < N; i++)
		CHECK_INT(probes[i].runs, 1);
	CHECK_UINT(wq_misuse_count(), 0);
}

TEST(per_cpu_queues_count_per_cpu)
{
	check_limit(WQ_PERCPU);
}
END

TEST(unbound_queues_count_per_node)
{
	check_limit(WQ_UNBOUND);
}
END

TEST(queues_with_a_rescuer_too)
{
	check_limit(WQ_UNBOUND | WQ_MEM_RECLAIM);
}
END

TEST(out_of_range_is_clamped)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("big", 0, 1000000);

	CHECK(wq != NULL);
	begin(wq);
	for (int i = 0; i < N; i++)
		gate_open(&probes[i].leave);
	wq_destroy_workqueue(wq);
	CHECK(!wq_alloc_workqueue("bh", WQ_BH, 1));
	CHECK_UINT(wq_misuse_count(), 1);
}
END

TESTS(per_cpu_queues_count_per_cpu, unbound_queues_count_per_node, queues_with_a_rescuer_too,
      out_of_range_is_clamped)
