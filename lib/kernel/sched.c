/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sched.c - which thread and which CPU is this? */
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include <wq/wq.h>

/* Read anew by each call: a fork changes the numbers, and a thread may change its name. */
struct task_struct *get_current(void)
{
	static __thread struct task_struct task __attribute__((tls_model("initial-exec")));

	task.pid = (pid_t)syscall(SYS_gettid);
	task.tgid = getpid();
	task.flags = wq_current_work() ? PF_WQ_WORKER : 0;
	prctl(PR_GET_NAME, task.comm, 0, 0, 0);
	return &task;
}

void print_worker_info(const char *log_lvl, struct task_struct *task)
{
	char info[256];

	if (wq_worker_info(task->pid, info, sizeof(info)))
		printk("%s%s\n", log_lvl, info);
}

int smp_processor_id(void)
{
	int cpu = sched_getcpu();

	return cpu < 0 ? 0 : cpu;
}

void yield(void)
{
	sched_yield();
}
