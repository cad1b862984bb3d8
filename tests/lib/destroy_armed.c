/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * destroy_workqueue() with an armed item: counted, said with the function's
 * name, and run at once. In the kernel the timer would use the freed queue
 * later.
 */
#include <sys/wait.h>

#include "probe.h"
#include "stderr.h"

static int runs, polls;
static struct delayed_work poller;
static struct workqueue_struct *poll_wq;

static void forgotten_fn(struct work_struct *work)
{
	(void)work;
	runs++;
}

static void poll_fn(struct work_struct *work)
{
	(void)work;
	__atomic_add_fetch(&polls, 1, __ATOMIC_RELAXED);
	wq_queue_delayed_work(poll_wq, &poller, 1);
}

static void forget(void)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("forgetful", WQ_MEM_RECLAIM, 1);
	static struct delayed_work dw;

	wq_init_delayed_work(&dw, forgotten_fn);
	CHECK(wq_queue_delayed_work(wq, &dw, 100000000));
	wq_destroy_workqueue(wq);
}

TEST(an_armed_item_is_named_and_run)
{
	stderr_catch();
	forget();
	CHECK_INT(runs, 1);
	CHECK_UINT(wq_misuse_count(), 1);
	CHECK(strstr(stderr_caught(), "forgetful") != NULL);
	CHECK(strstr(stderr_caught(), "forgotten_fn") != NULL);	/* a static function */
}
END

TEST(a_poller_that_rearms_itself_cannot_hang_it)
{
	poll_wq = wq_alloc_workqueue("poll", WQ_UNBOUND, 0);
	wq_init_delayed_work(&poller, poll_fn);
	wq_queue_delayed_work(poll_wq, &poller, 1);
	while (__atomic_load_n(&polls, __ATOMIC_RELAXED) < 3)
		sched_yield();
	stderr_catch();
	wq_destroy_workqueue(poll_wq);
	CHECK(wq_misuse_count() >= 1);
	CHECK(strstr(stderr_caught(), "poll_fn") != NULL);
	CHECK(!wq_delayed_work_pending(&poller));
}
END

TESTS(an_armed_item_is_named_and_run, a_poller_that_rearms_itself_cannot_hang_it)
