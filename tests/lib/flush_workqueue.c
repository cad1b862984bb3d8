/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flush_workqueue() waits for what is queued at its call, and not for what comes later. */
#include "probe.h"

static void do_flush(void *wq)
{
	wq_flush_workqueue(wq);
}

TEST(later_items_do_not_hold_it_up)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("fl", WQ_UNBOUND, 0);
	struct probe a, b;
	struct helper h;

	probe_init(&a);
	probe_init(&b);
	wq_queue_work(wq, &a.work);
	gate_pass(&a.entered);
	helper_start(&h, do_flush, wq);
	CHECK(!helper_done(&h));
	/*
	 * b is queued behind a second flush colour or waited for; a's end must
	 * be enough once b is later
	 */
	gate_open(&a.leave);
	helper_join(&h);
	wq_queue_work(wq, &b.work);
	gate_pass(&b.entered);
	CHECK_INT(probe_runs(&a), 1);
	CHECK_INT(probe_runs(&b), 0);
	gate_open(&b.leave);
	wq_destroy_workqueue(wq);
}
END

/* An item that queues itself for ever would hold up a drain, but not a flush. */
static struct {
	struct work_struct work;
	struct workqueue_struct *wq;
	int stop, runs;
} again;

static void again_func(struct work_struct *work)
{
	__atomic_add_fetch(&again.runs, 1, __ATOMIC_RELAXED);
	if (!__atomic_load_n(&again.stop, __ATOMIC_RELAXED))
		wq_queue_work(again.wq, work);
}

TEST(an_item_that_requeues_itself_does_not_livelock_it)
{
	again.wq = wq_alloc_workqueue("again", 0, 0);
	wq_init_work(&again.work, again_func);
	wq_queue_work(again.wq, &again.work);
	for (int i = 0; i < 100; i++)
		wq_flush_workqueue(again.wq);
	CHECK(__atomic_load_n(&again.runs, __ATOMIC_RELAXED) >= 100);
	__atomic_store_n(&again.stop, 1, __ATOMIC_RELAXED);
	wq_destroy_workqueue(again.wq);
}
END

/* More flushers than colours: the rest waits on the overflow list. */
#define NR 40

static struct {
	struct workqueue_struct *wq;
	struct probe probe;
	struct helper helper;
	int broken;
} flusher[NR];

static void queue_and_flush(void *arg)
{
	int i = (int)(intptr_t)arg;

	wq_queue_work(flusher[i].wq, &flusher[i].probe.work);
	wq_flush_workqueue(flusher[i].wq);
	flusher[i].broken = probe_runs(&flusher[i].probe) != 1;
}

TEST(more_flushers_than_colours)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("colours", WQ_UNBOUND, WQ_MAX_ACTIVE);

	for (int i = 0; i < NR; i++) {
		flusher[i].wq = wq;
		probe_init(&flusher[i].probe);
		helper_start(&flusher[i].helper, queue_and_flush, (void *)(intptr_t)i);
		gate_pass(&flusher[i].probe.entered);
	}
	for (int i = 0; i < NR; i++)
		CHECK(!helper_done(&flusher[i].helper));
	for (int i = NR - 1; i >= 0; i--)
		gate_open(&flusher[i].probe.leave);
	for (int i = 0; i < NR; i++) {
		helper_join(&flusher[i].helper);
		CHECK(!flusher[i].broken);
	}
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TESTS(later_items_do_not_hold_it_up, an_item_that_requeues_itself_does_not_livelock_it,
      more_flushers_than_colours)
