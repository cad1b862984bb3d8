/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A WQ_MEM_RECLAIM queue makes progress when no thread can be created: really none, by
 * RLIMIT_NPROC as a user who has no other process, or by the nospawn knob.
 */
#include <sys/resource.h>

#include "probe.h"

#define NR 40

static struct counter counters[NR];
static bool by_rescuer;

static void counting(struct work_struct *work)
{
	if (wq_current_is_workqueue_rescuer() && wq_current_is_workqueue_mem_reclaim())
		__atomic_store_n(&by_rescuer, true, __ATOMIC_RELAXED);
	counter_func(work);
}

static void run_on(struct workqueue_struct *wq)
{
	struct wq_counters n;

	for (int i = 0; i < NR; i++) {
		counter_init(&counters[i]);
		counters[i].work.func = counting;
		CHECK(wq_queue_work(wq, &counters[i].work));
	}
	wq_flush_workqueue(wq);
	for (int i = 0; i < NR; i++)
		CHECK_INT(counter_runs(&counters[i]), 1);
	wq_workqueue_counters(wq, &n);
	CHECK_UINT(n.completed, NR);
	CHECK(by_rescuer);
	CHECK(n.mayday > 0);
	CHECK(n.rescued > 0);
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}

TEST(the_rescuer_runs_items_when_the_knob_forbids_workers)
{
	setenv("WQ_DEBUG", "nospawn=1000000", 1);
	run_on(wq_alloc_workqueue("rescued", WQ_MEM_RECLAIM | WQ_UNBOUND, 0));
}
END

TEST(so_on_a_per_cpu_queue)
{
	setenv("WQ_DEBUG", "nospawn=1000000", 1);
	run_on(wq_alloc_workqueue("rescued", WQ_MEM_RECLAIM, 0));
}
END

TEST(an_ordered_queue_keeps_going)
{
	setenv("WQ_DEBUG", "nospawn=1000000", 1);
	run_on(wq_alloc_ordered_workqueue("rescued", WQ_MEM_RECLAIM));
}
END

TEST(thread_creation_really_fails)
{
	struct rlimit old, none;
	struct workqueue_struct *wq;

	if (getuid())
		return;		/* one's own uid has other processes: the limit would not say anything */
	/* privileged users are not limited */
	CHECK_INT(setgid(54321), 0);
	CHECK_INT(setuid(54321), 0);
	wq = wq_alloc_workqueue("rescued", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	CHECK(wq != NULL);
	CHECK_INT(getrlimit(RLIMIT_NPROC, &old), 0);
	none = old;
	none.rlim_cur = 1;
	CHECK_INT(setrlimit(RLIMIT_NPROC, &none), 0);
	CHECK(!wq_alloc_workqueue("refused", WQ_MEM_RECLAIM, 0));
	run_on(wq);
	CHECK_INT(setrlimit(RLIMIT_NPROC, &old), 0);	/* a sanitizer makes a thread at the end */
}
END

TESTS(the_rescuer_runs_items_when_the_knob_forbids_workers, so_on_a_per_cpu_queue,
      an_ordered_queue_keeps_going, thread_creation_really_fails)
