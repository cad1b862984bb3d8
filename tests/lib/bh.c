/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A WQ_BH queue's items run one at a time on their CPU, and blocking in one is a mistake. */
#include "probe.h"

static int inside, wrong;

static void bh_func(struct work_struct *work)
{
	if (__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) != 1 || !wq_in_interrupt() ||
	    sched_getcpu() != 0)
		wrong = 1;
	sched_yield();
	__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
	counter_func(work);
}

TEST(one_at_a_time)
{
	static struct counter c[100];

	for (int i = 0; i < 100; i++) {
		counter_init(&c[i]);
		c[i].work.func = bh_func;
		wq_queue_work_on(0, wq_system_bh_wq, &c[i].work);
	}
	for (int i = 0; i < 100; i++) {
		wq_flush_work(&c[i].work);
		CHECK_INT(counter_runs(&c[i]), 1);
	}
	CHECK_INT(wrong, 0);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

static void blocking(struct work_struct *work)
{
	(void)work;
	wq_block_begin();
	wq_block_end();
}

static struct execute_work ew;
static int executed;

static void in_context(struct work_struct *work)
{
	(void)work;
	executed += wq_in_interrupt() ? 100 : 1;
}

static void escape(struct work_struct *work)
{
	(void)work;
	CHECK_INT(wq_execute_in_process_context(in_context, &ew), 1);
}

TEST(blocking_is_counted_and_can_be_avoided)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("bh", WQ_BH | WQ_HIGHPRI, 0);
	struct work_struct work;

	CHECK(wq != NULL);
	wq_init_work(&work, blocking);
	wq_queue_work(wq, &work);
	wq_flush_work(&work);
	CHECK_UINT(wq_misuse_count(), 1);
	wq_init_work(&work, escape);
	wq_queue_work(wq, &work);
	wq_flush_work(&work);
	wq_flush_work(&ew.work);
	CHECK_INT(executed, 1);
	CHECK_INT(wq_execute_in_process_context(in_context, &ew), 0);
	CHECK_INT(executed, 2);
	wq_destroy_workqueue(wq);
}
END

TESTS(one_at_a_time, blocking_is_counted_and_can_be_avoided)
