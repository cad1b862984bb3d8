/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child of fork() begins empty and can use the library; the parent does not notice. */
#include <sys/wait.h>

#include "probe.h"

static struct workqueue_struct *wq, *reclaim;
static struct probe running, waiting;
static struct delayed_work armed;
static struct counter c;

/* In the child nothing of the parent's is queued; what is queued now runs. Exit status 0 if so. */
static int child(void)
{
	if (wq_work_pending(&waiting.work) || wq_delayed_work_pending(&armed))
		return 1;
	if (!wq_queue_work(wq, &c.work) || !wq_flush_work(&c.work))
		wq_flush_workqueue(wq);
	if (counter_runs(&c) != 1)
		return 2;
	gate_open(&waiting.leave);
	if (!wq_queue_work(reclaim, &waiting.work))
		return 3;
	wq_flush_work(&waiting.work);
	if (probe_runs(&waiting) != 1)
		return 4;
	if (!wq_queue_delayed_work(wq, &armed, 1))
		return 5;
	wq_flush_delayed_work(&armed);
	wq_destroy_workqueue(wq);
	wq_destroy_workqueue(reclaim);
	return wq_misuse_count() ? 6 : 0;
}

static void nothing(struct work_struct *work)
{
	(void)work;
}

TEST(the_child_begins_empty)
{
	int status;
	pid_t pid;

	wq = wq_alloc_workqueue("fork", WQ_UNBOUND, 1);
	reclaim = wq_alloc_workqueue("fork_r", WQ_MEM_RECLAIM, 1);
	probe_init(&running);
	probe_init(&waiting);
	counter_init(&c);
	wq_init_delayed_work(&armed, nothing);
	wq_queue_work(wq, &running.work);
	gate_pass(&running.entered);
	wq_queue_work(wq, &waiting.work);
	wq_queue_delayed_work(wq, &armed, 1000000);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		_exit(child());
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
	gate_open(&running.leave);
	gate_pass(&waiting.entered);
	gate_open(&waiting.leave);
	CHECK(wq_cancel_delayed_work_sync(&armed));
	wq_destroy_workqueue(wq);
	wq_destroy_workqueue(reclaim);
	CHECK_INT(probe_runs(&waiting), 1);
	CHECK_INT(counter_runs(&c), 0);
}
END

/* Forks while other threads queue: the child must find no lock held. */
static int stop;

static void keep_queueing(void *arg)
{
	struct counter mine;

	(void)arg;
	counter_init(&mine);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		wq_queue_work(wq, &mine.work);
	wq_flush_work(&mine.work);
}

TEST(fork_in_the_middle_of_work)
{
	struct helper h;

	wq = wq_alloc_workqueue("busy", WQ_UNBOUND, 0);
	helper_start(&h, keep_queueing, NULL);
	for (int i = 0; i < 20; i++) {
		int status;
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid) {
			counter_init(&c);
			wq_queue_work(wq, &c.work);
			wq_flush_workqueue(wq);
			_exit(counter_runs(&c) != 1);
		}
		CHECK_INT(waitpid(pid, &status, 0), pid);
		CHECK(WIFEXITED(status));
		CHECK_INT(WEXITSTATUS(status), 0);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	helper_join(&h);
	wq_destroy_workqueue(wq);
}
END

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
int main(void)
{
	(void)the_child_begins_empty;
	(void)fork_in_the_middle_of_work;
	puts("1..0 # SKIP a sanitizer's own locks do not survive fork() of a process with threads");
	return 0;
}
#else
TESTS(the_child_begins_empty, fork_in_the_middle_of_work)
#endif
