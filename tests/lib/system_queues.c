/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system-wide queues, by the kernel's names: what each is like, and what is said of some. */
#include <linux/module.h>

#include <linux/bug.h>
#include <linux/workqueue.h>

#include "stderr.h"

/* libwq's own, as <wq/wq.h> has it */
uint64_t wq_misuse_count(void);
/* what __warn_flushing_systemwide_wq() is, without the compiler's warning */
void wq_warn_flushing_systemwide_wq(void);

static struct workqueue_struct *shown;

static void show_own_queue(struct work_struct *work)
{
	(void)work;
	show_one_workqueue(shown);
}

static void nothing(struct work_struct *work)
{
	(void)work;
}

/* Does an item of it see the queue in the kernel's grammar, with that name and these flags? */
static bool is_like(struct workqueue_struct *wq, const char *name, unsigned int flags)
{
	struct work_struct item;
	char line[64];
	int before;

	snprintf(line, sizeof(line), "workqueue %s: flags=0x%x\n", name, flags);
	before = stderr_times(line);
	INIT_WORK_ONSTACK(&item, show_own_queue);
	shown = wq;
	CHECK(queue_work(wq, &item));
	flush_work(&item);
	destroy_work_on_stack(&item);
	return stderr_times(line) == before + 1;
}

TEST(each_has_its_name_and_flags)
{
	stderr_catch();
	CHECK(is_like(system_wq, "events", WQ_PERCPU | __WQ_DEPRECATED));
	CHECK(is_like(system_percpu_wq, "events", WQ_PERCPU));
	CHECK(is_like(system_highpri_wq, "events_highpri", WQ_PERCPU | WQ_HIGHPRI));
	CHECK(is_like(system_long_wq, "events_long", WQ_PERCPU));
	CHECK(is_like(system_unbound_wq, "events_unbound", WQ_UNBOUND | __WQ_DEPRECATED));
	CHECK(is_like(system_dfl_wq, "events_unbound", WQ_UNBOUND));
	CHECK(is_like(system_dfl_long_wq, "events_dfl_long", WQ_UNBOUND));
	CHECK(is_like(system_freezable_wq, "events_freezable", WQ_PERCPU | WQ_FREEZABLE));
	CHECK(is_like(system_power_efficient_wq, "events_power_efficient",
		      WQ_PERCPU | WQ_POWER_EFFICIENT));
	CHECK(is_like(system_freezable_power_efficient_wq, "events_freezable_pwr_efficient",
		      WQ_PERCPU | WQ_POWER_EFFICIENT | WQ_FREEZABLE));
	CHECK(is_like(system_bh_wq, "events_bh", WQ_PERCPU | WQ_BH));
	CHECK(is_like(system_bh_highpri_wq, "events_bh_highpri", WQ_PERCPU | WQ_BH | WQ_HIGHPRI));
}
END

TEST(schedule_work_means_the_per_cpu_one)
{
	static DECLARE_WORK(item, show_own_queue);

	stderr_catch();
	shown = system_percpu_wq;
	CHECK(schedule_work(&item));
	flush_scheduled_work();
	CHECK_INT(stderr_times("workqueue events: flags=0x100\n"), 1);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(the_old_names_are_said_to_be_so_once)
{
	static DECLARE_WORK(item, nothing);

	stderr_catch();
	for (int i = 0; i < 3; i++) {
		CHECK(queue_work(system_wq, &item));
		flush_work(&item);
		CHECK(queue_work(system_unbound_wq, &item));
		flush_work(&item);
	}
	CHECK_INT(stderr_times("workqueue: work func nothing enqueued on deprecated workqueue. "
			       "Use system_{percpu|dfl}_wq instead.\n"), 1);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

/* The compiler warns as well, where it sees which one it is: of code that is optimised. */
TEST(flushing_one_is_warned_of)
{
	stderr_catch();
	wq_warn_flushing_systemwide_wq();
	CHECK_INT(stderr_times("WARNING: Flushing system-wide workqueues will be prohibited in near "
			       "future.\n"), 1);
	CHECK_UINT(wq_misuse_count(), 1);
	shown = alloc_workqueue("own", WQ_PERCPU, 0);
	flush_workqueue(shown);
	flush_scheduled_work();
	CHECK_UINT(wq_misuse_count(), 1);
	destroy_workqueue(shown);
}
END

TESTS(each_has_its_name_and_flags, schedule_work_means_the_per_cpu_one,
      the_old_names_are_said_to_be_so_once, flushing_one_is_warned_of)
