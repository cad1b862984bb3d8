/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ordered queue runs one item at a time, in the order of queueing, also
 * across new attributes.
 */
#include "probe.h"

#define N 3000

static struct seq {
	struct work_struct work;
	int number;
} items[N];

static int next, wrong, inside;

static void seq_func(struct work_struct *work)
{
	struct seq *s = (struct seq *)(void *)work;

	if (__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) != 1)
		__atomic_store_n(&wrong, 1, __ATOMIC_RELAXED);
	if (s->number != __atomic_load_n(&next, __ATOMIC_RELAXED))
		__atomic_store_n(&wrong, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&next, s->number + 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
}

static void queue_all(struct workqueue_struct *wq, bool change)
{
	struct workqueue_attrs *attrs = wq_alloc_workqueue_attrs();

	next = wrong = inside = 0;
	for (int i = 0; i < N; i++) {
		items[i].number = i;
		wq_init_work(&items[i].work, seq_func);
		CHECK(wq_queue_work_on(i & 1, wq, &items[i].work));
		if (change && i % 100 == 99) {
			attrs->affn_scope = i / 100 % 2 ? WQ_AFFN_CPU : WQ_AFFN_SYSTEM;
			attrs->nice = i / 100 % 3;
			CHECK_INT(wq_apply_workqueue_attrs(wq, attrs), 0);
		}
	}
	wq_flush_workqueue(wq);
	CHECK_INT(next, N);
	CHECK_INT(wrong, 0);
	wq_free_workqueue_attrs(attrs);
}

TEST(items_run_in_order)
{
	struct workqueue_struct *wq = wq_alloc_ordered_workqueue("ord%d", WQ_MEM_RECLAIM, 1);

	queue_all(wq, false);
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(new_attributes_keep_the_order)
{
	struct workqueue_struct *wq = wq_alloc_ordered_workqueue("ord", 0);

	queue_all(wq, true);
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(its_max_active_cannot_be_changed)
{
	struct workqueue_struct *wq = wq_create_singlethread_workqueue("single");

	wq_workqueue_set_max_active(wq, 4);
	CHECK_UINT(wq_misuse_count(), 1);
	queue_all(wq, false);
	wq_destroy_workqueue(wq);
}
END

TESTS(items_run_in_order, new_attributes_keep_the_order, its_max_active_cannot_be_changed)
