/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grace periods in the child of a fork: its parent's are not there, its own end. */
#include <sys/wait.h>

#include "probe.h"

static struct gate gate1 = GATE_INIT, gate2 = GATE_INIT, reached1 = GATE_INIT, reached2 = GATE_INIT;
static int ran;

static void count_rcu(struct rcu_head *head)
{
	(void)head;
	__atomic_add_fetch(&ran, 1, __ATOMIC_RELAXED);
}

/* Exit status 0 if fn() says so; a child that hangs is ended. */
static void check_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (!pid) {
		alarm(30);
		_exit(fn());
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
}

static int call_and_wait(void)
{
	struct rcu_head head;

	ran = 0;
	wq_call_rcu(&head, count_rcu);
	wq_rcu_barrier();
	return ran != 1;
}

TEST(callbacks_run_without_any_queue)
{
	CHECK_INT(call_and_wait(), 0);
	check_child(call_and_wait);
	CHECK_INT(call_and_wait(), 0);
}
END

static void read_until_told(void *arg)
{
	(void)arg;
	wq_rcu_read_lock();
	gate_open(&reached1);
	gate_pass(&gate1);
	wq_rcu_read_unlock();
}

static int synchronize(void)
{
	wq_synchronize_rcu();
	return 0;
}

TEST(readers_of_the_parent_do_not_count)
{
	struct helper h;

	helper_start(&h, read_until_told, NULL);
	gate_pass(&reached1);
	check_child(synchronize);
	gate_open(&gate1);
	helper_join(&h);
}
END

static void stop1(struct rcu_head *head)
{
	(void)head;
	gate_open(&reached1);
	gate_pass(&gate1);
}

static void stop2(struct rcu_head *head)
{
	(void)head;
	gate_open(&reached2);
	gate_pass(&gate2);
}

static struct workqueue_struct *wq;
static struct rcu_work taken, later;
static int items;

static void count_item(struct work_struct *work)
{
	(void)work;
	__atomic_add_fetch(&items, 1, __ATOMIC_RELAXED);
}

static int queue_again(void)
{
	if (wq_work_pending(&taken.work) || wq_work_pending(&later.work))
		return 1;
	if (!wq_queue_rcu_work(wq, &taken) || !wq_queue_rcu_work(wq, &later))
		return 2;
	wq_flush_rcu_work(&taken);
	wq_flush_rcu_work(&later);
	if (items != 2)
		return 3;
	wq_destroy_workqueue(wq);
	return 0;
}

/* One item is behind a callback that runs: its grace period is over. The other one came later. */
TEST(items_of_a_batch_that_runs_are_not_pending)
{
	struct rcu_head head1, head2;

	wq = wq_alloc_workqueue("rcu", 0, 0);
	wq_init_rcu_work(&taken, count_item);
	wq_init_rcu_work(&later, count_item);
	wq_call_rcu(&head1, stop1);
	gate_pass(&reached1);
	wq_call_rcu(&head2, stop2);
	CHECK(wq_queue_rcu_work(wq, &taken));
	gate_open(&gate1);
	gate_pass(&reached2);
	CHECK(wq_queue_rcu_work(wq, &later));
	check_child(queue_again);
	CHECK(wq_work_pending(&taken.work));
	gate_open(&gate2);
	wq_flush_rcu_work(&taken);
	wq_flush_rcu_work(&later);
	CHECK_INT(items, 2);
	wq_destroy_workqueue(wq);
}
END

/* Forks while grace periods end, wherever that thread is. */
static int queue_again_and_count(void)
{
	items = 0;
	return queue_again();
}

TEST(fork_in_the_middle_of_grace_periods)
{
	wq = wq_alloc_workqueue("rcu_busy", 0, 0);
	wq_init_rcu_work(&taken, count_item);
	wq_init_rcu_work(&later, count_item);
	for (int i = 0; i < 50; i++) {
		wq_queue_rcu_work(wq, &taken);
		wq_queue_rcu_work(wq, &later);
		check_child(queue_again_and_count);
	}
	wq_flush_rcu_work(&taken);
	wq_flush_rcu_work(&later);
	wq_destroy_workqueue(wq);
}
END

int main(void)
{
	const TTest *const tests[] = {
		callbacks_run_without_any_queue, readers_of_the_parent_do_not_count,
		items_of_a_batch_that_runs_are_not_pending, fork_in_the_middle_of_grace_periods, NULL,
	};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	puts("1..0 # SKIP a sanitizer's own locks do not survive fork() of a process with threads");
	return 0;
#endif
	return run_tests(__FILE__, tests);
}
