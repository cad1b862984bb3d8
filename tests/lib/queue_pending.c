/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queueing returns whether this call took the PENDING bit; a pending item runs once. */
#include "probe.h"

TEST(queue_says_whether_it_was_pending)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("q", 0, 0);
	struct probe p;

	probe_init(&p);
	CHECK(wq != NULL);
	CHECK(wq_queue_work(wq, &p.work));
	gate_pass(&p.entered);
	CHECK(!wq_work_pending(&p.work));
	CHECK_UINT(wq_work_busy(&p.work), WORK_BUSY_RUNNING);
	CHECK(wq_queue_work(wq, &p.work));	/* running, not pending: again */
	CHECK(wq_work_pending(&p.work));
	CHECK(!wq_queue_work(wq, &p.work));
	CHECK_UINT(wq_work_busy(&p.work), WORK_BUSY_RUNNING | WORK_BUSY_PENDING);
	gate_open(&p.leave);
	gate_pass(&p.entered);
	CHECK_INT(probe_runs(&p), 1);
	gate_open(&p.leave);
	wq_flush_work(&p.work);
	CHECK_INT(probe_runs(&p), 2);
	CHECK_INT(p.most_inside, 1);
	CHECK(!wq_flush_work(&p.work));		/* idle: nothing to wait for */
	CHECK_UINT(wq_work_busy(&p.work), 0);
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(per_cpu_items_run_on_their_cpu)
{
	for (int cpu = 0; cpu < (int)sysconf(_SC_NPROCESSORS_ONLN); cpu++) {
		struct probe p;

		probe_init(&p);
		gate_open(&p.leave);
		CHECK(wq_queue_work_on(cpu, wq_system_percpu_wq, &p.work));
		wq_flush_work(&p.work);
		CHECK_INT(p.runs, 1);
		CHECK_INT(p.cpu, cpu);
	}
}
END

TEST(a_static_item_and_the_data_encoding)
{
	static struct counter c = { WQ_WORK_INITIALIZER(c.work, counter_func), 0 };

	CHECK_UINT(sizeof(struct work_struct), 4 * sizeof(void *));
	CHECK_UINT((unsigned long)c.work.data.counter, 0x7fffffffUL << 21);
	CHECK(wq_schedule_work(&c.work));
	wq_flush_work(&c.work);
	CHECK_INT(counter_runs(&c), 1);
	/* off the queue: the id of the pool it ran on, and no flags */
	CHECK_UINT((unsigned long)c.work.data.counter & 0x1fffff, 0);
	CHECK_UINT((unsigned long)c.work.data.counter >> 21 & 3, 2);	/* a CPU's normal pool */
}
END

static void free_work(struct work_struct *work)
{
	free(work);
}

TEST(the_function_may_free_its_item)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("free", WQ_UNBOUND, 0);

	for (int i = 0; i < 1000; i++) {
		struct work_struct *work = malloc(sizeof(*work));

		wq_init_work(work, free_work);
		CHECK(wq_queue_work(wq, work));
	}
	wq_destroy_workqueue(wq);
}
END

TESTS(queue_says_whether_it_was_pending, per_cpu_items_run_on_their_cpu,
      a_static_item_and_the_data_encoding, the_function_may_free_its_item)
