/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A draining queue takes items only from its own items, and drain ends when it is empty. */
#include "probe.h"

static struct chain {
	struct work_struct work;
	struct workqueue_struct *wq;
	int left, runs;
} chain;

static struct probe hold;

static void chain_func(struct work_struct *work)
{
	struct chain *c = (struct chain *)(void *)work;

	c->runs++;
	if (c->left-- > 0)
		wq_queue_work(c->wq, work);
}

static void do_drain(void *wq)
{
	wq_drain_workqueue(wq);
}

TEST(a_chain_of_items_runs_to_its_end)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("chain", 0, 1);

	chain.wq = wq;
	chain.left = 20;
	wq_init_work(&chain.work, chain_func);
	wq_queue_work(wq, &chain.work);
	wq_destroy_workqueue(wq);
	CHECK_INT(chain.runs, 21);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(others_are_refused_while_it_drains)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("drain", 0, 0);
	struct counter c;
	struct helper h;

	probe_init(&hold);
	counter_init(&c);
	wq_queue_work(wq, &hold.work);
	gate_pass(&hold.entered);
	helper_start(&h, do_drain, wq);
	/* queue_work() returns true although the item is dropped; pending is cleared again */
	while (!wq_misuse_count()) {
		if (!wq_queue_work(wq, &c.work))
			continue;
		if (!wq_misuse_count())
			wq_cancel_work_sync(&c.work);
		sched_yield();
	}
	CHECK(!wq_work_pending(&c.work));
	CHECK(!helper_done(&h));
	gate_open(&hold.leave);
	helper_join(&h);
	/* and accepted afterwards */
	CHECK(wq_queue_work(wq, &c.work));
	wq_flush_work(&c.work);
	CHECK(counter_runs(&c) >= 1);
	wq_destroy_workqueue(wq);
}
END

/*
 * Wherever the chains go on, and whoever takes over an idle CPU's items: the queue is empty when
 * it has been drained.
 */
#define NR_CHAINS 16
#define ROUNDS 1500

static void hop_func(struct work_struct *work)
{
	struct chain *c = (struct chain *)(void *)work;

	c->runs++;
	if (c->left-- > 0)
		wq_queue_work_on(c->left & 1, c->wq, work);
}

/* One item ends, and another one begins, in turn on two CPUs. */
static struct relay {
	struct work_struct work;
	struct workqueue_struct *wq;
	struct relay *next;
	int cpu, left, runs;
} relays[2];

static void relay_func(struct work_struct *work)
{
	struct relay *r = (struct relay *)(void *)work;

	__atomic_add_fetch(&r->runs, 1, __ATOMIC_RELAXED);
	if (r->left-- > 0)
		wq_queue_work_on(r->next->cpu, r->wq, &r->next->work);
}

TEST(chains_that_change_over_are_drained_too)
{
	static struct chain chains[NR_CHAINS];

	setenv("WQ_DEBUG", "steal", 1);
	for (int round = 0; round < ROUNDS; round++) {
		struct workqueue_struct *wq = wq_alloc_workqueue("hop", WQ_UNBOUND, 4);

		for (int i = 0; i < NR_CHAINS; i++) {
			chains[i].wq = wq;
			chains[i].left = 3;
			chains[i].runs = 0;
			wq_init_work(&chains[i].work, hop_func);
			CHECK(wq_queue_work_on(i & 1, wq, &chains[i].work));
		}
		wq_destroy_workqueue(wq);
		for (int i = 0; i < NR_CHAINS; i++)
			CHECK_INT(chains[i].runs, 4);
		CHECK_UINT(wq_misuse_count(), 0);
	}
}
END

TEST(chains_from_cpu_to_cpu_are_drained_too)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct workqueue_struct *wq = wq_alloc_workqueue("relay", WQ_PERCPU, 0);

		for (int i = 0; i < 2; i++) {
			relays[i] = (struct relay){ .wq = wq, .next = &relays[!i], .cpu = i,
						    .left = 3 };
			wq_init_work(&relays[i].work, relay_func);
		}
		CHECK(wq_queue_work_on(0, wq, &relays[0].work));
		wq_destroy_workqueue(wq);
		CHECK_INT(relays[0].runs, 4);
		CHECK_INT(relays[1].runs, 3);
		CHECK_UINT(wq_misuse_count(), 0);
	}
}
END

TESTS(a_chain_of_items_runs_to_its_end, chains_that_change_over_are_drained_too,
      chains_from_cpu_to_cpu_are_drained_too, others_are_refused_while_it_drains)
