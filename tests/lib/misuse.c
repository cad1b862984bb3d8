/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mistakes of callers are said in the kernel's words, once a place, and counted each time. */
#include "probe.h"
#include "stderr.h"

static void nothing(struct work_struct *work)
{
	(void)work;
}

/* Was that said once, in a line of its own, and is it all that was counted? */
static void said_once(const char *what, uint64_t times)
{
	char line[256];

	snprintf(line, sizeof(line), "%s\n", what);
	CHECK_INT(stderr_times(line), 1);
	CHECK_UINT(wq_misuse_count(), times);
}

TEST(enabling_once_too_often)
{
	struct work_struct work;

	stderr_catch();
	wq_init_work(&work, nothing);
	CHECK(wq_enable_work(&work));
	CHECK(wq_enable_work(&work));
	said_once("workqueue: work disable count underflowed", 2);
}
END

TEST(disabling_more_often_than_can_be_counted)
{
	struct work_struct work;

	stderr_catch();
	wq_init_work(&work, nothing);
	for (int i = 0; i < 65535; i++)
		wq_disable_work(&work);
	CHECK_UINT(wq_misuse_count(), 0);
	wq_disable_work(&work);
	said_once("workqueue: work disable count overflowed", 1);
	for (int i = 0; i < 65534; i++)
		CHECK(!wq_enable_work(&work));
	CHECK(wq_enable_work(&work));
	CHECK_UINT(wq_misuse_count(), 1);
}
END

TEST(a_cpu_that_never_was)
{
	struct counter c;

	stderr_catch();
	counter_init(&c);
	for (int i = 0; i < 2; i++) {
		CHECK(wq_schedule_work_on(WORK_CPU_UNBOUND - 1, &c.work));
		wq_flush_work(&c.work);
	}
	CHECK_INT(counter_runs(&c), 2);
	said_once("workqueue: CPU 1023 was never online", 2);
}
END

TEST(a_node_for_a_queue_that_is_not_unbound)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("bound", WQ_PERCPU, 0);
	struct counter c;

	stderr_catch();
	counter_init(&c);
	CHECK(wq_queue_work_node(0, wq, &c.work));
	wq_flush_work(&c.work);
	CHECK_INT(counter_runs(&c), 1);
	said_once("workqueue: queue_work_node() on bound, which is not WQ_UNBOUND", 1);
	wq_destroy_workqueue(wq);
}
END

/* The item of a queue that must make progress waits for one of a queue that may not. */
static struct workqueue_struct *slow;
static struct counter slow_item;
static struct probe hold;

static void wait_for_slow_item(struct work_struct *work)
{
	(void)work;
	wq_queue_work(slow, &slow_item.work);
	wq_flush_work(&slow_item.work);
}

static void wait_for_slow_queue(struct work_struct *work)
{
	(void)work;
	wq_flush_workqueue(slow);
}

static void run_once(struct workqueue_struct *wq, work_func_t func)
{
	struct work_struct work;

	wq_init_work(&work, func);
	CHECK(wq_queue_work(wq, &work));
	wq_flush_work(&work);
}

TEST(a_reclaiming_queue_that_waits_for_one_that_is_not)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("fast", WQ_MEM_RECLAIM, 0);
	struct workqueue_struct *old = wq_create_workqueue("old");

	stderr_catch();
	slow = wq_alloc_workqueue("slow", WQ_PERCPU, 0);
	wq_init_work(&slow_item.work, counter_func);
	run_once(old, wait_for_slow_item);
	CHECK_UINT(wq_misuse_count(), 0);
	run_once(wq, wait_for_slow_item);
	said_once("workqueue: WQ_MEM_RECLAIM fast:wait_for_slow_item is flushing !WQ_MEM_RECLAIM "
		  "slow:counter_func", 1);
	run_once(wq, wait_for_slow_item);
	said_once("workqueue: WQ_MEM_RECLAIM fast:wait_for_slow_item is flushing !WQ_MEM_RECLAIM "
		  "slow:counter_func", 2);
	wq_destroy_workqueue(wq);
	wq_destroy_workqueue(old);
	wq_destroy_workqueue(slow);
}
END

/* Which item it waits for is not known: as a null pointer in the kernel's words. */
TEST(a_reclaiming_queue_that_flushes_one_that_is_not)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("fast", WQ_MEM_RECLAIM, 0);
	struct work_struct work;

	stderr_catch();
	slow = wq_alloc_workqueue("slow", WQ_PERCPU, 0);
	probe_init(&hold);
	wq_queue_work(slow, &hold.work);
	gate_pass(&hold.entered);
	wq_init_work(&work, wait_for_slow_queue);
	wq_queue_work(wq, &work);
	while (!wq_misuse_count())
		sched_yield();
	gate_open(&hold.leave);
	wq_flush_work(&work);
	said_once("workqueue: WQ_MEM_RECLAIM fast:wait_for_slow_queue is flushing !WQ_MEM_RECLAIM "
		  "slow:0x0", 1);
	wq_destroy_workqueue(wq);
	wq_destroy_workqueue(slow);
}
END

TEST(a_wq_bh_queue_that_wants_too_much)
{
	stderr_catch();
	CHECK(!wq_alloc_workqueue("bh", WQ_BH | WQ_MEM_RECLAIM, 0));
	CHECK(!wq_alloc_workqueue("bh", WQ_BH, 1));
	said_once("workqueue: bh: WQ_BH allows only WQ_HIGHPRI, WQ_PERCPU and max_active 0", 2);
}
END

TEST(limits_of_queues_that_have_none)
{
	struct workqueue_struct *ordered = wq_alloc_ordered_workqueue("one", 0);
	struct workqueue_struct *bound = wq_alloc_workqueue("bound", WQ_PERCPU, 0);

	stderr_catch();
	wq_workqueue_set_max_active(ordered, 2);
	said_once("workqueue: workqueue_set_max_active() on one, which is ordered", 1);
	wq_workqueue_set_min_active(bound, 2);
	said_once("workqueue: workqueue_set_min_active() on bound, which is not WQ_UNBOUND", 2);
	wq_destroy_workqueue(ordered);
	wq_destroy_workqueue(bound);
}
END

/* No mistakes, but said. */
TEST(numbers_and_names_out_of_range)
{
	struct workqueue_struct *wq;

	stderr_catch();
	wq = wq_alloc_workqueue("many", WQ_PERCPU, 5000);
	CHECK(wq != NULL);
	wq_destroy_workqueue(wq);
	said_once("workqueue: max_active 5000 requested for many is out of range, clamping between 1 "
		  "and 2048", 0);
	wq = wq_alloc_workqueue("%s", WQ_PERCPU, 0, "a-name-that-is-longer-than-31-characters");
	CHECK(wq != NULL);
	wq_destroy_workqueue(wq);
	said_once("workqueue: name exceeds WQ_NAME_LEN. Truncating to: "
		  "a-name-that-is-longer-than-31-c", 0);
}
END

TEST(an_item_that_is_initialised_while_it_is_queued)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("twice", WQ_PERCPU, 1);
	struct workqueue_struct *other = wq_alloc_workqueue("other", WQ_PERCPU, 0);
	struct counter c;

	stderr_catch();
	probe_init(&hold);
	counter_init(&c);
	wq_queue_work(wq, &hold.work);
	gate_pass(&hold.entered);
	wq_queue_work(wq, &c.work);
	/* only the bit: the links stay, as of a queue that somebody forgot */
	__atomic_fetch_and(&c.work.data.counter, ~1l, __ATOMIC_RELAXED);
	CHECK(wq_queue_work(other, &c.work));
	said_once("workqueue: counter_func is queued on wq other but still linked: was it initialised "
		  "while pending?", 1);
	gate_open(&hold.leave);
	wq_destroy_workqueue(wq);
	wq_destroy_workqueue(other);
}
END

TESTS(enabling_once_too_often, disabling_more_often_than_can_be_counted, a_cpu_that_never_was,
      a_node_for_a_queue_that_is_not_unbound, a_reclaiming_queue_that_waits_for_one_that_is_not,
      a_reclaiming_queue_that_flushes_one_that_is_not, a_wq_bh_queue_that_wants_too_much,
      limits_of_queues_that_have_none, numbers_and_names_out_of_range,
      an_item_that_is_initialised_while_it_is_queued)
