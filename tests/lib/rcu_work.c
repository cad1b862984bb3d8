/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An rcu_work item runs after a grace period: not while a reader that began before is inside. */
#include "probe.h"

static struct gate inside = GATE_INIT, leave = GATE_INIT;

static void reader(void *arg)
{
	(void)arg;
	wq_rcu_read_lock();
	wq_rcu_read_lock();
	gate_open(&inside);
	gate_pass(&leave);
	wq_rcu_read_unlock();
	wq_rcu_read_unlock();
}

static int ran;

static void rcu_fn(struct work_struct *work)
{
	CHECK(wq_to_rcu_work(work) != NULL);
	__atomic_store_n(&ran, 1, __ATOMIC_RELEASE);
}

TEST(it_waits_for_readers)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("rcu", 0, 0);
	struct rcu_work rwork;
	struct helper h;

	wq_init_rcu_work(&rwork, rcu_fn);
	helper_start(&h, reader, NULL);
	gate_pass(&inside);
	CHECK(wq_queue_rcu_work(wq, &rwork));
	CHECK(!wq_queue_rcu_work(wq, &rwork));
	for (int i = 0; i < 1000; i++)
		sched_yield();
	CHECK_INT(__atomic_load_n(&ran, __ATOMIC_ACQUIRE), 0);
	gate_open(&leave);
	helper_join(&h);
	wq_flush_rcu_work(&rwork);
	CHECK_INT(__atomic_load_n(&ran, __ATOMIC_ACQUIRE), 1);
	CHECK(!wq_flush_rcu_work(&rwork));
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(destroy_waits_for_the_grace_period)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("rcu", 0, 0);
	struct rcu_work rwork;

	wq_init_rcu_work(&rwork, rcu_fn);
	CHECK(wq_queue_rcu_work(wq, &rwork));
	wq_destroy_workqueue(wq);
	CHECK_INT(__atomic_load_n(&ran, __ATOMIC_ACQUIRE), 1);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(a_disabled_item_is_refused_with_a_warning)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("rcu", 0, 0);
	struct rcu_work rwork;

	wq_init_rcu_work(&rwork, rcu_fn);
	wq_disable_work(&rwork.work);
	CHECK(!wq_queue_rcu_work(wq, &rwork));
	CHECK_UINT(wq_misuse_count(), 1);
	wq_destroy_workqueue(wq);
}
END

TESTS(it_waits_for_readers, destroy_waits_for_the_grace_period,
      a_disabled_item_is_refused_with_a_warning)
