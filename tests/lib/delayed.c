/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A delayed item is never early, is pending while armed, and can be modified,
 * flushed and cancelled.
 */
#include "probe.h"

#define N 20000

static struct timed {
	struct delayed_work dwork;
	uint64_t due;
	int runs, early;
} items[N];

static void timed_func(struct work_struct *work)
{
	struct timed *t = (struct timed *)(void *)work;

	t->early |= wq_ktime_get_ns() < t->due;
	t->runs++;
}

TEST(many_are_never_early_and_run_once)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("t", WQ_UNBOUND, 0);

	for (int i = 0; i < N; i++) {
		uint64_t ns = (uint64_t)(i * 7919 % N) * 4000;	/* 0 to 80 ms */

		wq_init_delayed_work(&items[i].dwork, timed_func);
		items[i].due = wq_ktime_get_ns() + ns;
		CHECK(wq_queue_delayed_work_ns(wq, &items[i].dwork, ns));
	}
	/* a long one keeps the wheel's upper levels in use, and is queued at once by the flush */
	for (int i = 0; i < N; i++)
		while (wq_delayed_work_pending(&items[i].dwork))
			sched_yield();
	wq_flush_workqueue(wq);
	for (int i = 0; i < N; i++) {
		CHECK_INT(items[i].runs, 1);
		CHECK_INT(items[i].early, 0);
	}
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(jiffies_and_zero_delay)
{
	struct probe p;
	uint64_t due;

	probe_init(&p);
	gate_open_n(&p.leave, 3);
	CHECK(wq_schedule_delayed_work(&p.dwork, 1000000));
	CHECK(wq_delayed_work_pending(&p.dwork));
	CHECK(!wq_schedule_delayed_work(&p.dwork, 0));	/* armed: pending */
	due = wq_ktime_get_ns() + 3000000;
	CHECK(wq_mod_delayed_work(wq_system_percpu_wq, &p.dwork, 3));
	gate_pass(&p.entered);
	CHECK(wq_ktime_get_ns() >= due);
	wq_flush_delayed_work(&p.dwork);	/* while it runs, it is queued where it runs */
	CHECK(wq_schedule_delayed_work_on(1, &p.dwork, 0));
	gate_pass(&p.entered);
	CHECK_INT(p.cpu, sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : 0);
	wq_flush_delayed_work(&p.dwork);
	CHECK_INT(probe_runs(&p), 2);
}
END

TEST(mod_says_whether_it_was_pending)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("mod", 0, 0);
	struct wq_counters n;
	struct probe p;

	probe_init(&p);
	gate_open_n(&p.leave, 2);
	CHECK(!wq_mod_delayed_work(wq, &p.dwork, 1000000));	/* idle: queued */
	CHECK(wq_mod_delayed_work(wq, &p.dwork, 2000000));	/* pending: changed */
	wq_workqueue_counters(wq, &n);
	CHECK_UINT(n.nr_armed, 1);
	CHECK(wq_mod_delayed_work(wq, &p.dwork, 0));		/* now */
	gate_pass(&p.entered);
	CHECK(wq_queue_delayed_work(wq, &p.dwork, 1000000));
	CHECK(wq_cancel_delayed_work_sync(&p.dwork));
	CHECK_INT(probe_runs(&p), 1);
	wq_workqueue_counters(wq, &n);
	CHECK_UINT(n.nr_armed, 0);
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(flush_runs_it_at_once_and_cancel_never)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("fd", 0, 0);
	struct probe p;

	probe_init(&p);
	gate_open_n(&p.leave, 1);
	CHECK(wq_queue_delayed_work(wq, &p.dwork, 10000000));
	CHECK(!wq_flush_work(&p.dwork.work));	/* does not see the timer */
	wq_flush_delayed_work(&p.dwork);
	CHECK_INT(probe_runs(&p), 1);
	CHECK(wq_queue_delayed_work(wq, &p.dwork, 10000000));
	CHECK(wq_cancel_delayed_work(&p.dwork));
	CHECK(!wq_cancel_delayed_work(&p.dwork));
	CHECK(wq_queue_delayed_work(wq, &p.dwork, ~0ul));	/* for ever: saturates */
	CHECK(wq_cancel_delayed_work_sync(&p.dwork));
	CHECK(!wq_delayed_work_pending(&p.dwork));
	wq_destroy_workqueue(wq);
	CHECK_INT(probe_runs(&p), 1);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

static struct gate fired = GATE_INIT;

static void on_timer(struct timer_list *timer)
{
	(void)timer;
	CHECK(wq_in_interrupt());
	gate_open(&fired);
}

TEST(plain_timers_fire)
{
	struct timer_list t;

	wq_timer_setup(&t, on_timer, 0);
	CHECK(!wq_timer_pending(&t));
	CHECK_INT(wq_mod_timer(&t, wq_get_jiffies() + 1000000), 0);
	CHECK(wq_timer_pending(&t));
	CHECK_INT(wq_mod_timer(&t, wq_get_jiffies() + 1), 1);
	gate_pass(&fired);
	CHECK_INT(wq_timer_delete_sync(&t), 0);
}
END

TESTS(many_are_never_early_and_run_once, jiffies_and_zero_delay, mod_says_whether_it_was_pending,
      flush_runs_it_at_once_and_cancel_never, plain_timers_fire)
