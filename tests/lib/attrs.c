/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes move an unbound queue's items to other CPUs; others are refused. */
#include <errno.h>

#include "probe.h"

TEST(the_cpumask_is_obeyed)
{
	struct workqueue_struct *wq = wq_alloc_workqueue("attrs", WQ_UNBOUND, 0);
	struct workqueue_attrs *attrs = wq_alloc_workqueue_attrs();
	int last = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;

	memset(attrs->cpumask, 0, sizeof(attrs->cpumask));
	attrs->cpumask->bits[0] = 1ul << last;
	CHECK_INT(wq_apply_workqueue_attrs(wq, attrs), 0);
	for (int i = 0; i < 20; i++) {
		struct probe p;

		probe_init(&p);
		gate_open(&p.leave);
		wq_queue_work_on(0, wq, &p.work);
		wq_flush_work(&p.work);
		CHECK_INT(p.cpu, last);
	}
	wq_free_workqueue_attrs(attrs);
	wq_destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TEST(wrong_ones_are_refused)
{
	struct workqueue_struct *bound = wq_alloc_workqueue("bound", 0, 0);
	struct workqueue_struct *wq = wq_alloc_workqueue("wrong", WQ_UNBOUND, 0);
	struct workqueue_attrs *attrs = wq_alloc_workqueue_attrs();
	struct cpumask none;

	CHECK_INT(wq_apply_workqueue_attrs(bound, attrs), -EINVAL);
	attrs->affn_scope = (enum wq_affn_scope)77;
	CHECK_INT(wq_apply_workqueue_attrs(wq, attrs), -EINVAL);
	CHECK_UINT(wq_misuse_count(), 2);
	memset(&none, 0, sizeof(none));
	CHECK_INT(wq_workqueue_unbound_set_cpumask(&none), -EINVAL);
	wq_free_workqueue_attrs(attrs);
	wq_destroy_workqueue(bound);
	wq_destroy_workqueue(wq);
}
END

static long on_cpu(void *arg)
{
	return *(int *)arg == sched_getcpu() ? 42 : -1;
}

static int seen[1024];

static void each_cpu(struct work_struct *work)
{
	(void)work;
	__atomic_add_fetch(&seen[sched_getcpu()], 1, __ATOMIC_RELAXED);
}

TEST(functions_run_on_given_cpus)
{
	int nr = (int)sysconf(_SC_NPROCESSORS_ONLN);

	for (int cpu = 0; cpu < nr; cpu++)
		CHECK_INT(wq_work_on_cpu(cpu, on_cpu, &cpu), 42);
	CHECK_INT(wq_schedule_on_each_cpu(each_cpu), 0);
	for (int cpu = 0; cpu < nr; cpu++)
		CHECK_INT(seen[cpu], 1);
}
END

TEST(parameters_are_checked)
{
	char value[64];

	CHECK_INT(wq_param_set("nonsense", "1"), -ENOENT);
	CHECK_INT(wq_param_set("cpu_intensive_thresh_us", "x"), -EINVAL);
	CHECK_INT(wq_param_set("default_affinity_scope", "default"), -EINVAL);
	CHECK_INT(wq_param_set("default_affinity_scope", "numa"), 0);
	CHECK_INT(wq_param_get("default_affinity_scope", value, sizeof(value)), 0);
	CHECK_STR(value, "numa");
	CHECK_INT(wq_param_get("watchdog_thresh", value, sizeof(value)), 0);
	CHECK_STR(value, "30");
	wq_destroy_workqueue(wq_alloc_workqueue("start", WQ_UNBOUND, 0));
	CHECK_INT(wq_param_set("default_affinity_scope", "cpu"), -EPERM);
	CHECK_INT(wq_param_set("cpu_intensive_thresh_us", "20000"), 0);
}
END

TESTS(the_cpumask_is_obeyed, wrong_ones_are_refused, functions_run_on_given_cpus,
      parameters_are_checked)
