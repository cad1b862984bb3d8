/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the kernel's that are seldom used: who does what, and who keeps off which CPUs. */
#include <linux/module.h>

#include <linux/cpumask.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "said.h"

static pid_t worker_pid;
static char info[128];

static void describe(struct probe *p)
{
	(void)p;
	worker_pid = current->pid;
	print_worker_info(KERN_INFO, current);
	set_worker_desc("flush-%d:%d", 8, 16);
	print_worker_info(KERN_INFO, current);
	dump_stack();
	CHECK(wq_worker_info(0, info, sizeof(info)));
}

TEST(a_worker_is_described)
{
	struct workqueue_struct *wq = alloc_workqueue("described", WQ_UNBOUND, 0);
	struct task_struct worker = { .pid = 0 };
	struct probe p;
	char small[12];

	said_begin();
	print_worker_info(KERN_INFO, current);		/* no worker: nothing */
	probe_init(&p);
	p.then = describe;
	queue_work(wq, &p.work);
	gate_pass(&p.entered);
	CHECK(said_next());
	CHECK_STR(said_line, "Workqueue: described probe_func");
	CHECK(said_next());
	CHECK_STR(said_line, "Workqueue: described probe_func (flush-8:16)");
	CHECK(said_next());
	CHECK(said_matches("^CPU: [0-9]+ PID: [0-9]+ Comm: kworker/u"));
	CHECK(said_next());
	CHECK_STR(said_line, "Workqueue: described probe_func (flush-8:16)");
	CHECK_STR(info, said_line);
	/* from another thread */
	worker.pid = worker_pid;
	print_worker_info(KERN_INFO, &worker);
	CHECK(said_next());
	CHECK_STR(said_line, info);
	CHECK(wq_worker_info(worker_pid, small, sizeof(small)));
	CHECK_STR(small, "Workqueue: ");
	gate_open(&p.leave);
	flush_work(&p.work);
	CHECK(!wq_worker_info(worker_pid, info, sizeof(info)));
	CHECK_STR(info, "");
	destroy_workqueue(wq);
}
END

static int run_from(struct workqueue_struct *wq, unsigned int cpu)
{
	struct probe p;

	probe_init(&p);
	gate_open(&p.leave);
	queue_work_on((int)cpu, wq, &p.work);
	flush_work(&p.work);
	return p.cpu;
}

TEST(unbound_queues_keep_off_isolated_cpus)
{
	struct workqueue_struct *wq = alloc_workqueue("isolated", WQ_UNBOUND, 0);
	unsigned int first = cpumask_first(cpu_online_mask);
	unsigned int next = cpumask_next((int)first, cpu_online_mask);
	struct cpumask none;

	cpumask_clear(&none);
	if (next < nr_cpu_ids) {
		for (int i = 0; i < 5; i++) {
			CHECK_INT(workqueue_unbound_housekeeping_update(cpumask_of(next)), 0);
			CHECK_INT(run_from(wq, first), (int)next);
			/* what would leave none is ignored */
			CHECK_INT(wq_workqueue_unbound_set_cpumask(cpumask_of(first)), 0);
			CHECK_INT(run_from(wq, next), (int)first);
			CHECK_INT(workqueue_unbound_exclude_cpumask(cpumask_of(first)), 0);
			CHECK_INT(run_from(wq, next), (int)first);
			CHECK_INT(wq_workqueue_unbound_set_cpumask(cpu_online_mask), 0);
			CHECK_INT(workqueue_unbound_exclude_cpumask(cpumask_of(first)), 0);
			CHECK_INT(run_from(wq, first), (int)next);
			CHECK_INT(workqueue_unbound_exclude_cpumask(&none), 0);
		}
	}
	CHECK_INT(workqueue_unbound_exclude_cpumask(cpu_possible_mask), 0);
	run_from(wq, first);
	destroy_workqueue(wq);
}
END

TEST(registering_with_sysfs_is_no_error)
{
	struct workqueue_struct *wq = alloc_workqueue("sysfs", WQ_UNBOUND | WQ_SYSFS, 0);

	CHECK(wq != NULL);
	CHECK_INT(workqueue_sysfs_register(wq), 0);
	destroy_workqueue(wq);
	CHECK_UINT(wq_misuse_count(), 0);
}
END

TESTS(a_worker_is_described, unbound_queues_keep_off_isolated_cpus,
      registering_with_sysfs_is_no_error)
